"""Finds the test corpora that lie beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(relative: str) -> Path:
    """Return the path of a corpus, or skip the calling test, saying which one is absent."""
    path = Path(os.environ.get("FEEDHUB_SHARED", ROOT.parent / "shared")) / relative
    if not path.exists():
        pytest.skip(f"{relative} is not beside the project (set FEEDHUB_SHARED)")
    return path
