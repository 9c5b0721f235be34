"""Hubs and webhooks are told of news by the program as users run it, and never fail it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from feedhub import Hub, announce, load
from program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Answer, Hit, Origin

FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = """<item><guid>{n}</guid><title>Title {n}</title><link>https://a.example/{n}</link>
<pubDate>Mon, 01 Jan 2024 {n:02}:00:00 GMT</pubDate><description>text of {n}</description></item>"""
SECRET = "whsec_" + base64.b64encode(b"a secret of some bytes").decode()
PRIVATE = '[[edition]]\nslug = "own"\ntitle = "Own"\nprivate = true\ntoken = "0123456789abcdef"\n'
# Entries that differ in a number only would be one event, and each would change with every other.
QUIET = "[stories]\nevents = false\nnear_duplicates = false\n"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)


class Site:
    """A publication of one source, with hubs and webhooks at an origin on loopback."""

    def __init__(self, folder: Path, origin: Origin, extra: str = "") -> None:
        self.folder, self.origin = folder, origin
        self.program = Program(folder)
        self.write(0)
        self.configure(extra)

    def configure(self, extra: str) -> None:
        self.program.configure(["a.rss"], extra=PRIVATE + QUIET + extra)

    def write(self, count: int) -> None:
        items = "".join(ITEM.format(n=n) for n in range(count))
        (self.folder / "a.rss").write_text(FEED.format(items=items))

    def publish(self, count: int) -> list[dict[str, Any]]:
        """Refresh a feed of so many entries, and return what the program says it told whom."""
        self.write(count)
        announced: list[dict[str, Any]] = self.program.json("refresh", "--force")[-1]["announced"]
        return announced

    def hits(self, path: str) -> list[Hit]:
        return [hit for hit in self.origin.requests if hit.path == path]

    def topics(self) -> list[str]:
        fields = [dict(urllib.parse.parse_qsl(hit.body.decode())) for hit in self.hits("/hub")]
        assert all(field["hub.mode"] == "publish" for field in fields)
        return [field["hub.url"] for field in fields]


def hub(origin: Origin) -> str:
    return f'[websub]\nhubs = ["{origin.url("/hub")}"]\n'


def hook(origin: Origin, edition: str = "all") -> str:
    url = origin.url("/hook?key=1")
    return f'[[webhook]]\nurl = "{url}"\nedition = "{edition}"\nsecret_env = "HOOK_SECRET"\n'


def wind_back(site: Site) -> None:
    """Let as much time go by as whoever failed is left alone for: the notes say from when on they are asked again."""
    with Hub(load(site.folder / "config.toml")) as opened:
        for name in json.loads(opened.store.note(announce.INDEX)):
            state = json.loads(opened.store.note(name))
            state.pop("due", None)
            opened.store.set_note(name, json.dumps(state))


ALL = {f"http://localhost:8000/all.{form}" for form in ("atom", "rss", "json")}


def test_hubs_are_told_of_the_feeds_that_changed_and_of_no_private_one(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hub", "", status=204)
    site = Site(tmp_path, origin, hub(origin))
    told = site.publish(1)
    assert set(site.topics()) == ALL
    assert [(result["kind"], result["outcome"]) for result in told] == [("hub", "sent")] * 3
    assert site.publish(1) == []
    site.publish(2)
    assert len(site.topics()) == 6
    assert b'rel="hub"' in (tmp_path / "published" / "all.atom").read_bytes()
    private = (tmp_path / "published" / "own-0123456789abcdef.atom").read_bytes()
    assert (b'rel="hub"' in private, b"Title 1" in private) == (False, True)


def test_a_hub_that_fails_is_told_again_later_and_fails_nothing(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hub", "busy", status=503)
    site = Site(tmp_path, origin, hub(origin))
    (failed,) = site.publish(1)
    assert (failed["outcome"], failed["detail"]) == ("failed", "http-503: busy")
    assert len(site.hits("/hub")) == 1, "who failed is not asked for the next topic"
    assert site.publish(1) == []
    wind_back(site)
    origin.serve("/hub", "", status=202)
    assert [result["outcome"] for result in site.publish(1)] == ["sent"] * 3
    assert set(site.topics()) == ALL
    assert site.publish(1) == []


def test_a_hub_that_hangs_holds_nothing_up_for_long(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "SECONDS", 1.0)
    origin.serve("/hub", "", delay=120)
    site = Site(tmp_path, origin, hub(origin))
    site.write(1)
    with Hub(load(tmp_path / "config.toml")) as opened:
        assert all(not result.failure for result in opened.refresh())
        assert opened.publish().written
        begun = time.monotonic()
        (failed,) = opened.announce()
        assert time.monotonic() - begun < 20
    assert (failed.outcome, failed.detail.partition(":")[0]) == ("failed", "timeout")


def test_private_addresses_are_told_nothing_unless_allowed(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hub", "")
    site = Site(tmp_path, origin, hub(origin))
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace('allow_private = ["127.0.0.1"]', f"ports = [{origin.port}]"))
    (failed,) = site.publish(1)
    assert failed["detail"].startswith("refused: ")
    assert origin.requests == []


def delivered(hits: list[Hit]) -> list[list[str]]:
    """Check the signatures of what a webhook was sent, and return the titles in each."""
    titles = []
    for hit in hits:
        signed = f"{hit.headers['webhook-id']}.{hit.headers['webhook-timestamp']}.".encode() + hit.body
        digest = hmac.new(b"a secret of some bytes", signed, hashlib.sha256).digest()
        assert hit.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
        assert abs(int(hit.headers["webhook-timestamp"]) - time.time()) < 300
        assert hit.headers["content-type"] == "application/feed+json"
        titles.append([item["title"] for item in json.loads(hit.body)["items"]])
    return titles


def test_a_webhook_is_sent_what_comes_after_it_signed(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hook", "", status=204)
    site = Site(tmp_path, origin)
    site.publish(2)
    site.configure(hook(origin))
    assert site.publish(3) == []
    assert site.hits("/hook?key=1") == []
    (sent,) = site.publish(5)
    assert sent == {"kind": "webhook", "to": "127.0.0.1", "what": "all", "outcome": "sent", "detail": ""}
    assert delivered(site.hits("/hook?key=1")) == [["Title 4", "Title 3"]]
    assert site.publish(5) == []


def test_a_webhook_that_is_added_hears_of_what_comes_even_if_nothing_changed_meanwhile(
    tmp_path: Path, origin: Origin
) -> None:
    origin.serve("/hook", "")
    site = Site(tmp_path, origin)
    site.publish(2)
    site.configure(hook(origin))
    assert site.publish(2) == []
    site.publish(3)
    assert delivered(site.hits("/hook?key=1")) == [["Title 2"]]


def test_what_a_webhook_did_not_take_is_sent_again_in_order(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hook", "no", status=500)
    site = Site(tmp_path, origin, hook(origin))
    site.publish(1)
    (failed,) = site.publish(2)
    assert (failed["outcome"], failed["detail"]) == ("failed", "http-500: no")
    assert site.publish(3) == [], "it is left alone for a while"
    wind_back(site)
    origin.serve("/hook", "")
    assert [result["outcome"] for result in site.publish(3)] == ["sent", "sent"]
    first, *others = site.hits("/hook?key=1")
    assert delivered([first, *others]) == [["Title 1"], ["Title 1"], ["Title 2"]]
    assert others[0].headers["webhook-id"] == first.headers["webhook-id"] != others[1].headers["webhook-id"]


def test_without_its_secret_nothing_is_sent(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    origin.serve("/hook", "")
    site = Site(tmp_path, origin, hook(origin))
    site.publish(1)
    site.write(2)
    with Hub(load(tmp_path / "config.toml")) as opened:
        list(opened.refresh(force=True))
        opened.publish()
        monkeypatch.delenv("HOOK_SECRET")
        (failed,) = opened.announce()
    assert (failed.outcome, failed.detail) == ("failed", "no-secret: the environment variable HOOK_SECRET is not set")
    assert origin.requests == []


def test_a_private_edition_may_have_a_webhook(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hook", "")
    site = Site(tmp_path, origin, hook(origin, "own"))
    site.publish(1)
    site.publish(2)
    assert delivered(site.hits("/hook?key=1")) == [["Title 1"]]


def test_a_webhook_that_went_and_comes_back_is_new(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hook", "")
    site = Site(tmp_path, origin, hook(origin))
    site.publish(1)
    site.configure("")
    site.publish(2)
    site.configure(hook(origin))
    assert site.publish(3) == []
    site.publish(4)
    assert delivered(site.hits("/hook?key=1")) == [["Title 3"]]


def test_a_publication_that_was_killed_before_it_counted_is_told_of(tmp_path: Path, origin: Origin) -> None:
    origin.serve("/hub", "")
    origin.serve("/hook", "")
    site = Site(tmp_path, origin, hub(origin) + hook(origin))
    site.publish(1)
    known = len(site.topics())
    site.write(2)
    with Hub(load(tmp_path / "config.toml")) as opened:
        list(opened.refresh(force=True))

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        opened.announcer.note = killed  # type: ignore[method-assign]  # as if killed there: the files are written
        with pytest.raises(KeyboardInterrupt):
            opened.publish()
    assert b"Title 1" in (tmp_path / "published" / "all.atom").read_bytes()
    site.publish(2)
    assert set(site.topics()[known:]) == ALL
    assert delivered(site.hits("/hook?key=1")) == [["Title 1"]]


def test_a_bug_is_told_as_one_and_fails_nothing(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path, origin, hub(origin))
    site.write(1)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("feedhub.fetch.calls.post", broken)
    with Hub(load(tmp_path / "config.toml")) as opened:
        list(opened.refresh(force=True))
        opened.publish()
        (failed,) = opened.announce()
    assert (failed.outcome, failed.detail) == ("failed", "bug, please report it: ZeroDivisionError()")


def answer_slowly(answer: Answer) -> None:
    answer.server.origin.closing.wait(1)
    answer.send_response(204)
    answer.end_headers()


def test_many_are_told_at_the_same_time(tmp_path: Path, origin: Origin) -> None:
    hooks = []
    for number in range(6):
        origin.handle(f"/hook{number}", answer_slowly)
        url = origin.url(f"/hook{number}")
        hooks.append(f'[[webhook]]\nurl = "{url}"\nedition = "all"\nsecret_env = "HOOK_SECRET"\n')
    site = Site(tmp_path, origin, "".join(hooks))
    site.publish(1)
    assert len(site.publish(2)) == 6
    assert origin.tally.most > 1
