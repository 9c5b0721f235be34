"""A real hub, a real ``feedhub serve``, and what goes between them."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
from typing import TYPE_CHECKING

import pytest

from program import Program
from serving import Serving
from websub_hub import Hub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import Origin

FEED = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A feed</title>
<link>https://a.example/</link><description>d</description>{links}{items}</channel></rss>"""
ITEM = """<item><guid>{n}</guid><title>Title {n}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 {n:02}:00:00 GMT</pubDate><description>text of {n}</description></item>"""


def feed(*numbers: int, links: str = "") -> bytes:
    return FEED.format(links=links, items="".join(ITEM.format(n=n) for n in numbers)).encode()


class Town:
    """A source that names a hub, and feedhub that reads and serves it."""

    def __init__(self, folder: Path, origin: Origin) -> None:
        self.origin = origin
        self.hub = Hub(origin)
        self.program = Program(folder)
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        links = f'<atom:link rel="hub" href="{self.hub.url}"/><atom:link rel="self" href="{origin.url("/feed")}"/>'
        origin.serve("/feed", feed(1, 2, 3, links=links), content_type="application/rss+xml")
        (folder / "other.rss").write_bytes(feed(9))
        self.configure([origin.url("/feed"), "other.rss"])
        self.serving = Serving(folder, "--refresh", "1h", port=self.port)

    def configure(self, sources: list[str]) -> None:
        callback = f'[websub]\nenabled = true\ncallback = "http://127.0.0.1:{self.port}/"\n'
        self.program.configure(sources, extra=callback)

    def wait_until_active(self) -> dict[str, str]:
        """Wait for the subscription to be confirmed, and return what was asked of the hub."""
        self.wait_for_figure('websub_subscriptions{state="active"}')
        return self.hub.asked[-1]

    def wait_for_figure(self, name: str, value: int = 1) -> None:
        self.serving.wait_for(lambda: f"feedhub_{name} {value}\n" in self.serving.get("/metrics").body.decode())

    def polls(self) -> int:
        return sum(hit.path == "/feed" for hit in self.origin.requests)


@pytest.fixture
def town(tmp_path: Path, origin: Origin) -> Iterator[Town]:
    made = Town(tmp_path, origin)
    with made.serving:
        yield made


def test_a_delivery_is_published_at_once_and_a_forged_one_never(town: Town) -> None:
    asked = town.wait_until_active()
    assert asked["hub.topic"] == town.origin.url("/feed")
    town.serving.wait_for(lambda: town.hub.confirmed == ["subscribe"])
    callback, secret = asked["hub.callback"], asked["hub.secret"]
    polls = town.polls()
    assert town.hub.deliver(callback, feed(7), secret="guessed") == 202  # noqa: S106 - a wrong one
    town.wait_for_figure('websub_deliveries_total{result="unsigned"}')
    for number, method in ((4, "sha256"), (5, "sha1"), (6, "sha512")):
        assert town.hub.deliver(callback, feed(number), secret=secret, method=method) == 202
    for number in (4, 5, 6):
        town.serving.wait_for(lambda n=number: b"Title %d" % n in town.serving.get("/all.atom").body)
    published = town.serving.get("/all.atom").body
    assert b"Title 1" in published, "a delivery of new entries removes no others"
    assert b"Title 7" not in published
    assert town.polls() == polls, "what is delivered need not be asked for"
    assert not list((town.program.folder / "var" / "feedhub.sqlite.inbox").iterdir())
    told = town.serving.told() + town.program.run("sources", "--json").stdout
    told += "".join(body.decode() for body, _ in town.program.published().values())
    assert secret not in told
    assert callback.rpartition("/")[2] not in told


