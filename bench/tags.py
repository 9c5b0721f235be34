"""What tags cost and how good learned ones are, in processor time, on Reuters-21578 in the ModApte split.

Run ``python bench/tags.py``; the texts are looked for in ``FEEDHUB_SHARED`` (default: ``../shared``).
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from feedhub.model import Entry, Rule, Source, TagRule, Taxon, Taxonomy, Term, Text
from feedhub.stories.learned import Example, Learned, features, pack, unpack
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject
from feedhub.stories.training import train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHARED = Path(os.environ.get("FEEDHUB_SHARED", Path(__file__).resolve().parents[1].parent / "shared"))
SOURCE = Source(id="reuters", url="https://reuters.example/")
ROUNDS = 3
LARGEST = 10
# The keyword rules: so many words for each topic, chosen among so many.
KEYWORDS, CANDIDATES = 8, 60

Labelled = tuple[Subject, frozenset[str]]
Pairs = list[tuple[frozenset[str], frozenset[str]]]
"""What was said of each entry, and what is right."""


def read(split: str) -> list[Labelled]:
    """Return the entries of a split with their topics."""
    with (SHARED / "stories" / "reuters" / f"{split}.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (
            Subject(
                Entry(title=Text(value=row["title"]), content=Text(value=row["text"]), language="en"),
                SOURCE,
            ),
            frozenset(row["topics"]),
        )
        for row in rows
    ]


def micro(pairs: Pairs) -> tuple[float, float, float]:
    """Return F1, precision and recall over all decisions."""
    right = sum(len(said & true) for said, true in pairs)
    said, true = sum(len(said) for said, _ in pairs), sum(len(true) for _, true in pairs)
    return 2 * right / (said + true), right / max(said, 1), right / true


def macro(pairs: Pairs, topics: Sequence[str]) -> float:
    """Return the mean F1 of ``topics``."""
    total = 0.0
    for topic in topics:
        right = sum(topic in said and topic in true for said, true in pairs)
        told = sum((topic in said) + (topic in true) for said, true in pairs)
        total += 2 * right / told
    return total / len(topics)


def least(work: Callable[[], object]) -> float:
    """Return the least processor seconds that ``work`` took in several rounds."""
    used = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        used.append(time.process_time() - before)
    return min(used)


def keyword_rules(entries: Sequence[Labelled]) -> list[TagRule]:
    """Return for each topic a rule of the words that together find it best among ``entries``, chosen one by one."""
    where: dict[str, set[int]] = {}
    truth: dict[str, set[int]] = {}
    for number, (subject, topics) in enumerate(entries):
        for word in subject.words:
            where.setdefault(word, set()).add(number)
        for topic in topics:
            truth.setdefault(topic, set()).add(number)

    def quality(found: set[int], true: set[int]) -> float:
        return 2 * len(found & true) / (len(found) + len(true))

    rules = []
    for topic, true in sorted(truth.items()):
        inside = Counter(word for number in true for word in entries[number][0].words)
        likely = [word for word, count in inside.items() if count > 1 or len(true) == 1]
        candidates = sorted(likely, key=lambda word: (-quality(where[word], true), word))[:CANDIDATES]
        chosen: list[str] = []
        found: set[int] = set()
        while len(chosen) < KEYWORDS and candidates:
            best = max(candidates, key=lambda word: (quality(found | where[word], true), word))
            if quality(found | where[best], true) <= quality(found, true):
                break
            chosen.append(best)
            found |= where[best]
        if chosen:
            rules.append(TagRule(tag=topic, rule=Rule(kind="words", values=tuple(chosen))))
    return rules


def show(name: str, pairs: Pairs, topics: Sequence[str], more: str) -> None:
    """Print one row of the table of qualities."""
    quality, precision, recall = micro(pairs)
    largest = macro(pairs, topics)
    print(f"{name:34} {quality:8.4f} {precision:10.4f} {recall:7.4f} {largest:12.4f}  {more}")


def qualities(training: Sequence[Labelled], test: Sequence[Labelled]) -> None:
    """Print how well keyword rules and learned tags find the topics of the test split, and what that costs."""
    counts = Counter(topic for _, topics in training for topic in topics)
    largest = [topic for topic, _ in counts.most_common(LARGEST)]
    print(f"{'':34} {'micro-F1':>8} {'precision':>10} {'recall':>7} {'macro-F1 10':>12}")
    tagger = Tagger(rules=keyword_rules(training), categories={})
    pairs = [(frozenset(tag.name for tag in tagger.tags(subject)), topics) for subject, topics in test]
    used = least(lambda: [tagger.tags(subject) for subject, _ in test])
    show("keyword rules", pairs, largest, f"{used / len(test) * 1e3:.3f} CPU-ms an entry")
    for precision, support in ((0.7, 5), (0.8, 10)):
        before = time.process_time()
        examples = [Example(features=dict(features(subject)), tags=topics) for subject, topics in training]
        made = train(examples, precision=precision, support=support)
        seconds = time.process_time() - before
        written = pack(made.model)
        learned = Learned(unpack(written))
        pairs = [(frozenset(name for name, _ in learned.tags(subject)), topics) for subject, topics in test]
        used = least(lambda learned=learned: [list(learned.tags(subject)) for subject, _ in test])
        more = f"{used / len(test) * 1e3:.3f} CPU-ms an entry, {seconds:.1f} CPU-s to train, "
        more += f"{len(made.model.tags)} of {len(made.judged)} tags, {len(written) / 1024:.0f} KiB"
        show(f"learned, precision {precision}", pairs, largest, more)


def taxonomy(words: Sequence[str], pairs: Sequence[str], size: int) -> Taxonomy:
    """Return a taxonomy of ``size`` terms, ten in a tag: words in all inflections, phrases, and names as written."""
    chance = random.Random(size)  # noqa: S311 - the same words each time
    chosen = chance.sample(words, size * 7 // 10)
    phrases = chance.sample(pairs, size * 2 // 10)
    names = chance.sample(words, size - len(chosen) - len(phrases))
    terms = [Term(text=text, language="en") for text in (*chosen, *phrases)]
    chance.shuffle(terms)
    tags = size // 10
    return Taxonomy(
        taxa=tuple(
            Taxon(
                name=f"tag {number}",
                parent=f"tag {number // 10}" if number else "",
                terms=tuple(terms[number::tags]),
                aliases=tuple(names[number::tags]),
            )
            for number in range(tags)
        )
    )


def costs(training: Sequence[Labelled], test: Sequence[Labelled]) -> None:
    """Print what taxonomies and rules of different sizes cost an entry."""
    spread = Counter(word for subject, _ in training for word in subject.words if word.isalpha())
    # Words of a taxonomy name something: the commonest hundred of the language are not among them.
    words = sorted(spread, key=lambda word: (-spread[word], word))[100:]
    following = Counter(
        f"{first} {second}"
        for subject, _ in training
        for body in [subject.folded["content"].split()]
        for first, second in pairwise(body)
        if first.isalpha() and second.isalpha()
    )
    pairs = [pair for pair, _ in following.most_common(20_000)]
    entries = [Entry(title=subject.entry.title, content=subject.entry.content) for subject, _ in test]
    used = least(lambda: [Subject(entry, SOURCE) for entry in entries])
    print(f"\n{'taking the words apart':34} {used / len(test) * 1e3:8.3f} CPU-ms an entry")
    for size in (50, 500, 5000, 20_000):
        tagger = Tagger(categories={}, taxonomy=taxonomy(words, pairs, size))
        before = time.process_time()
        tagger.finder  # noqa: B018 - made when it is first asked for
        ready = time.process_time() - before
        found = sum(len(tagger.tags(subject)) for subject, _ in test) / len(test)
        used = least(lambda tagger=tagger: [tagger.tags(subject) for subject, _ in test])
        each = used / len(test) * 1e3
        print(f"{f'taxonomy of {size} terms':34} {each:8.3f} CPU-ms an entry, {found:.1f} tags, ready in {ready:.3f} s")
    chance = random.Random(0)  # noqa: S311
    for size in (10, 1000, 5000):
        rules = [
            TagRule(tag=f"tag {number}", rule=Rule(kind="words", values=tuple(chance.sample(words, 3))))
            for number in range(size)
        ]
        tagger = Tagger(rules=rules, categories={})
        found = sum(len(tagger.tags(subject)) for subject, _ in test) / len(test)
        used = least(lambda tagger=tagger: [tagger.tags(subject) for subject, _ in test])
        print(f"{f'{size} rules of 3 words':34} {used / len(test) * 1e3:8.3f} CPU-ms an entry, {found:.1f} tags")


def main() -> None:
    """Print both tables."""
    training, test = read("train"), read("test")
    qualities(training, test)
    costs(training, test)


if __name__ == "__main__":
    main()
