"""Fixtures shared by all folders of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Run a real HTTP origin on 127.0.0.1 for one test."""
    with Origin() as running:
        yield running
