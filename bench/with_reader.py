"""The reader library (https://pypi.org/project/reader/) as a feed reader: one refresh on 20 threads.

python bench/with_reader.py URLS DATABASE      URLS: a file with one address per line
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reader import make_reader

WORKERS = 20


def main() -> int:
    """Refresh every feed once; the exit status is 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("urls", type=Path)
    parser.add_argument("database", type=Path)
    arguments = parser.parse_args()
    is_new = not arguments.database.exists()
    reader = make_reader(str(arguments.database))
    for url in arguments.urls.read_text().split() if is_new else ():
        reader.add_feed(url)
    # All feeds, not only those that are due. Those that failed have their error as value.
    results = reader.update_feeds_iter(scheduled=False, workers=WORKERS)
    failed = sum(isinstance(result.value, Exception) for result in results)
    reader.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
