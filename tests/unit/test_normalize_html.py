from __future__ import annotations

import pytest

from feedhub.normalize.html import LONGEST, sanitise, to_text

BASE = "https://example.org/2024/post/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("plain words", "plain words"),
        ("a &amp; b &eacute;", "a &amp; b é"),
        ("a < b > c", "a &lt; b &gt; c"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<P ALIGN=left>one<BR>two</P>", "<p>one<br>two</p>"),
        ('<p class="x" id="y" style="z" onclick="w" lang="de" dir="ltr">a</p>', '<p lang="de" dir="ltr">a</p>'),
        ("<custom-tag>a<o:p>b</o:p></custom-tag>", "ab"),
        ("a<script>b</script><style>c</style><svg><title>d</title></svg>e<!-- f -->", "a  e"),
        ("<script src='x'/><p>kept</p>", "<p>kept</p>"),
        ("<strike>a</strike><tt>b</tt><center>c</center>", "<s>a</s><code>b</code><div>c</div>"),
        ("<details open><summary>a</summary>b</details>", '<details open=""><summary>a</summary>b</details>'),
        (
            "<table border=1><tr><td colspan=2>a<td>b</table>",
            '<table><tbody><tr><td colspan="2">a</td><td>b</td></tr></tbody></table>',
        ),
        ("<form><input name=a><button>b</button></form>", "<div>b</div>"),
        ("<pre>\n\n a</pre>", "<pre>\n\n a</pre>"),
        ("a&#13;b&#1;c\0", "a\nbc"),
    ],
)
def test_what_stays(html: str, expected: str) -> None:
    assert sanitise(html, BASE).split() == expected.split()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/x">a</a>', '<a href="https://example.org/x" rel="noopener noreferrer">a</a>'),
        (
            '<a href="x?a=1&amp;b">a</a>',
            '<a href="https://example.org/2024/post/x?a=1&amp;b" rel="noopener noreferrer">a</a>',
        ),
        ('<a href="#fn">a</a>', '<a href="https://example.org/2024/post/#fn" rel="noopener noreferrer">a</a>'),
        (
            '<a href="mailto:a@b.example?subject=c">a</a>',
            '<a href="mailto:a@b.example?subject=c" rel="noopener noreferrer">a</a>',
        ),
        ('<a href="javascript:x">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href="//[">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<img src="b.png" alt="c">', '<img src="https://example.org/2024/post/b.png" alt="c">'),
        ('<img src=" https://e.example/b c.png">', '<img src="https://e.example/b%20c.png">'),
        (
            '<video src="/v.mp4" poster="p.jpg" autoplay></video>',
            (
                '<video src="https://example.org/v.mp4" poster="https://example.org/2024/post/p.jpg"'
                ' controls="" preload="none"></video>'
            ),
        ),
        (
            '<audio><source src="/a.ogg" type="audio/ogg"><source></audio>',
            '<audio controls="" preload="none"><source src="https://example.org/a.ogg" type="audio/ogg"></audio>',
        ),
        ('<p title=\' href="/x"\'>src="/y"</p>', '<p>src="/y"</p>'),
    ],
)
def test_addresses_become_absolute(html: str, expected: str) -> None:
    assert sanitise(html, BASE) == expected


def test_without_a_base_relative_addresses_go() -> None:
    assert sanitise('<a href="/x">a</a><img src="y.png">') == '<a rel="noopener noreferrer">a</a>'


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://t.example/p.gif" width="1" height="1">',
        '<img src="https://t.example/p.gif" width="1px" height="1">',
        '<img src="https://t.example/p.gif" width="0">',
        '<img src="https://t.example/p.gif" style="border:0; display: none">',
        '<img src="data:image/gif;base64,R0lGOD">',
        '<img src="mailto:a@b.example">',
        '<img alt="nothing">',
    ],
)
def test_images_that_show_nothing_go(image: str) -> None:
    assert sanitise(f"<p>a{image}b</p>", BASE) == "<p>ab</p>"


def test_images_that_show_something_stay() -> None:
    wide = '<img src="https://e.example/line.png" width="600" height="1">'
    assert sanitise(wide) == wide
    lazy = '<img src="data:image/gif;base64,R0" data-src="/real.png" srcset="/2x.png 2x" alt="a">'
    assert sanitise(lazy, BASE) == '<img src="https://example.org/real.png" alt="a">'
    assert sanitise("<picture><source srcset='a.webp'><img src='a.png'></picture>", BASE).startswith("<img src=")


