"""The table of formats."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub.model import Entry, Text
from feedhub.publish import FORMATS, SUBSCRIPTION, document
from publishing import EDITION, SITE, item

if TYPE_CHECKING:
    from pathlib import Path


def test_a_document_takes_its_name_from_slug_and_format() -> None:
    for name, form in FORMATS.items():
        made = document(name, EDITION, SITE, [])
        assert (made.path, made.media_type) == (f"world{form.suffix}", form.media_type)
        assert made.body == form.write(EDITION, SITE, [], SUBSCRIPTION)


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_same_arguments_give_the_same_bytes(name: str) -> None:
    items = [item(Entry(title=Text(value="Bread"), link="https://herald.example/1"))]
    bodies = {document(name, EDITION, SITE, items).body for _ in range(3)}
    assert len(bodies) == 1
    assert bodies.pop().endswith(b"\n")


def test_nobody_knows_the_format() -> None:
    with pytest.raises(KeyError, match="gopher"):
        document("gopher", EDITION, SITE, [])


def test_the_table_alone_loads_no_library() -> None:
    script = "import sys, feedhub.publish; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert not {"feedgen", "lxml", "nh3"} & set(loaded)


def test_packages_add_formats(tmp_path: Path) -> None:
    (tmp_path / "gopher_format.py").write_text(
        "from feedhub.publish import Format\n"
        "def write(edition, site, items, part):\n"
        "    return f'i{edition.title}\\n'.encode()\n"
        "MENU = Format(suffix='.gopher', media_type='text/plain', write=write)\n"
    )
    info = tmp_path / "gopher_format-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gopher-format\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[feedhub.formats]\ngopher = gopher_format:MENU\natom = gopher_format:MENU\n"
    )
    script = (
        "from feedhub.publish import document, formats\n"
        "from feedhub.model import Edition, Site\n"
        "site, edition = Site(title='S', url='https://s.example/'), Edition(slug='world', title='World')\n"
        "print(sorted(formats()), document('gopher', edition, site, []).body)\n"
        "print(document('atom', edition, site, []).path)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout.splitlines() == ["['atom', 'gopher', 'json', 'rss'] b'iWorld\\n'", "world.atom"]


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_a_browser_shows_a_feed_in_its_style_sheet(name: str) -> None:
    for slug, found in (("world", "look/feed.css"), ("tags/syria", "../look/feed.css")):
        lines = document(name, replace(EDITION, slug=slug), SITE, []).body.decode().splitlines()
        assert lines[1] == f'<?xml-stylesheet type="text/css" href="{found}"?>'
