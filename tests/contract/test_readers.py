"""Feed readers subscribe to ``feedhub serve`` and see ten refreshes with news, edits, moves and deletions."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from program import Program
from readers import CLIENTS, Shown
from serving import Serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FEED = """<rss version="2.0"><channel><title>Feed</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = """<item><guid isPermaLink="false">{guid}</guid><title>{title}</title><link>{link}</link>
<pubDate>Mon, 01 Jan 2024 {number:02}:00:00 GMT</pubDate><description>{text}</description></item>"""
WINDOW, LIMIT = 12, 8


def words(seed: int, count: int) -> str:
    """Return made-up words: no two entries tell the same, or of the same."""
    chance = random.Random(seed)  # noqa: S311 - the same words in every run
    return " ".join("".join(chance.choices("bcdfglmnprstvz", k=2)) + chance.choice("aeiou") * 2 for _ in range(count))


@dataclass
class Source:
    """A feed in a file: entries by number, of which it lists the newest."""

    path: Path
    entries: dict[int, dict[str, str]] = field(default_factory=dict)

    def add(self, number: int) -> None:
        link = f"https://{self.path.stem}.example/{number}"
        text = words(number + 1000, 40)
        self.entries[number] = {"guid": str(number), "title": words(number, 6), "link": link, "text": text}

    def write(self) -> None:
        newest = sorted(self.entries.items(), reverse=True)[:WINDOW]
        items = "".join(ITEM.format(number=number, **entry) for number, entry in newest)
        self.path.write_text(FEED.format(items=items))


@dataclass
class World:
    """Two sources, and how they change from one refresh to the next."""

    folder: Path
    a: Source = field(init=False)
    b: Source = field(init=False)

    def __post_init__(self) -> None:
        self.a, self.b = Source(self.folder / "a.rss"), Source(self.folder / "b.rss")
        for number in range(1, 6):
            (self.a if number % 2 else self.b).add(number)
        self.configure("b.rss")

    def configure(self, b: str) -> None:
        extra = f'[[edition]]\nslug = "few"\ntitle = "Few"\nlimit = {LIMIT}\n'
        Program(self.folder).configure(["a.rss", b], extra=extra)

    def changes(self) -> list[Callable[[], object]]:
        """Return what happens before each refresh; ``None`` of them makes a story of what is one already."""
        a, b = self.a, self.b
        return [
            lambda: None,
            lambda: [a.add(6), b.add(7)],
            lambda: a.entries[5].update(title=words(105, 6)),
            lambda: b.entries[4].update(text=words(104, 40)),
            lambda: a.entries.pop(3),
            lambda: [a.entries[5].update(link="https://a.example/moved"), a.add(8)],
            self.move,
            lambda: None,
            lambda: [b.entries.update({9: dict(a.entries[8])}), a.add(10), a.add(11)],
            lambda: [a.add(number) for number in range(12, 18)],
        ]

    def move(self) -> None:
        self.b.path = self.folder / "c.rss"
        self.configure("c.rss")

    def refresh(self) -> None:
        self.a.write()
        self.b.write()
        Program(self.folder).run("refresh", "--force")


@dataclass
class Round:
    """What was published in one refresh, and what each reader showed after asking twice, with the statuses it got."""

    published: dict[str, str]
    shown: dict[str, tuple[Shown, Shown]] = field(default_factory=dict)
    statuses: dict[str, tuple[Counter[str], Counter[str]]] = field(default_factory=dict)


def statuses(serving: Serving) -> Counter[str]:
    figures = serving.get("/metrics").body.decode()
    told = dict(re.findall(r'requests_total\{status="(\d+)"\} (\d+)', figures))
    return Counter({status: int(told.get(status, 0)) for status in ("200", "226", "304", "404", "500")})


def rounds(folder: Path) -> Iterator[Round]:
    world = World(folder)
    world.refresh()
    with Serving(folder) as serving:
        present = {}
        for name, kind in CLIENTS.items():
            if not kind.missing:
                (folder / name).mkdir()
                present[name] = kind(folder / name, f"http://127.0.0.1:{serving.port}/few.{kind.form}")
        for number, change in enumerate(world.changes()):
            change()
            if number:
                world.refresh()
            feed = json.loads((folder / "published" / "few.json").read_bytes())
            made = Round(published={item["id"]: item["title"] for item in feed["items"]})
            for name, client in present.items():
                told = [statuses(serving)]
                shown = []
                for _ in range(2):
                    shown.append(client.poll())
                    told.append(statuses(serving))
                made.shown[name] = (shown[0], shown[1])
                # One /metrics is answered in each round.
                asked = [after - before - Counter({"200": 1}) for before, after in pairwise(told)]
                made.statuses[name] = (asked[0], asked[1])
            yield made


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> list[Round]:
    return list(rounds(tmp_path_factory.mktemp("readers")))


@pytest.fixture(params=list(CLIENTS))
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    if missing := CLIENTS[chosen].missing:
        pytest.skip(f"{missing} is not installed")
    return chosen


def test_the_edition_itself_tells_each_story_once(history: list[Round]) -> None:
    assert len(history) == 10
    ids = {id_ for made in history for id_ in made.published}
    assert len(ids) == 16, "seventeen entries, one of which another source repeats"


def test_nothing_is_lost_and_nothing_is_there_twice(history: list[Round], name: str) -> None:
    seen: dict[str, str] = {}
    versions: set[tuple[str, str]] = set()
    for made in history:
        seen |= made.published
        versions |= made.published.items()
        listed = made.shown[name][1].listed
        if name == "sfeed":
            # It lists an entry again when its title or link changed.
            assert {id_ for id_, _ in listed} == seen.keys()
            assert set(listed) == versions
            continue
        assert Counter(id_ for id_, _ in listed) == Counter(seen.keys())
        assert made.published.items() <= dict(listed).items()


def test_only_new_stories_are_marked_as_unread(history: list[Round], name: str) -> None:
    known: set[str] = set()
    for made in history:
        first, second = made.shown[name]
        if first.unread is None:
            pytest.skip(f"{name} has no marks")
        assert first.unread == made.published.keys() - known
        assert second.unread == set()
        known |= made.published.keys()


def test_whoever_asks_again_gets_304(history: list[Round], name: str) -> None:
    before: dict[str, str] = {}
    for number, made in enumerate(history):
        first, second = made.statuses[name]
        # newsboat keeps the validators of a feed from the second time on.
        if number or name != "newsboat":
            assert second == Counter({"304": 1}), f"round {number}"
        if number in {6, 7}:
            assert made.published == before, "a source that moves changes nothing"
            assert first == Counter({"304": 1}), f"round {number}"
        before = made.published


def test_whoever_wants_deltas_gets_only_what_is_new(history: list[Round], name: str) -> None:
    if name not in {"reader", "newsboat"}:
        pytest.skip(f"{name} does not ask for deltas")
    first = [made.statuses[name][0] for made in history]
    assert first[0] == Counter({"200": 1})
    assert first[1] == Counter({"226": 1})
    assert all(asked in (Counter({"226": 1}), Counter({"304": 1})) for asked in first[1:])
