"""Complete history and deletions, through refreshes of a feed that grows, is edited, and loses entries."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import feedparser
import pytest
from lxml import etree

from feedhub import Hub, load
from feedhub.stories.explain import lines
from program import tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOME = "https://press.example/"
DAY = datetime(2018, 5, 10, tzinfo=UTC)
CONFIG = """
[site]
title = "Press"
url = "https://press.example/"

[stories]
near_duplicates = {stories}
events = {stories}

[[source]]
id = "s"
url = "feed.xml"

[[edition]]
slug = "all"
title = "All"
limit = 4
history = true
deletions = true

[[edition]]
slug = "plain"
title = "Plain"
limit = 4
"""


class Press:
    """An installation whose only source lists the newest of its entries, which are numbered."""

    def __init__(self, folder: Path, *, stories: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        (folder / "config.toml").write_text(CONFIG.format(stories=str(stories).lower()))

    def feed(self, numbers: Iterable[int], edited: Iterable[int] = ()) -> None:
        edited = set(edited)
        items = "".join(
            f"<item><guid>urn:x-test:{number}</guid><title>Number {number}{' edited' * (number in edited)}</title>"
            f"<link>https://s.example/{number}</link>"
            f"<pubDate>{DAY + timedelta(hours=number):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for number in sorted(numbers, reverse=True)
        )
        (self.folder / "feed.xml").write_text(f'<rss version="2.0"><channel><title>S</title>{items}</channel></rss>')

    def refresh(self, numbers: Iterable[int], edited: Iterable[int] = ()) -> tuple[str, ...]:
        """Refresh from a feed that lists these entries, and return what was written."""
        self.feed(numbers, edited)
        with Hub(load(self.folder / "config.toml")) as hub:
            assert all(result.failure is None for result in hub.refresh())
            return hub.publish().written

    def published(self) -> dict[str, bytes]:
        return {name: body for name, (body, _) in tree(self.folder / "published").items()}

    def archives(self) -> dict[str, bytes]:
        return {name: body for name, body in self.published().items() if "--archive-" in name}

    def history(self) -> list[tuple[str, list[int]]]:
        """Return the documents from the subscription back, each with the numbers of its entries."""
        bodies, path, found = self.published(), "all.atom", []
        while path:
            feed = feedparser.parse(BytesIO(bodies[path]))
            found.append((path, [int(entry.id.rpartition(":")[2]) for entry in feed.entries]))
            path = next((link.href for link in feed.feed.links if link.rel == "prev-archive"), "").removeprefix(HOME)
        return found


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path / "press")


@pytest.mark.parametrize("stories", [False, True])
def test_archives_never_change_and_nothing_is_lost(tmp_path: Path, *, stories: bool) -> None:
    press = Press(tmp_path / "press", stories=stories)
    known: dict[str, bytes] = {}
    for newest in range(1, 31):
        press.refresh(range(max(0, newest - 9), newest + 1), edited=range(newest - 8, newest, 3))
        archives = press.archives()
        assert known.items() <= archives.items()
        known = archives
        history = press.history()
        assert {number for _, numbers in history for number in numbers} == set(range(newest + 1))
        put_away = [number for _, numbers in history[1:] for number in numbers]
        assert len(put_away) == len(set(put_away))
        assert 4 <= len(history[0][1]) < 8 or newest < 4
    assert [path for path, _ in history] == ["all.atom", *(f"all--archive-{n}.atom" for n in range(6, 0, -1))]
    assert len(known) == 6 * 3
    assert not any(name.startswith("plain--") for name in press.published())


def test_much_at_once_is_put_away_at_once(press: Press) -> None:
    written = press.refresh(range(40))
    assert len([path for path in written if "--archive-" in path]) == 9 * 3
    history = press.history()
    assert len(history) == 10
    assert [number for _, numbers in history for number in numbers] == list(range(39, -1, -1))
    assert press.refresh(range(40)) == ()


def test_a_lost_folder_and_a_rebuild_give_the_same_bytes(press: Press) -> None:
    for newest in range(5, 30, 5):
        press.refresh(range(newest), edited=range(0, newest, 4))
    before = press.published()
    assert len(press.archives()) == 5 * 3
    (press.folder / "published" / "all--archive-2.rss").unlink()
    (press.folder / "published" / "all--archive-3.json").write_text("{}")
    with Hub(load(press.folder / "config.toml")) as hub:
        hub.rebuild()
    assert press.published() == before
    other = Press(press.folder.with_name("other"))
    shutil.copytree(press.folder / "var", other.folder / "var")
    shutil.copy(press.folder / "feed.xml", other.folder)
    with Hub(load(other.folder / "config.toml")) as hub:
        hub.publish(force=True)
    assert other.published() == before


def test_a_lost_archive_comes_back_with_the_next_publication(press: Press) -> None:
    press.refresh(range(10))
    before = press.archives()
    (press.folder / "published" / "all--archive-1.atom").unlink()
    assert "all--archive-1.atom" in press.refresh(range(11))
    assert press.archives() == before


def test_an_edited_story_is_edited_in_the_subscription_alone(press: Press) -> None:
    press.refresh(range(10))
    before = press.archives()
    press.refresh(range(10), edited=[0, 9])
    assert press.archives() == before
    assert b"Number 9 edited" in press.published()["all.atom"]


def test_a_dry_run_puts_nothing_away(press: Press) -> None:
    press.feed(range(10))
    with Hub(load(press.folder / "config.toml")) as hub:
        list(hub.refresh())
        assert "all.atom" in hub.publish(dry_run=True).written
    assert not (press.folder / "published").exists()
    assert press.refresh(range(10)) != ()
    assert len(press.archives()) == 3


def test_what_a_source_takes_back_is_named_where_the_edition_asks_for_it(press: Press) -> None:
    press.refresh(range(12))
    left = [number for number in range(12) if number != 10]
    assert press.refresh(left) == ()
    written = press.refresh(left)
    assert {"all.atom", "all.rss", "all.json"} <= set(written)
    assert not any(path.startswith("plain") or "--archive-" in path for path in written)
    published = press.published()
    root = etree.fromstring(published["all.atom"])
    (tombstone,) = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert tombstone.get("ref") == "urn:x-test:10"
    assert root.findtext("{http://www.w3.org/2005/Atom}updated") == tombstone.get("when")
    for name in ("all.atom", "all.rss", "all.json"):
        assert b"https://s.example/10" not in published[name]
    with Hub(load(press.folder / "config.toml")) as hub:
        (explanation,) = hub.explain("urn:x-test:10")
        assert explanation.withdrawn is not None
        assert any(line.startswith("  taken back 20") for line in lines(explanation))
    plain = json.loads(published["plain.json"])
    assert "urn:x-test:10" in [item["id"] for item in plain["items"]]


def test_what_is_listed_again_is_shown_again(press: Press) -> None:
    press.refresh(range(12))
    left = [number for number in range(12) if number != 10]
    before = press.published()["all.json"]
    press.refresh(left)
    press.refresh(left)
    assert press.published()["all.json"] != before
    press.refresh(range(12))
    assert press.published()["all.json"] == before


def test_a_site_does_not_read_its_own_archives(press: Press) -> None:
    press.refresh(range(10))
    for name in ("all--archive-1.rss", "all.atom"):
        shutil.copy(press.folder / "published" / name, press.folder / "feed.xml")
        with Hub(load(press.folder / "config.toml")) as hub:
            (result,) = hub.refresh()
        assert result.failure is not None
        assert result.failure.code == "refused"


def test_an_archive_that_could_not_be_written_is_written_the_next_time(press: Press) -> None:
    in_the_way = press.folder / "published" / "all--archive-2.json"
    in_the_way.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        press.refresh(range(20))
    in_the_way.rmdir()
    press.refresh(range(20))
    history = press.history()
    assert [number for _, numbers in history for number in numbers] == list(range(19, -1, -1))
    assert len(press.archives()) == 4 * 3
