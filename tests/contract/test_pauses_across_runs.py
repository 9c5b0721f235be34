"""A server that answered 429 in one run is left alone in the next, by all its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub import Hub, load
from loopback import Origin

if TYPE_CHECKING:
    from pathlib import Path

FEED = "<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>one</title></item></channel></rss>"


def test_the_server_that_a_redirect_led_to_is_the_one_that_waits(tmp_path: Path) -> None:
    with Origin() as limited, Origin() as free:
        limited.serve("/a", "", status=429, headers={"Retry-After": "7200"})
        free.redirect("/a", limited.url("/a"))
        for origin in (limited, free):
            origin.serve("/b", FEED)
        sources = {"a": free.url("/a"), "b": limited.url("/b"), "c": free.url("/b")}
        tables = "".join(f'[[source]]\nid = "{name}"\nurl = "{url}"\n' for name, url in sources.items())
        (tmp_path / "config.toml").write_text(f'[fetch]\nallow_private = ["127.0.0.1"]\n{tables}')
        with Hub(load(tmp_path / "config.toml")) as hub:
            list(hub.refresh(only=["a"]))
            assert [result.source_id for result in hub.refresh()] == ["c"]


def test_sources_of_a_server_that_asked_for_patience_wait(tmp_path: Path) -> None:
    with Origin() as limited, Origin() as free:
        limited.serve("/a", "", status=429, headers={"Retry-After": "7200"})
        for origin in (limited, free):
            origin.serve("/b", FEED)
        sources = {"a": limited.url("/a"), "b": limited.url("/b"), "c": free.url("/b")}
        tables = "".join(f'[[source]]\nid = "{name}"\nurl = "{url}"\n' for name, url in sources.items())
        (tmp_path / "config.toml").write_text(f'[fetch]\nallow_private = ["127.0.0.1"]\n{tables}')
        with Hub(load(tmp_path / "config.toml")) as hub:
            (first,) = hub.refresh(only=["a"])
            assert first.failure
            assert first.failure.code == "rate-limited"
            assert [result.source_id for result in hub.refresh()] == ["c"]
            assert [hit.path for hit in limited.requests] == ["/a"]
            assert [result.outcome for result in hub.refresh(only=["b"], force=True)] == ["changed"]
