"""What reading feeds costs beside feedparser, and the contract of the fast path at full length.

    python bench/parse.py                                speed, over the real feeds that lie beside the project
    python bench/parse.py --memory                       the memory that a feed of 20 MB takes
    python bench/parse.py --contract 10000 [--seed S]    mutations of real feeds, read both ways; --keep DIR

Times are CPU time of one thread, for each document the least of some rounds in which the ways take turns.
``feedparser`` is ``feedparser.parse`` as it comes, with its sanitised HTML; ``feedhub`` is ``read_feed`` and ``tidy``
on every entry, in one process, so that the tolerant reader's time counts. The corpora are found through FEEDHUB_SHARED.
"""

from __future__ import annotations

import argparse
import gc
import os
import secrets
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
from lxml import etree

from feedhub.normalize import tidy
from feedhub.parse import DeclinedError, fast, read_feed

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from parse_contract import MEDIA, URL, documents, mutations, seeds  # noqa: E402 - the tests' folder is no package

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 15
WANTED = {"all feeds": 6.0, "accepted feeds": 12.0}
WANTED_SHARE, WANTED_SPEED = 0.3, 35.0
LARGE, ENTRIES, WANTED_MEMORY = 20_000_000, 2_000, 100.0
HEADERS = {"content-type": MEDIA, "content-location": URL}


def corpus() -> Path:
    """Return the folder of real feeds."""
    path = Path(os.environ.get("FEEDHUB_SHARED", ROOT.parent / "shared")) / "corpora" / "real"
    if not path.is_dir():
        sys.exit(f"{path} is not there: set FEEDHUB_SHARED")
    return path


def is_accepted(body: bytes) -> bool:
    """Say whether the fast path reads a document."""
    try:
        fast.read(body, url=URL, content_type=MEDIA)
    except DeclinedError:
        return False
    return True


def is_readable(body: bytes) -> bool:
    """Say whether libxml2 parses a document by itself."""
    try:
        etree.fromstring(body)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


def with_feedparser(body: bytes) -> None:
    """Read a feed and sanitise its HTML."""
    feedparser.parse(BytesIO(body), response_headers=HEADERS)


def with_feedhub(body: bytes) -> None:
    """Read a feed and tidy its entries."""
    feed = read_feed(body, url=URL, content_type=MEDIA)
    for entry in feed.entries:
        tidy(entry, base_url=URL, language=feed.language)


def with_fast_path(body: bytes) -> None:
    """Map a feed."""
    fast.read(body, url=URL, content_type=MEDIA)


def least(ways: Sequence[Callable[[bytes], object]], bodies: Sequence[bytes], rounds: int) -> list[float]:
    """Return the sum over all documents of the least CPU seconds that each way took, the ways taking turns.

    Taken by document, since a busy machine lets none of them all go by undisturbed.
    """
    found = [[float("inf")] * len(bodies) for _ in ways]
    for _ in range(rounds):
        for way, least_of in zip(ways, found, strict=True):
            gc.collect()  # what one way leaves behind is not cleared away in the time of the next
            for at, body in enumerate(bodies):
                started = time.thread_time()
                way(body)
                least_of[at] = min(least_of[at], time.thread_time() - started)
    return [sum(each) for each in found]


def compare(name: str, bodies: Sequence[bytes]) -> bool:
    """Print a row of the comparison with feedparser; say whether it is good enough."""
    theirs, ours = least((with_feedparser, with_feedhub), bodies, 3)
    count = len(bodies)
    print(
        f"{name:16} {count:5} {sum(map(len, bodies)) / 1e6:7.1f} MB {theirs / count * 1e3:12.2f} "
        f"{ours / count * 1e3:9.2f} {theirs / ours:7.1f} times   wanted {WANTED[name]:g}"
    )
    return theirs / ours >= WANTED[name]


