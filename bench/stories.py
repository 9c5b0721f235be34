"""Measure near-duplicate and event detection over labelled news, beside four baselines, and what they cost.

    python bench/stories.py quality [test|dev]      every set under one configuration; default: test
    python bench/stories.py cost [ENTRIES ...]      CPU-ms per entry with so many entries in the window
    python bench/stories.py persist [BATCH]         CPU-ms per entry to keep the rows in SQLite

The sets lie in ``stories`` of the folder that FEEDHUB_SHARED names (default: ``../shared``).
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import sys
from collections import Counter, defaultdict
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, NamedTuple

import rivals
from synthetic import stream

from feedhub.stories.fold import fold
from feedhub.stories.shelf import MemoryShelf
from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from feedhub.stories.shelf import Row
    from feedhub.stories.telling import Decision

SHARED = Path(os.environ.get("FEEDHUB_SHARED", Path(__file__).resolve().parent.parent.parent / "shared")) / "stories"
EVENT_SETS = ("uci", "newst", "og2021", "ecb")
BATCH = 500
JOINING = {"merged", "across-languages"}


class Document(NamedTuple):
    """One labelled entry."""

    telling: Telling
    story: str
    kind: str


def read(name: str, split: str) -> list[Document]:
    """Read a set in order of arrival."""
    documents = []
    with (SHARED / name / f"{split}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            telling = Telling(
                # Where a set does not say who told an entry, nobody told two.
                source_id=row["source"] or row["id"],
                key=row["id"],
                arrived=row["t"],
                title=row["title"],
                text=row["text"],
                language=row.get("lang", ""),
            )
            documents.append(Document(telling, row["story"], row.get("kind", "")))
    return documents


def decide(tellings: Sequence[Telling]) -> list[Decision]:
    """Fold a stream in batches, as refreshes would."""
    shelf = MemoryShelf()
    decisions: list[Decision] = []
    for start in range(0, len(tellings), BATCH):
        folded = fold(shelf, tellings[start : start + BATCH])
        shelf.write(folded.rows)
        decisions += folded.decisions
    return decisions


def stories(decisions: Iterable[Decision]) -> list[int]:
    """Return each entry's story after all merges."""
    aliases: dict[int, int] = {}
    placed = []
    for decision in decisions:
        if decision.rule in JOINING:
            aliases[decision.other] = decision.story
        else:
            placed.append(decision.story)
    for place, story in enumerate(placed):
        current = story
        while current in aliases:
            current = aliases[current]
        placed[place] = current
    return placed


