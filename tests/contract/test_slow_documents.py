"""Documents that take the tolerant reader long: they wait for the others, and all together for a bounded time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub import Hub, load
from feedhub.box import Box
from loopback import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedhub.hub import SourceResult

PLAIN = "<rss version='2.0'><channel><title>Plain</title><item><guid>1</guid><title>One</title></item></channel></rss>"
# Not well-formed, so feedparser reads them; the author costs it the square of his length, the titles a little each.
ODD = "<rss version='2.0'><channel><title>An & ampersand</title>{}</channel></rss>"
ENDLESS = ODD.format(f"<item><author>{'a' * 400_000}</author></item>")
LONG = ODD.format("".join(f"<item><guid>{n}</guid><title>{'<b>One</b> ' * 10}</title></item>" for n in range(700)))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


def refreshed(folder: Path, origin: Origin, pages: dict[str, str], seconds: float) -> list[SourceResult]:
    """Return what a refresh of these pages gives, in the order in which it does."""
    for name, page in pages.items():
        origin.serve(f"/{name}", page)
    sources = "".join(f'[[source]]\nid = "{name}"\nurl = "{origin.url(f"/{name}")}"\n' for name in pages)
    (folder / "config.toml").write_text(
        f'[fetch]\nallow_private = ["127.0.0.1"]\n[parse]\nseconds = {seconds}\n{sources}'
        '[[edition]]\nslug = "all"\ntitle = "Everything"\n'
    )
    with Hub(load(folder / "config.toml")) as hub:
        return list(hub.refresh())


def test_endless_documents_wait_for_all_others_and_share_a_bounded_time(tmp_path: Path, origin: Origin) -> None:
    pages = {f"endless{n}": ENDLESS for n in range(4)} | {f"plain{n}": PLAIN for n in range(4)}
    results = refreshed(tmp_path, origin, pages, seconds=1.0)
    assert [result.outcome for result in results] == ["changed"] * 4 + ["failed"] * 4
    failures = [result.failure for result in results if result.failure]
    assert {failure.code for failure in failures} == {"too-complex"}
    # Two of them had the time that one document may take, the others only the share that each has at first.
    in_full = ["more than 1 seconds" in failure.detail for failure in failures]
    assert in_full == [True, True, False, False]
    assert all("more than 0.1 seconds" in failure.detail for failure in failures[2:])


def test_a_long_document_is_read_when_the_others_are(tmp_path: Path, origin: Origin) -> None:
    with Box(seconds=60.0) as box:
        box.read(LONG.encode(), url="https://example.org/feed")
    # More than its share at first, and less than it may take.
    pages = {"long": LONG, "odd": ODD.format("<item><guid>1</guid></item>"), "plain": PLAIN}
    results = refreshed(tmp_path, origin, pages, seconds=round(3 * box.used, 3))
    assert {result.source_id: (result.outcome, result.new) for result in results} == {
        "odd": ("changed", 1), "plain": ("changed", 1), "long": ("changed", 700),
    }  # fmt: skip
    assert results[-1].source_id == "long"
