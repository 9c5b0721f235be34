"""Real feeds, all of them and as broken as they are, through a whole refresh from a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import feedparser
import pytest
from lxml import etree
from msgspec.structs import replace

from feedhub import Hub, load
from feedhub.model import Update
from shared import shared

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub import SourceResult
    from loopback import Origin

# Each part is a test of its own, so that they run beside each other.
PARTS = 6
MEDIA_TYPES = {".xml": "application/xml", ".json": "application/feed+json"}
# Attributes without quotes and a second name in the declaration: nobody reads an entry of it.
BROKEN = "45818f0956978631.xml"
ATOM = "{http://www.w3.org/2005/Atom}"


def feeds(part: int) -> list[Path]:
    files = sorted(path for path in shared("corpora/real").iterdir() if path.suffix in MEDIA_TYPES)
    assert len(files) > 200, "the corpus is not whole"
    return [file for file in files[part::PARTS] if file.name != BROKEN]


def configure(folder: Path, origin: Origin, files: list[Path]) -> Path:
    """Write a configuration that publishes every entry of the files."""
    sources = [f'[[source]]\nid = "{file.stem}"\nurl = "{origin.url(f"/{file.name}")}"\n' for file in files]
    config = folder / "config.toml"
    config.write_text(
        f"""
        [fetch]
        allow_private = ["{origin.address}"]
        per_host = 8
        [[tag]]
        name = "news"
        words = ["news", "new"]
        [[edition]]
        slug = "all"
        title = "All"
        limit = 10000
        [[edition]]
        slug = "tag/{{tag}}"
        title = "{{tag}}"
        each_tag = true
        """
        + "\n".join(sources)
    )
    return config


def told_apart(file: Path) -> int:
    """Count the entries that feedparser finds and that the feed tells apart.

    Two are one when they have the same guid and the same link, or, lacking either, the same guid or link and the same
    title and summary.
    """
    body = file.read_bytes()
    if file.suffix == ".json":
        items = json.loads(body)["items"]
        return len({(item["id"], item.get("url")) for item in items})
    entries = feedparser.parse(body, response_headers={"content-type": MEDIA_TYPES[file.suffix]}).entries
    return len(
        {
            (entry.id, entry.link)
            if entry.get("id") and entry.get("link")
            else (entry.get("id") or entry.get("link"), entry.get("title"), entry.get("summary"))
            for entry in entries
        }
    )


def refresh(hub: Hub, *, force: bool = False) -> dict[str, SourceResult]:
    """Refresh, and return the results of the sources, none of which may have failed."""
    results = {result.source_id: result for result in hub.refresh(force=force)}
    assert {source_id: result.failure for source_id, result in results.items() if result.failure} == {}
    return results


def forget_validators(hub: Hub) -> None:
    """Make the store forget all that would let a document go unsent or unread."""
    hub.store.apply(
        Update(state=replace(state, etag="", last_modified="", body_hash="")) for state in hub.states().values()
    )


def files_below(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def published_counts(folder: Path) -> dict[str, int]:
    """Count the entries of the edition of everything in each format; a document that is not well-formed raises."""
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False)
    return {
        "atom": len(etree.fromstring((folder / "all.atom").read_bytes(), parser).findall(f"{ATOM}entry")),
        "rss": len(etree.fromstring((folder / "all.rss").read_bytes(), parser).findall("channel/item")),
        "json": len(json.loads((folder / "all.json").read_bytes())["items"]),
    }


@pytest.mark.parametrize("part", range(PARTS))
def test_real_feeds_are_read_whole_and_published_once(part: int, origin: Origin, tmp_path: Path) -> None:
    files = feeds(part)
    for file in files:
        origin.serve(f"/{file.name}", file.read_bytes(), content_type=MEDIA_TYPES[file.suffix])
    with Hub(load(configure(tmp_path, origin, files))) as hub:
        results = refresh(hub)
        assert {name: result.new for name, result in results.items()} == {file.stem: told_apart(file) for file in files}

        assert hub.publish().written
        output = files_below(tmp_path / "published")
        stories = len(hub.stories())
        assert published_counts(tmp_path / "published") == {"atom": stories, "rss": stories, "json": stories}

        # Nothing has changed, and every server says so.
        assert {result.outcome for result in refresh(hub, force=True).values()} == {"unchanged"}
        assert hub.publish().written == ()
        assert files_below(tmp_path / "published") == output

        # And with every feed sent, read and published again.
        forget_validators(hub)
        assert {result.outcome for result in refresh(hub, force=True).values()} == {"unchanged"}
        assert hub.publish(force=True).written == ()
        assert files_below(tmp_path / "published") == output


def test_a_real_feed_of_which_nothing_can_be_read_is_a_failure(origin: Origin, tmp_path: Path) -> None:
    file = shared("corpora/real") / BROKEN
    assert b"<rss:item>" in file.read_bytes()
    assert told_apart(file) == 0
    origin.serve(f"/{file.name}", file.read_bytes())
    with Hub(load(configure(tmp_path, origin, [file]))) as hub:
        (result,) = hub.refresh()
    assert result.failure
    assert result.failure.code == "malformed"
