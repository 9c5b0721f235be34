"""What it costs to publish 100 new entries, by how many are stored already.

A store is filled with made-up news (bench/synthetic.py), 1,000 entries a day from 400 sources, and published. Then, in
each round, 100 new entries arrive as files, are fetched, read and stored by a refresh, and published: with stories and
events told, editions of all kinds, one for each tag, archives and pages. Figures are CPU-ms of this process, the least
of all rounds: *refresh* until the entries are stored, *tell* until it is decided which stories they belong to, and
*publish* for all the rest. The last line is what is wanted: publishing (with telling) from the largest store may cost
twice as much as from the smallest. The exit status is 1 where it costs more.

    python bench/publish.py                        1,000, 10,000 and 100,000 stored entries, 5 rounds
    python bench/publish.py 1000 100000 --rounds 3
    python bench/publish.py --keep /tmp/stores     keep the filled stores, and use those that are there

To fill a store with 100,000 entries takes some minutes, most of them to tell events.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

from synthetic import SOURCES, START, stream

from feedhub import Hub, load
from feedhub.model import Entry, SourceState, StoredEntry, Text, Update
from feedhub.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedhub.stories.telling import Telling

SIZES = (1000, 10_000, 100_000)
WANTED = 2.0
A_DAY, DAY = 1000, 86400
NEW, TAGS, BATCH = 100, 8, 1000
PHASES = ("refresh", "tell", "publish")
EDITIONS = """
[site]
title = "bench"
url = "https://example.org/"
[store]
keep = "forever"
[output]
pages = true
[[edition]]
slug = "all"
title = "Everything"
limit = 100
history = true
[[edition]]
slug = "events"
title = "Events, once each"
events = "lead"
also_covered = true
[[edition]]
slug = "outlets"
title = "What three outlets tell"
min_outlets = 3
[[edition]]
slug = "capped"
title = "Two of each source, by when they were first seen"
per_source = 2
mix = true
order = "first-seen"
[[edition]]
slug = "days"
title = "Days"
digest = "day"
limit = 3
[[edition]]
slug = "tags/{tag}"
title = "{tag}"
each_tag = true
limit = 20
"""


def configure(folder: Path) -> Path:
    """Write the configuration: sources are files in ``feeds``, each with one of the tags."""
    (folder / "feeds").mkdir(parents=True, exist_ok=True)
    sources = "".join(
        f'[[source]]\nid = "s{number}"\nurl = "feeds/s{number}.json"\ntags = ["tag {number % TAGS}"]\n'
        for number in range(SOURCES)
    )
    for number in range(SOURCES):
        feed = folder / "feeds" / f"s{number}.json"
        if not feed.exists():
            _write(feed, f"s{number}", ())
    path = folder / "config.toml"
    path.write_text(EDITIONS + sources)
    return path


def _write(path: Path, source_id: str, tellings: Iterable[Telling]) -> None:
    items = [
        {
            "id": telling.key,
            "url": f"https://{source_id}.example/{telling.key}",
            "title": telling.title,
            "content_text": telling.text,
            "date_published": datetime.fromtimestamp(telling.arrived, UTC).isoformat(),
            "language": telling.language,
        }
        for telling in tellings
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": source_id, "items": items}
    path.write_text(json.dumps(feed))


def stored(telling: Telling) -> StoredEntry:
    """Return an entry as it would have been stored when it came."""
    when = datetime.fromtimestamp(telling.arrived, UTC)
    return StoredEntry(
        source_id=telling.source_id,
        key=telling.key,
        first_seen=when,
        published=when,
        updated=when,
        fingerprint=telling.key,
        significant=telling.key,
        entry=Entry(
            id=telling.key,
            title=Text(value=telling.title),
            link=f"https://{telling.source_id}.example/{telling.key}",
            content=Text(value=telling.text),
            published=when,
            language=telling.language,
        ),
    )


def fill(path: Path, tellings: Sequence[Telling]) -> None:
    """Store entries as if they had come over the years."""
    with closing(open_store(str(path))) as store:
        for start in range(0, len(tellings), BATCH):
            by_source: dict[str, list[StoredEntry]] = {}
            for telling in tellings[start : start + BATCH]:
                by_source.setdefault(telling.source_id, []).append(stored(telling))
            store.apply(
                [Update(state=SourceState(source_id=source_id), new=tuple(new)) for source_id, new in by_source.items()]
            )


def arrive(folder: Path, tellings: Iterable[Telling]) -> None:
    """Let the files of sources tell of new entries."""
    by_source: dict[str, list[Telling]] = {}
    for telling in tellings:
        by_source.setdefault(telling.source_id, []).append(telling)
    for source_id, new in by_source.items():
        _write(folder / "feeds" / f"{source_id}.json", source_id, reversed(new))


def measure(folder: Path, size: int, rounds: int) -> dict[str, float]:
    """Return the least CPU-ms of each phase with ``size`` entries stored."""
    count = size + rounds * NEW
    tellings = list(stream(count, count * DAY // A_DAY))
    path = configure(folder)
    config = load(path)
    if not config.store_path.exists():
        began = process_time()
        fill(config.store_path, tellings[:size])
        with Hub(config) as hub:
            hub.publish()
        print(f"{size:>9,} stored and first published in {process_time() - began:.0f} CPU-s", flush=True)
    least: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "run"
        shutil.copytree(folder, copy)
        with Hub(load(copy / "config.toml")) as hub:
            for number in range(rounds):
                start = size + number * NEW
                arrive(copy, tellings[start : start + NEW])
                for phase, used in zip(PHASES, _round(hub), strict=True):
                    least[phase] = min(used, least.get(phase, used))
    return least


def _round(hub: Hub) -> list[float]:
    marks = [process_time()]
    new = sum(result.new for result in hub.refresh(force=True))
    if new != NEW:
        sys.exit(f"{new} entries came instead of {NEW}")
    marks.append(process_time())
    hub.newsroom.catch_up(hub.store)
    marks.append(process_time())
    hub.publish()
    marks.append(process_time())
    return [(later - earlier) * 1000 for earlier, later in pairwise(marks)]


def main() -> int:
    """Print the table; return 1 where publishing costs more than is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    if START + max(arguments.sizes) * DAY // A_DAY > datetime.now(UTC).timestamp():
        sys.exit("so many entries would reach into the future")
    totals = {}
    with tempfile.TemporaryDirectory() as name:
        for size in arguments.sizes:
            least = measure((arguments.keep or Path(name)) / str(size), size, arguments.rounds)
            totals[size] = least["tell"] + least["publish"]
            shown = "  ".join(f"{phase} {used:7.1f}" for phase, used in least.items())
            print(f"{size:>9,} stored: {shown}  tell and publish {totals[size]:7.1f} CPU-ms", flush=True)
    ratio = totals[max(totals)] / totals[min(totals)]
    print(f"{max(totals):,} / {min(totals):,}: {ratio:.2f} (wanted: {WANTED:g} at most)")
    return int(ratio > WANTED)


if __name__ == "__main__":
    raise SystemExit(main())