def test_what_the_document_taught_is_kept_when_a_hub_delivers(town: Town) -> None:
    asked = town.wait_until_active()
    town.hub.deliver(asked["hub.callback"], feed(4), secret=asked["hub.secret"])
    town.serving.wait_for(lambda: b"Title 4" in town.serving.get("/all.atom").body)
    town.program.run("refresh", "--force")
    last = [hit for hit in town.origin.requests if hit.path == "/feed"][-1]
    assert "if-none-match" in last.headers
    state = next(row["state"] for row in town.program.json("sources") if row["source"]["id"] == "s0")
    assert state["rhythm"]["entries"] == 3


def test_what_was_not_asked_for_is_refused(town: Town) -> None:
    asked = town.wait_until_active()
    callback, topic = asked["hub.callback"], asked["hub.topic"]
    query = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": "c", "hub.lease_seconds": "60"}
    assert town.hub.get(callback, query)[0] == 404, "it is confirmed already"
    assert town.hub.get(callback, query | {"hub.mode": "unsubscribe"})[0] == 404
    assert town.hub.get(callback[:-1], query)[0] == 404
    body, secret = feed(4), asked["hub.secret"]
    assert town.hub.deliver(callback[:-1], body, secret=secret) == 410
    assert town.hub.deliver(callback, body, secret=secret, headers={"Content-Encoding": "gzip"}) == 415
    assert town.hub.deliver(callback, body, secret=secret, headers={"X-Hub-Signature": ""}) == 202
    path = callback[callback.index("/websub/") :]
    assert town.serving.get(path, method="POST", Content_Length="99999999").status == 413
    town.wait_for_figure('websub_deliveries_total{result="unsigned"}')
    town.wait_for_figure('websub_deliveries_total{result="too-large"}')


def test_a_lease_is_renewed_before_it_ends(town: Town) -> None:
    first = town.wait_until_active()
    with sqlite3.connect(town.program.folder / "var" / "feedhub.sqlite") as database:
        (note,) = database.execute("SELECT value FROM notes WHERE name = 'websub s0'").fetchone()
    assert first["hub.secret"] in note
    town.serving.signal(signal.SIGTERM)
    town.serving.process.wait(30)
    soon = re.sub(r'"renew_at":"[^"]*"', '"renew_at":"2026-01-01T00:00:00Z"', note)
    with sqlite3.connect(town.program.folder / "var" / "feedhub.sqlite") as database:
        database.execute("UPDATE notes SET value = ? WHERE name = 'websub s0'", (soon,))
    with town.serving:
        town.serving.wait_for(lambda: town.hub.confirmed == ["subscribe", "subscribe"])
    assert {fields["hub.callback"] for fields in town.hub.asked} == {first["hub.callback"]}
    assert {fields["hub.secret"] for fields in town.hub.asked} == {first["hub.secret"]}


@pytest.mark.parametrize("enabled", [True, False])
def test_what_leaves_the_configuration_is_unsubscribed(town: Town, *, enabled: bool) -> None:
    asked = town.wait_until_active()
    if enabled:
        town.configure(["other.rss"])
    else:
        town.program.configure([town.origin.url("/feed")])
    town.serving.signal(signal.SIGHUP)
    town.serving.wait_for(lambda: town.hub.confirmed == ["subscribe", "unsubscribe"])
    assert town.hub.asked[-1]["hub.callback"] == asked["hub.callback"]
    assert town.hub.deliver(asked["hub.callback"], feed(4), secret=asked["hub.secret"]) == 410


def test_a_hub_may_refuse(town: Town) -> None:
    asked = town.wait_until_active()
    query = {"hub.mode": "denied", "hub.topic": asked["hub.topic"], "hub.reason": "no\x1b[31m more"}
    assert town.hub.get(asked["hub.callback"], query)[0] == 200
    town.wait_for_figure('websub_subscriptions{state="denied"}')
    town.serving.wait_for(lambda: "refuses: no\\x1b[31m more" in town.serving.told())


def test_nothing_is_subscribed_to_unless_configured(tmp_path: Path, origin: Origin) -> None:
    town = Town(tmp_path, origin)
    town.program.configure([origin.url("/feed")])
    with town.serving:
        town.wait_for_figure('refreshes_total{status="0"}')
        assert town.hub.asked == []
