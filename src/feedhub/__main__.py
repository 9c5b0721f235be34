"""``python -m feedhub`` is the command ``feedhub``."""

from __future__ import annotations

from feedhub.cli import main

if __name__ == "__main__":
    main()
