from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feedhub import ConfigError, load
from shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub import Config


def read(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text)
    return load(path)


def mistakes(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


def test_the_shipped_configuration_and_the_starter_have_no_mistakes(tmp_path: Path) -> None:
    assert len(load(ROOT / "config.toml").sources) == 9
    starter = (ROOT / "src/feedhub/starter.toml").read_text()
    config = read(tmp_path, starter)
    assert [source.id for source in config.sources] == ["www-rfc-editor-org-rfcrss-xml"]


def test_every_commented_line_of_the_starter_is_valid_too(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "a.xml").touch()
    starter = (ROOT / "src/feedhub/starter.toml").read_text()
    lines = [
        line.removeprefix("# ") if line.startswith(("# [", "# ")) and ("=" in line or line.startswith("# [")) else line
        for line in starter.splitlines()
    ]
    config = read(tmp_path, "\n".join(lines))
    assert len(config.sources) == 2
    assert len(config.tag_editions) == 1
    assert config.categories == {"web standards": "standards"}


def test_an_empty_file_is_a_configuration_with_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, "")
    assert config.store_path == tmp_path / "var/feedhub.sqlite"
    assert config.keep == timedelta(days=365)
    assert config.fetch.timeout == 20.0


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """
        [site]
        titel = "x"
        url = "example.org"
        [fetch]
        timeout = "soon"
        connections = "many"
        [stor]
        [[source]]
        url = "missing.xml"
        [[source]]
        id = "Bad Id"
        url = "https://example.org/feed"
        [[source]]
        url = "ftp://example.org/feed"
        [[tag]]
        name = "x"
        wrods = ["a"]
        [[tag]]
        name = "y"
        regex = "(?=a)"
        [[tag]]
        name = "z"
        tag = "x"
        [[edition]]
        slug = "a"
        [[edition]]
        slug = "b"
        title = "B"
        order = "newest"
        limit = 0
        formats = ["atom", "pdf"]
        filter = { any = [{ words = [] }, 3] }
        """,
    )
    assert "did you mean 'title'" in told["site.titel"]
    assert "ends in a slash" in told["site.url"]
    assert "'soon'" in told["fetch.timeout"]
    assert "'many'" in told["fetch.connections"]
    assert "did you mean 'store'" in told["stor"]
    assert "no file or folder 'missing.xml'" in told["source[missing.xml].url"]
    assert "lower-case letters" in told["source[Bad Id].id"]
    assert "neither http(s) nor a path" in told["source[ftp://example.org/feed].url"]
    assert "did you mean 'words'" in told["tag[x].wrods"]
    assert "RE2" in told["tag[y].regex"]
    assert "edition's filter" in told["tag[z].tag"]
    assert told["edition[a].title"] == "is missing"
    assert "'published', 'updated', 'first-seen'" in told["edition[b].order"]
    assert "0 is wrong" in told["edition[b].limit"]
    assert "'atom', 'rss', 'json'" in told["edition[b].formats"]
    assert "edition[b].filter.any[1].words" in told
    assert "edition[b].filter.any[2]" in told


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        ("[[source]]\nurl='https://a.example/'\n[[source]]\nurl='https://a.example/'", "source[a-example].id", "twice"),
        ("[[edition]]\nslug='a'\ntitle='A'\n[[edition]]\nslug='a'\ntitle='B'", "edition[a].slug", "twice"),
        ("[[edition]]\nslug='a'\ntitle='A'\neach_tag=true", "edition[a].slug", "{tag}"),
        ("[[edition]]\nslug='{tag}'\ntitle='A'", "edition[{tag}].slug", "{tag}"),
        ("site = 3", "site", "table"),
        ("source = 3", "source", "[[source]]"),
        ("[fetch]\ntimeout = 'forever'", "fetch.timeout", "a number and s"),
        ("[fetch]\npace = '1d'", "fetch.pace", "'0s' for no pause"),
        ("[fetch]\nsplit = ['example.org/x']", "fetch.split", "with a path"),
        ("[store]\nkeep = 3", "store.keep", "3 is wrong"),
        ("[[tag]]\nname='a'", "tag[a]", "kinds are"),
        ("x = [", "(file)", "not TOML"),
        ("[output]\npages = 'yes'", "output.pages", "'yes' is wrong: expected true or false, got a text"),
        ("[fetch]\nports = [80, 'x']", "fetch.ports", "[80, 'x'] is wrong: expected a whole number, got a text"),
        ("[fetch]\nper_host = 0", "fetch.per_host", "0 is wrong: expected a whole number >= 1"),
    ],
)
def test_single_mistakes(tmp_path: Path, text: str, key: str, part: str) -> None:
    assert part in mistakes(tmp_path, text)[key]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: No such file or directory; `feedhub init` writes one"):
        load(tmp_path / "none.toml")


def test_a_folder_is_as_many_sources_as_it_holds_feed_files(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    for name in ("b.rss", "a.atom", "notes.txt"):
        (tmp_path / "feeds" / name).touch()
    config = read(tmp_path, "[[source]]\nid='local'\nurl='feeds'\ntags=['x']")
    assert [(source.id, source.tags) for source in config.sources] == [("local.a", ("x",)), ("local.b", ("x",))]


def test_a_disabled_source_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "[[source]]\nurl='https://a.example/'\nenabled=false").sources == ()


def test_the_pace_of_requests(tmp_path: Path) -> None:
    assert read(tmp_path, "").fetch.pace == 1.0
    assert read(tmp_path, "[fetch]\npace='0s'").fetch.pace == 0.0
    fetch = read(tmp_path, "[fetch]\npace='2 m'\nsplit=['https://example.org/~anna/']").fetch
    assert (fetch.pace, fetch.split) == (120.0, ("https://example.org/~anna/",))


def test_forever_keeps_everything(tmp_path: Path) -> None:
    assert read(tmp_path, "[store]\nkeep='forever'").keep is None
