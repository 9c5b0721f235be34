"""What searching costs, in processor time: to index new entries, and to find some of them.

Run ``python bench/search.py [ENTRIES]``, on Linux; ``ENTRIES`` is a multiple of 30. Entries are as in bench/store.py:
30 to 400 words of 5,000 different ones.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from store import cpu, updates_of

from feedhub.store import open_store
from feedhub.store.search import Search, Wanted

LIMIT, SECONDS = 50, 60.0
QUERIES = (
    Wanted(words="word77"),
    Wanted(words="word77 word78"),
    Wanted(words='"word77 word78"'),
    Wanted(words="word7*"),
    Wanted(words="nothing"),
    Wanted(sources=("source-00007",)),
    Wanted(languages=("en",)),
)


def main() -> None:
    """Measure, and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite"
        with closing(open_store(str(path))) as store:
            before = cpu()
            store.apply(updates_of(count))
            print(f"store {count} entries: {(cpu() - before) * 1e6 / count:.0f} CPU-us each")
        with closing(Search(path)) as search:
            before = cpu()
            for _ in search.update():
                pass
            used = (cpu() - before) * 1e6 / count
            size = path.with_name("x.sqlite.search").stat().st_size / count
            print(f"index them: {used:.0f} CPU-us and {size:.0f} bytes each")
            before = cpu()
            list(search.update())
            print(f"look for new ones, in vain: {(cpu() - before) * 1e3:.1f} CPU-ms")
            for wanted in QUERIES:
                before = cpu()
                found = [name for name, _ in zip(search.find(wanted, SECONDS), range(LIMIT), strict=False)]
                asked = wanted.words or wanted.sources or wanted.languages
                print(f"find {asked}: {len(found)} in {(cpu() - before) * 1e3:.1f} CPU-ms")


if __name__ == "__main__":
    main()
