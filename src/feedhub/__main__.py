"""``python -m feedhub`` is the command ``feedhub``."""

from __future__ import annotations

import sys

try:
    from feedhub.cli import main
except KeyboardInterrupt:
    # Whoever ends the program while it still loads wants to read no trace: `feedhub serve` ends refreshes so.
    sys.exit(130)

if __name__ == "__main__":
    main()
