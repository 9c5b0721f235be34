"""What upsets other aggregators marks nothing as unread in a reader: every change but a new story is none to it."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from program import Program
from readers import CLIENTS
from serving import Serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from readers import Shown

FEED = """<rss version="2.0"><channel><title>{title}</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = """<item><guid isPermaLink="false">{guid}</guid><title>{title}</title><link>{link}</link>
<pubDate>Mon, 01 Jan 2024 {number:02}:00:00 GMT</pubDate><description>{text}</description></item>"""
EDITION = '[[edition]]\nslug = "few"\ntitle = "Few"\n'

Entry = dict[str, str]


def words(seed: int, count: int) -> str:
    """Return made-up words: no two entries tell the same, or of the same."""
    chance = random.Random(seed)  # noqa: S311 - the same words in every run
    return " ".join("".join(chance.choices("bcdfglmnprstvz", k=2)) + chance.choice("aeiou") * 2 for _ in range(count))


class World:
    """Two sources in files, ``a`` and ``b``, and an edition of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.titles = {"a": "Alpha", "b": "Beta"}
        self.entries: dict[str, dict[int, Entry]] = {"a": {}, "b": {}}
        self.silent: set[str] = set()
        for number in range(1, 7):
            self.add("ab"[number % 2], number)
        self.configure("")

    def add(self, source: str, number: int) -> None:
        link = f"https://{source}.example/{number}"
        text = words(number + 1000, 40)
        # Of one source subscribers see the ids, of the other one those that are made for it.
        guid = f"https://a.example/?p={number}" if source == "a" else str(number)
        self.entries[source][number] = {"guid": guid, "title": words(number, 6), "link": link, "text": text}

    def configure(self, options: str) -> None:
        Program(self.folder).configure(["a.rss", "b.rss"], extra=EDITION + options)

    def refresh(self) -> dict[str, str]:
        """Refresh, and return when each story of the edition was changed, by id."""
        for name, entries in self.entries.items():
            said = {} if name in self.silent else entries
            items = "".join(ITEM.format(number=number, **entry) for number, entry in sorted(said.items()))
            (self.folder / f"{name}.rss").write_text(FEED.format(title=self.titles[name], items=items))
        Program(self.folder).run("refresh", "--force")
        feed = json.loads((self.folder / "published" / "few.json").read_bytes())
        return {item["id"]: item["date_modified"] for item in feed["items"]}


def set_anew(world: World) -> None:
    """Let a server write its blanks and lines otherwise."""
    for entry in world.entries["a"].values():
        entry.update(title=f" {entry['title']}\n", text=entry["text"].replace(" ", "\n  ") + "\n")


def copied(world: World) -> None:
    first = world.entries["a"][4]
    world.entries["b"][13] = {**first, "guid": "13", "link": "https://b.example/copy"}


def merged(world: World) -> None:
    """Let two stories that were published turn out to be one."""
    world.entries["b"][12] |= {key: world.entries["a"][11][key] for key in ("title", "text", "link")}


def renamed_guids(world: World) -> None:
    for entry in world.entries["a"].values():
        entry["guid"] = f"new-{entry['guid']}"


def moved_links(world: World) -> None:
    for entry in world.entries["b"].values():
        entry["link"] = entry["link"].replace("//b.example", "//www.beta.example")


def tracked(world: World) -> None:
    for entry in world.entries["b"].values():
        entry.update(guid=f"x{entry['guid']}", link=f"{entry['link']}?utm_source=rss")


# What happens, and how many stories are new then.
CHANGES: list[tuple[str, Callable[[World], object], int]] = [
    ("begin", lambda _: None, 6),
    ("blanks", set_anew, 0),
    ("source renamed", lambda world: world.titles.update(a="Alpha Daily"), 0),
    ("copied", copied, 0),
    ("first teller took it back", lambda world: world.entries["a"].pop(4), 0),
    ("news", lambda world: [world.add("a", 11), world.add("b", 12)], 2),
    ("merged", merged, 0),
    ("titles", lambda world: world.configure('titles = "[{source}] {title}"\n'), 0),
    ("summaries", lambda world: world.configure('content = "summary"\nalso_covered = true\n'), 0),
    ("guids", renamed_guids, 0),
    ("links", moved_links, 0),
    ("guids and links", tracked, 0),
    ("empty", lambda world: world.silent.add("a"), 0),
    ("full again", lambda world: world.silent.clear(), 0),
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, str], dict[str, Shown]]]:
    return list(rounds(tmp_path_factory.mktemp("upheaval")))


def rounds(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, Shown]]]:
    """Yield what was published after each change, and what each reader showed then."""
    world = World(folder)
    world.refresh()
    with Serving(folder) as serving:
        present = {}
        for name, kind in CLIENTS.items():
            if not kind.missing:
                (folder / name).mkdir()
                present[name] = kind(folder / name, f"http://127.0.0.1:{serving.port}/few.{kind.form}")
        for _, change, _ in CHANGES:
            change(world)
            published = world.refresh()
            yield published, {name: client.poll() for name, client in present.items()}


def test_only_news_has_new_ids(history: list[tuple[dict[str, str], dict[str, Shown]]]) -> None:
    before: set[str] = set()
    known: set[str] = set()
    for (name, _, count), (published, _) in zip(CHANGES, history, strict=True):
        assert len(published.keys() - known) == count, name
        assert len(before - published.keys()) == (name == "merged"), name
        before = set(published)
        known |= before


def test_what_nobody_reads_moves_no_date(history: list[tuple[dict[str, str], dict[str, Shown]]]) -> None:
    dates = {name: published for (name, _, _), (published, _) in zip(CHANGES, history, strict=True)}
    assert dates["begin"] == dates["blanks"] == dates["source renamed"] == dates["copied"]
    assert dates["merged"] == dates["titles"] == dates["summaries"] == dates["guids"]
    assert dates["guids and links"] == dates["empty"] == dates["full again"]


@pytest.mark.parametrize("reader", list(CLIENTS))
def test_readers_mark_news_and_nothing_else(
    history: list[tuple[dict[str, str], dict[str, Shown]]], reader: str
) -> None:
    if missing := CLIENTS[reader].missing:
        pytest.skip(f"{missing} is not installed")
    known: set[str] = set()
    for (name, _, _), (published, shown) in zip(CHANGES, history, strict=True):
        if shown[reader].unread is not None:
            assert shown[reader].unread == published.keys() - known, name
        known |= published.keys()
        ids = [id_ for id_, _ in shown[reader].listed]
        assert set(ids) == known, name
        if reader != "sfeed":  # It lists an entry again when its title or link changed.
            assert len(ids) == len(known), name
