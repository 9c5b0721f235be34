"""Fixtures shared by all folders of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator


# How long an example takes, or to make one up, says more of how busy the machine is than of what is tested.
settings.register_profile("feedhub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedhub")


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Run a real HTTP origin on 127.0.0.1 for one test."""
    with Origin() as running:
        yield running