class Score(NamedTuple):
    """B-cubed and pairwise precision and recall."""

    precision: float
    recall: float
    pair_precision: float
    pair_recall: float

    @property
    def f1(self) -> float:
        """B-cubed F1."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def score(gold: Sequence[Hashable], found: Sequence[Hashable]) -> Score:
    """Compare two groupings of the same entries."""
    true, told = Counter(gold), Counter(found)
    both = Counter(zip(gold, found, strict=True))
    pairs, true_pairs, told_pairs = (sum(size * (size - 1) for size in table.values()) for table in (both, true, told))
    return Score(
        precision=sum(size * size / told[group] for (_, group), size in both.items()) / len(gold),
        recall=sum(size * size / true[group] for (group, _), size in both.items()) / len(gold),
        pair_precision=pairs / told_pairs if told_pairs else 1.0,
        pair_recall=pairs / true_pairs if true_pairs else 1.0,
    )


def ours(tellings: Sequence[Telling]) -> list[int]:
    """Return stories as feedhub tells them."""
    return stories(decide(tellings))


METHODS: dict[str, Callable[[Sequence[Telling]], Sequence[Hashable]]] = {
    "exact title": rivals.exact_title,
    "SimHash": rivals.simhash,
    "MinHash-LSH": rivals.minhash,
    "TF-IDF centroid": rivals.centroid,
    "feedhub": ours,
}


def quality(split: str) -> None:
    """Print the tables of events and of near duplicates."""
    sets = {name: read(name, split) for name in EVENT_SETS}
    print(f"events, {split}: B-cubed F1 (precision, recall)")
    print(f"{'':16}" + "".join(f"{name:>24}" for name in (*EVENT_SETS, "og2021 by language")) + "   CPU-ms")
    for method, group in METHODS.items():
        row, spent = "", 0.0
        for name, documents in sets.items():
            start = process_time()
            found = group([document.telling for document in documents])
            spent += process_time() - start
            row += cell(score([document.story for document in documents], found))
            if name == "og2021":
                gold = [(document.story, document.telling.language) for document in documents]
                last = cell(score(gold, found))
        print(f"{method:16}{row}{last}   {spent * 1000 / sum(map(len, sets.values())):6.2f}", flush=True)
    near(split)


def cell(result: Score) -> str:
    """Format one score."""
    return f"{result.f1:8.3f} ({result.precision:.3f}, {result.recall:.3f})"


def near(split: str) -> None:
    """Print what was found among near duplicates: recall of each kind of variant, false merges of each series."""
    documents = read("neardup", split)
    start = process_time()
    decisions = decide([document.telling for document in documents])
    spent = (process_time() - start) * 1000 / len(documents)
    found = [decision.text for decision in decisions if decision.rule not in JOINING]
    gold = [document.story for document in documents]
    result = score(gold, found)
    print(
        f"\nnear duplicates, {split}: pairwise precision {result.pair_precision:.4f}, recall {result.pair_recall:.3f},"
    )
    print(f"B-cubed {result.f1:.3f}, {spent:.2f} CPU-ms per entry with events, {len(documents)} entries")
    originals = {one.story: text for one, text in zip(documents, found, strict=True) if one.kind == "original"}
    stories_of: dict[int, set[str]] = defaultdict(set)
    for document, text in zip(documents, found, strict=True):
        stories_of[text].add(document.story)
    variants: dict[str, list[bool]] = defaultdict(list)
    false: dict[str, list[bool]] = defaultdict(list)
    for document, text in zip(documents, found, strict=True):
        if document.kind not in {"original", "other"} and document.story in originals:
            variants[document.kind].append(originals[document.story] == text)
        else:
            false[document.kind].append(len(stories_of[text]) > 1)
    print("met their original:", ", ".join(f"{kind} {sum(all_) / len(all_):.3f}" for kind, all_ in variants.items()))
    print("in a false merge:  ", ", ".join(f"{kind} {sum(all_)}/{len(all_)}" for kind, all_ in false.items()))


def cost(sizes: Sequence[int]) -> None:
    """Print what an entry costs once so many lie in the window; the last tenth, at least 2,000, is timed."""
    shelf = MemoryShelf()
    done = 0
    entries = stream(max(sizes))
    print(f"{'in window':>10}{'CPU-ms per entry':>18}{'RSS MB':>9}{'rows':>12}{'row MB':>8}")
    for size in sorted(sizes):
        timed = min(size, max(2000, size // 10))
        for length in (size - timed - done, timed):
            spent, left = 0.0, length
            while left > 0:
                batch = [next(entries) for _ in range(min(BATCH, left))]
                left -= len(batch)
                start = process_time()
                shelf.write(fold(shelf, batch).rows)
                spent += process_time() - start
        done = size
        held = [row for rows in shelf.rows.values() for row in rows.values()]
        megabytes = sum(map(len, held)) / 1e6
        rss = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6
        print(f"{size:10}{spent * 1000 / timed:18.2f}{rss:9.0f}{len(held):12}{megabytes:8.0f}", flush=True)


def persist(batch: int) -> None:
    """Print what it costs to write the changed rows to SQLite, and to read the touched ones from it."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE TABLE story_rows (kind TEXT, key INTEGER, touched INTEGER, value BLOB, PRIMARY KEY (kind, key))"
        " WITHOUT ROWID"
    )
    shelf = SqliteShelf(database)
    total, written, rows = 0.0, 0.0, 0
    entries = stream(10_000)
    while tellings := [telling for _, telling in zip(range(batch), entries, strict=False)]:
        start = process_time()
        folded = fold(shelf, tellings)
        before = process_time()
        shelf.write(folded.rows)
        done = process_time()
        written += done - before
        total += done - start
        rows += len(folded.rows)
    print(f"batches of {batch}: {rows / 10_000:.1f} rows per entry; CPU-ms per entry: all {total / 10:.2f},")
    print(f"of it writing {written / 10:.2f} and reading {shelf.spent / 10:.2f}")


class SqliteShelf:
    """Rows in a table of SQLite."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.spent = 0.0

    def read(self, kind: str, keys: Iterable[int]) -> dict[int, tuple[int, bytes]]:
        """Return ``(touched, value)`` of those rows that exist."""
        start = process_time()
        query = "SELECT key, touched, value FROM story_rows WHERE kind = ? AND key IN (SELECT value FROM json_each(?))"
        found = self.database.execute(query, (kind, json.dumps(list(keys))))
        rows = {key: (touched, value) for key, touched, value in found}
        self.spent += process_time() - start
        return rows

    def write(self, rows: Iterable[Row]) -> None:
        """Take over what a fold changed."""
        changed = [(row.kind, row.key, row.touched, row.value) for row in rows]
        with self.database:
            self.database.executemany(
                "INSERT OR REPLACE INTO story_rows VALUES (?, ?, ?, ?)", (row for row in changed if row[3] is not None)
            )
            self.database.executemany(
                "DELETE FROM story_rows WHERE kind = ? AND key = ?", (row[:2] for row in changed if row[3] is None)
            )


def main() -> None:
    """Run the part that the command line names."""
    what, *arguments = sys.argv[1:] or ["quality"]
    if what == "quality":
        quality(*arguments or ["test"])
    elif what == "cost":
        cost([int(size) for size in arguments] or [10_000, 50_000, 100_000])
    elif what == "persist":
        persist(*(int(size) for size in arguments or ["100"]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