def test_frames_become_links() -> None:
    video = '<iframe width="560" src="//www.youtube.com/embed/abcdefghijk?rel=0" title="A &amp; B"></iframe>'
    expected = '<a href="https://www.youtube.com/watch?v=abcdefghijk" rel="noopener noreferrer">A &amp; B</a>'
    assert sanitise(video, BASE) == expected
    chart = '<IFRAME src="about:blank" data-src="https://chart.example/1?a=1&amp;b=2">no frames</IFRAME>'
    expected = '<a href="https://chart.example/1?a=1&amp;b=2" rel="noopener noreferrer">chart.example/1?a=1&amp;b=2</a>'
    assert sanitise(chart, BASE) == expected
    assert sanitise('a<iframe src="https://t.example" width="1" height="1"></iframe>') == "a"
    assert sanitise('a<iframe src="javascript:alert(1)"></iframe><iframe srcdoc="<script>"></iframe>') == "a"


@pytest.mark.parametrize("times", [1, 300])
def test_formulas_are_shown_once(times: int) -> None:
    formula = "<math><mi>x</mi></math>"
    assert to_text(sanitise(f"<p>{formula}, " * times)) == "x, " * (times - 1) + "x,"
    twice = f"<p>{formula}<span class='katex-html'>x</span>, "
    assert to_text(sanitise(twice * times)) == "x, " * (times - 1) + "x,"


def test_noscript_is_opened() -> None:
    assert sanitise("<noscript><pre><code>x</code></pre></noscript>") == "<pre><code>x</code></pre>"


@pytest.mark.parametrize(
    "html", ["", " ", "<p></p>", "<p>&nbsp;<br></p>", "<div><script>x</script></div>", "<!-- a -->"]
)
def test_what_shows_nothing_is_empty(html: str) -> None:
    assert sanitise(html, BASE) == ""


@pytest.mark.parametrize(
    "html",
    [
        "<p><button><p>a</button>",
        "<h1><b><h2>a</b>b",
        "<h1><table><h2>a",
        "<a href=/x><table><a href=/y>a",
        "<li><table><li>a",
        "<a href=/x>" + "<div>" * 9 + "<a href=/y>a",
        "<pre>&#13;a</pre>",
        "<p></p>&#xfeff;<b>a",
        "</a>\ufeff<b>a",
        "<pre><img src=x width=1 height=1>\n\na</pre>",
        "<ruby>a<rt>b<rt>c</ruby>",
        "<math><mi><p>a</math><a href=/x>b",
        "<table><tr><td>a</td>b<p>c</table>",
        '<video loop src="/a"><source src="b"></video><a title="x" href="/b">c</a>',
        "<b><p>a</b><i>b</p>c",
    ],
)
def test_once_is_enough(html: str) -> None:
    once = sanitise(html, BASE)
    assert once != ""
    assert sanitise(once) == once


def test_the_longest_fragment_is_bounded() -> None:
    cut = sanitise("<p>" + "word &amp; " * LONGEST + "</p>")
    assert LONGEST // 2 < len(cut) <= LONGEST
    assert cut.endswith("</p>")
    assert sanitise(cut) == cut
    text = sanitise("a" * (LONGEST + 9))
    assert text == "a" * LONGEST


@pytest.mark.parametrize("html", ["<" * LONGEST, "a&" * LONGEST, "<b>&lt;" * (LONGEST // 7), ">" * LONGEST])
def test_what_grows_stays_bounded_and_stable(html: str) -> None:
    once = sanitise(html)
    assert LONGEST // 2 < len(once) <= LONGEST
    assert sanitise(once) == once


def test_words_after_a_written_out_image_are_kept() -> None:
    image = f'<img src="data:image/png;base64,{"A" * 2 * LONGEST}">'
    assert sanitise(f"<p>before</p>{image}<p>after</p>") == "<p>before</p><p>after</p>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a < b & c", "a < b & c"),
        ("I <3 feeds; x<y", "I <3 feeds; x<y"),
        ("<p>Hello<b>wor</b>ld<p>again<br>and<td>again", "Helloworld again and again"),
        ("H<sub>2</sub>O", "H2O"),
        ("&lt;b&gt; &amp;amp; &#8364;&nbsp;5", "<b> &amp; € 5"),
        ("a<script>b</script>c<STYLE>d</STYLE >e", "a c e"),
        ("a<script>b", "a b"),
        ("a<!-- b > c -->d<!-->e<!DOCTYPE f><?g?>h", "adeh"),
        ("a<b\nclass='x'>b</b >c<br/>d", "abc d"),
        ("a\0\x1b[31mb", "a[31mb"),
        ("", ""),
    ],
)
def test_text_of_html(html: str, expected: str) -> None:
    assert to_text(html) == expected
