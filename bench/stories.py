"""Measure near-duplicate and event detection over labelled news, beside four baselines, and what they cost.

    python bench/stories.py quality [test|dev]      every set under one configuration; default: test
    python bench/stories.py cost [ENTRIES ...]      CPU-ms per entry until so many are in the window
    python bench/stories.py small [ENTRIES ...]     the same where 50 come at once, as to a refresh with few news

The sets lie in ``stories`` of the folder that FEEDHUB_SHARED names (default: ``../shared``).
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sqlite3
import sys
from collections import Counter, defaultdict
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, NamedTuple

import rivals
from synthetic import stream

from feedhub.newsroom import BATCH
from feedhub.store import open_store
from feedhub.stories.fold import fold
from feedhub.stories.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from feedhub.store import Told
    from feedhub.stories.telling import Decision

SHARED = Path(os.environ.get("FEEDHUB_SHARED", Path(__file__).resolve().parent.parent.parent / "shared")) / "stories"
EVENT_SETS = ("uci", "newst", "og2021", "ecb")
# Entries taken in at once: by a hub that catches up, and by a refresh with few news.
FEW = 50
# A line is printed for so many, and for the last tenth, at least 2,000.
STEP = 20_000
JOINING = {"merged", "across-languages"}


class Nothing:
    """A shelf with nothing on it."""

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:  # noqa: ARG002 - see `Shelf`
        """See `feedhub.stories.shelf.Shelf.read`."""
        return {}


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
    """Fold a whole stream; split into batches, as refreshes do, it comes out the same."""
    return list(fold(Nothing(), tellings).decisions)


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


class Timed:
    """The shelf of a store, which notes what it takes to read from it."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.spent = 0.0

    def read(self, kind: str, keys: Iterable[int]) -> Mapping[int, tuple[int, bytes]]:
        """See `feedhub.stories.shelf.Shelf.read`."""
        start = process_time()
        found = self.told.read(kind, keys)
        self.spent += process_time() - start
        return found


def cost(sizes: Sequence[int], batch: int) -> None:
    """Print what an entry costs on the way to so many in the window, by steps, and over the last tenth."""
    # As the program does where it tells stories.
    gc.set_threshold(100_000, 50, 100)
    print(f"{'CPU-ms per entry':>39}\n{'in window':>10}{'telling':>10}{'reading':>10}{'writing':>10}")
    for size in sorted(sizes):
        with TemporaryDirectory() as folder:
            path = Path(folder, "told.db")
            with closing(open_store(str(path))) as store:
                for known, *spent in fill(store.told, size, batch):
                    print(f"{known:10}" + "".join(f"{each:10.2f}" for each in spent), flush=True)
            with closing(sqlite3.connect(path)) as database:
                rows, length = database.execute("SELECT count(*), sum(length(value)) FROM story_rows").fetchone()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  {rows:,} rows of {length / 1e6:.0f} MB; the process had at most {peak:.0f} MB\n", flush=True)


def fill(told: Told, size: int, batch: int) -> Iterator[tuple[int, float, float, float]]:
    """Take in a made-up stream; yield how many are in, and the CPU-ms per entry of telling, reading and writing."""
    entries = stream(size)
    shelf = Timed(told)
    last = size - min(size, max(2000, size // 10))
    done = 0
    for end in (*range(STEP, last, STEP), last, size):
        before, telling, writing, shelf.spent = done, 0.0, 0.0, 0.0
        while done < end:
            tellings = list(islice(entries, min(batch, end - done)))
            start = process_time()
            folded = fold(shelf, tellings)
            between = process_time()
            told.keep(folded)
            telling, writing = telling + between - start, writing + process_time() - between
            done += len(tellings)
        if done > before:
            telling, reading, writing = (
                spent * 1000 / (done - before) for spent in (telling - shelf.spent, shelf.spent, writing)
            )
            yield done, telling, reading, writing


def main() -> None:
    """Run the part that the command line names."""
    what, *arguments = sys.argv[1:] or ["quality"]
    if what == "quality":
        quality(*arguments or ["test"])
    elif what in {"cost", "small"}:
        sizes = [int(size) for size in arguments] or [10_000, 40_000, 100_000]
        cost(sizes, BATCH if what == "cost" else FEW)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
