"""Credentials of sources: from the address or the environment, for one origin, and with it when the feed moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub import Hub, load
from feedhub.model import SourceState, Update
from loopback import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub import SourceResult
    from loopback import Answer

FEED = b'<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>One</title></item></channel></rss>'
SECRET = "Bearer c2VjcmV0LWZvci10ZXN0cw=="  # noqa: S105 - what must be found nowhere


def locked(answer: Answer) -> None:
    """Answer only those who have the secret."""
    is_known = answer.headers["Authorization"] in {SECRET, "Basic YW5uYTpodW50ZXIy"}
    answer.send_response(200 if is_known else 401)
    body = FEED if is_known else b""
    answer.send_header("Content-Length", str(len(body)))
    answer.end_headers()
    answer.wfile.write(body)


def hub(folder: Path, url: str, *, extra: str = "") -> Hub:
    path = folder / "config.toml"
    path.write_text(f'[fetch]\nallow_private = ["127.0.0.1"]\n[[source]]\nid = "s"\nurl = "{url}"\n{extra}')
    return Hub(load(path))


def refreshed(folder: Path, url: str, *, extra: str = "") -> SourceResult:
    with hub(folder, url, extra=extra) as opened:
        (result,) = opened.refresh(force=True)
        assert SECRET not in repr((result, opened.states(), opened.health()))
    return result


VARIABLE = 'authorization_env = "FEED_KEY"\n'


def test_credentials_come_from_the_environment(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    origin.handle("/feed", locked)
    monkeypatch.setenv("FEED_KEY", f"{SECRET}\n")
    assert refreshed(tmp_path, origin.url("/feed"), extra=VARIABLE).new == 1
    database = tmp_path / "var/feedhub.sqlite"
    assert SECRET.encode() not in database.read_bytes()


@pytest.mark.parametrize(("value", "reason"), [("", "is not set"), ("a\r\nX-Evil: 1", "no header can hold")])
def test_without_them_nothing_is_asked(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    monkeypatch.setenv("FEED_KEY", value)
    failure = refreshed(tmp_path, origin.url("/feed"), extra=VARIABLE).failure
    assert failure is not None
    assert failure.code == "refused"
    assert "FEED_KEY" in failure.detail
    assert reason in failure.detail
    assert origin.requests == []


def test_they_stay_within_their_origin(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_KEY", SECRET)
    with Origin() as other:
        other.serve("/feed", FEED)
        origin.redirect("/feed", other.url("/feed"))
        assert refreshed(tmp_path, origin.url("/feed"), extra=VARIABLE).failure is None
        assert "authorization" in origin.requests[0].headers
        assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize("user", ["", "anna:hunter2@"])
def test_a_feed_that_moved_is_still_asked_with_them(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    monkeypatch.setenv("FEED_KEY", SECRET)
    origin.handle("/new", locked)
    origin.redirect("/feed", "/new", 301)
    url = origin.url("/feed").replace("://", f"://{user}")
    extra = "" if user else VARIABLE
    before = datetime.now(UTC).replace(microsecond=0) - timedelta(days=4)
    with hub(tmp_path, url, extra=extra) as opened:
        list(opened.refresh(force=True))
        state = opened.states()["s"]
        assert state.move is not None
        settled: SourceState = replace(state, move=replace(state.move, sightings=4, since=before))
        opened.store.apply([Update(state=settled)])
        list(opened.refresh(force=True))
        assert opened.states()["s"].moved_to == origin.url("/new")
        (result,) = opened.refresh(force=True)
    assert result.failure is None