def speed() -> bool:
    """Print what reading costs; say whether it is little enough."""
    bodies = [body for _, body in documents(corpus())]
    accepted = [body for body in bodies if is_accepted(body)]
    print(f"{'':16} {'feeds':>5} {'':10} {'feedparser':>12} {'feedhub':>9} CPU-ms per feed, to sanitised HTML")
    good = [compare("all feeds", bodies), compare("accepted feeds", accepted)]
    readable = [body for body in accepted if is_readable(body)]
    size = sum(map(len, readable)) / 1e6
    trees, feeds = least((etree.fromstring, with_fast_path), readable, ROUNDS)
    print(
        f"mapping alone    {len(readable):5} {size:7.1f} MB at {size / feeds:.1f} MB/s   wanted {WANTED_SPEED:g}; "
        f"{trees / feeds:.2f} of the speed of lxml's fromstring ({size / trees:.0f} MB/s)   wanted {WANTED_SHARE:g}"
    )
    return all((*good, trees / feeds >= WANTED_SHARE, size / feeds >= WANTED_SPEED))


def large() -> bytes:
    """Return a feed of 20 MB."""
    # One wide character makes Python keep all of a text in two bytes for each character.
    text = "\N{EURO SIGN} " + "&lt;p&gt;Words about tides, piers and ferries.&lt;/p&gt; " * (LARGE // ENTRIES // 56)
    item = "<item><title>Entry {0}</title><guid>urn:x:{0}</guid><description>{1}</description></item>"
    items = "".join(item.format(at, text) for at in range(ENTRIES))
    return f"<rss version='2.0'><channel><title>Large</title>{items}</channel></rss>".encode()


def memory() -> bool:
    """Print how much more memory a process needs at its peak once it reads a large feed."""
    script = "import sys; sys.path.insert(0, 'bench'); import parse; parse.report_peak()"
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        size = file.write(large())
        file.flush()
        idle, peak = (
            int(
                subprocess.run([sys.executable, "-c", script, *names], check=True, capture_output=True, cwd=ROOT).stdout
            )
            for names in ([], [file.name])
        )
    grown = (peak - idle) / 1024
    print(f"a feed of {size / 1e6:.1f} MB takes {grown:.0f} MB above idle at its peak   wanted {WANTED_MEMORY:g}")
    return grown <= WANTED_MEMORY


def report_peak() -> None:
    """Print the peak memory of this process in KB, after reading a small feed and those named on the command line."""
    with_fast_path(b"<rss version='2.0'><channel><title>Small</title></channel></rss>")
    for name in sys.argv[1:]:
        with_fast_path(Path(name).read_bytes())
    # Not getrusage: its figure is also that of the process this one was started by.
    print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


def contract(count: int, seed: str, keep: Path | None) -> bool:
    """Read mutations of real feeds both ways; print and keep what differs."""
    reasons: Counter[str] = Counter()
    different = 0
    for found in mutations(seeds(corpus()), seed, count):
        reasons[found.reason or "accepted"] += 1
        if found.differences:
            different += 1
            print(f"{found.name}: {', '.join(found.differences)}")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{found.name.replace(':', '-')}.xml").write_bytes(found.body)
    print(
        f"seed {seed}: {count} mutations, {different} read differently; "
        + ", ".join(f"{reason} {times}" for reason, times in reasons.most_common())
    )
    return different == 0


def main() -> int:
    """Do what the command line asks; the exit status says whether it is good enough."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--contract", type=int, metavar="N", help="read N mutations both ways")
    arguments.add_argument("--seed", default=secrets.token_hex(4), help="of the mutations (default: a fresh one)")
    arguments.add_argument("--keep", type=Path, metavar="DIR", help="where to put documents that read differently")
    arguments.add_argument("--memory", action="store_true", help="measure memory")
    asked = arguments.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # feedparser's own, about its fallbacks
    if asked.contract:
        return 0 if contract(asked.contract, asked.seed, asked.keep) else 1
    return 0 if (memory() if asked.memory else speed()) else 1


if __name__ == "__main__":
    sys.exit(main())
