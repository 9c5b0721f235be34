"""``config.toml`` → `Config`: read once, checked whole, every mistake reported at once."""

from __future__ import annotations

from feedhub.config.reader import Config, default_id, load

__all__ = ["Config", "default_id", "load"]
