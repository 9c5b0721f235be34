"""What is exported comes back as it was."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as st

from feedhub.model import Site
from feedhub.model.subscription import Subscription
from feedhub.normalize.text import xml_safe
from feedhub.parse.opml import read
from feedhub.publish.opml import export

WORDS = st.text(max_size=30).map(xml_safe)
TAGS = st.lists(st.sampled_from(["a", "a/b", "a/b/c", "x,y", "/", "é ü", '"q"']) | WORDS, max_size=4).map(tuple)
SUBSCRIPTIONS = st.lists(
    st.builds(
        Subscription,
        url=st.from_regex(r"https?://[a-z]{1,3}\.example/[a-z?&=<>\"' ]{0,5}[a-z]", fullmatch=True)
        | st.from_regex(r"[a-z]{1,4}(/[a-z]{1,4})?\.xml", fullmatch=True),
        id=st.sampled_from(["", "one", "two-2"]),
        title=WORDS,
        link=WORDS,
        language=WORDS,
        tags=TAGS,
        enabled=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each.url,
)


@given(subscriptions=SUBSCRIPTIONS, names=st.dictionaries(st.just("https://a.example/x"), WORDS))
def test_what_is_exported_is_imported_the_same(subscriptions: list[Subscription], names: dict[str, str]) -> None:
    found = read(export(Site(title="t", url="http://localhost/"), subscriptions, names))
    assert sorted(found.subscriptions, key=lambda each: each.url) == sorted(subscriptions, key=lambda each: each.url)
    assert (found.repeated, found.left_out) == (0, ())


@given(
    body=st.recursive(
        st.fixed_dictionaries(
            {},
            optional={name: st.text("ab<&/:\n", max_size=5) for name in ("text", "xmlUrl", "url", "type", "category")},
        ),
        lambda inner: st.tuples(inner, st.lists(inner, max_size=3)),
        max_leaves=12,
    )
)
def test_any_well_formed_list_can_be_read(body: object) -> None:
    read(f"<opml><body>{_written(body)}</body></opml>".encode())


def _written(node: object) -> str:
    if isinstance(node, tuple):
        return f"<outline text='f'>{_written(node[0])}{''.join(map(_written, node[1]))}</outline>"
    assert isinstance(node, dict)
    return f"<outline {' '.join(f'{name}={quoteattr(value)}' for name, value in node.items())}/>"
