"""What commands print with --json has the fields that docs/commands.md says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from program import Program
from shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

FEED = """<rss version="2.0"><channel><title>{name}</title><link>https://{name}.example/</link><description>d</description>
<item><guid isPermaLink="false">{name}-1</guid><title>The harbour ferry of {name} is late</title>
<link>https://{name}.example/1</link></item></channel></rss>"""
OPML = '<opml version="2.0"><body><outline type="rss" text="x" xmlUrl="https://x.example/feed"/></body></opml>'


def documented() -> dict[tuple[str, str], set[str]]:
    """Return the documented fields by command and by when they are printed."""
    rows = re.findall(r"^\| (`.+`) \| (.*?) ?\| (.+) \|$", (ROOT / "docs" / "commands.md").read_text(), re.MULTILINE)
    return {
        (command, when.partition(",")[0]): set(" ".join(re.findall(r"`(.+?)`", fields)).split())
        for command, when, fields in rows
        if "FEEDHUB" not in command and "SSL" not in command
    }


FIELDS = documented()


@pytest.fixture
def program(tmp_path: Path, origin: Origin) -> Program:
    """Return a program whose three sources have been refreshed, two of them with entries."""
    program = Program(tmp_path)
    for name in ("herald", "courier"):
        origin.serve(f"/{name}", FEED.format(name=name), content_type="application/rss+xml")
    urls = [origin.url(path) for path in ("/herald", "/courier", "/none")]
    program.configure(urls, extra='[[tag]]\nname = "nobody"\nwords = ["nobody"]\n')
    program.run("refresh", status=1)
    return program


def fields(rows: list[Any]) -> set[str]:
    """Return the fields that all of some objects have, at least one of them."""
    assert rows
    assert len({tuple(row) for row in rows}) == 1
    return set(rows[0])


def test_refreshing_and_publishing(program: Program) -> None:
    told = program.json("refresh", "--force", status=1)
    assert fields(told[:-1]) == FIELDS["`refresh`, `check`", "for each source as it answers"]
    assert set(told[-1]) == FIELDS["`refresh`", "at the end"]
    assert fields(program.json("check", status=1)) == FIELDS["`refresh`, `check`", "for each source as it answers"]
    assert fields(program.json("publish")) == FIELDS["`publish`", ""]
    path = program.folder / "config.toml"
    path.write_text(path.read_text().replace('"nobody"', '"late"'))
    for command in ("refresh", "publish"):
        assert set(program.json(command, "--dry-run")[-1]) > {"preview"}
    assert fields(program.json("rebuild")) == FIELDS["`rebuild`", ""]


def test_what_is_known(program: Program) -> None:
    assert fields(program.json("sources")) == FIELDS["`sources`", "for each source"]
    assert fields(program.json("stories")) == FIELDS["`stories`", "for each story"]
    assert fields(program.json("explain", "herald-1")) == FIELDS["`explain ENTRY`", "for each entry of that name"]
    assert fields(program.json("explain", "herald-1", "courier-1")) == FIELDS["`explain ENTRY OTHER`", ""]


def test_corrections(program: Program) -> None:
    rows = program.json("stories", "link", "herald-1", "courier-1")
    rows += program.json("stories", "corrections")
    rows += program.json("stories", "undo", "herald-1")
    rows += program.json("stories", "split", "herald-1")
    assert fields(rows) == FIELDS["`stories split`, `join`, `link`, `undo`, `corrections`", "for each correction"]


def test_tags(program: Program) -> None:
    told = program.json("tags", "try", 'words = ["ferry"]')
    assert fields(told[:-1]) == FIELDS["`tags try`", "for each match"]
    assert set(told[-1]) == FIELDS["`tags try`", "at the end"]
    assert fields(program.json("tags", "suggest", "--least", "2")) == FIELDS["`tags suggest`", "for each phrase"]


def test_subscriptions(program: Program, origin: Origin) -> None:
    origin.serve("/gazette", FEED.format(name="gazette"), content_type="application/rss+xml")
    failed = program.json("add", origin.url("/nothing"), status=1)
    assert fields(failed) == FIELDS["`add`", ""]
    assert fields(program.json("add", origin.url("/gazette"))) == FIELDS["`add`", ""] - {"failure"}
    (program.folder / "list.opml").write_text(OPML)
    assert fields(program.json("import", "list.opml")) == FIELDS["`import`", ""]


def test_training(program: Program) -> None:
    pytest.importorskip("sklearn", reason="needs feedhub[learn]")
    items = "".join(
        f"<item><guid>{word}{number}</guid><title>{word} news number {number}</title><category>{word}</category></item>"
        for number in range(40)
        for word in ("ferry", "harvest")
    )
    (program.folder / "more.xml").write_text(f"<rss version='2.0'><channel><title>m</title>{items}</channel></rss>")
    path = program.folder / "config.toml"
    path.write_text(path.read_text() + '[[source]]\nid = "more"\nurl = "more.xml"\n')
    program.run("refresh", "--source", "more")
    told = program.json("tags", "train", "--output", "model")
    assert fields(told[:-1]) == FIELDS["`tags train`", "for each tag that was tried"]
    assert set(told[-1]) == FIELDS["`tags train`", "at the end"]
