"""Pages are valid and inert whatever the entries hold, by a strict parser of HTML and, where it is there, by the Nu
HTML Checker: a ``vnu.jar`` that FEEDHUB_VNU names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import html5lib
import pytest
from msgspec.structs import replace

from feedhub.editions import tag_slugs
from feedhub.normalize.html import sanitise, to_text
from feedhub.publish.html import theme
from feedhub.publish.html.conforming import conforming
from feedhub.publish.html.pages import Pages
from hostile_items import hostile, published
from publishing import EDITION, SITE
from shared import shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

XHTML = "{http://www.w3.org/1999/xhtml}"
# What may run, load or restyle, and pages never need.
FORBIDDEN = {"script", "style", "iframe", "object", "embed", "base", "applet", "math"}


@pytest.fixture(scope="module", params=["texts", "long", "markup", "titles", "nothing"])
def pages(request: pytest.FixtureRequest) -> dict[str, bytes]:
    # Of an event of a thousand stories each page would name two hundred; some are enough here.
    items = [replace(each, related=each.related[:3]) for each in published(dict(hostile())[request.param])]
    slugs = tag_slugs({tag.name for each in items for tag in each.story.tags})
    tagged = [replace(EDITION, slug=f"tags/{slug}", title=tag, tag=tag) for tag, slug in list(slugs.items())[:50]]
    shown = [(EDITION, items), *((edition, items[:5]) for edition in tagged)]
    maker = Pages(SITE, [edition for edition, _ in shown], search=True)
    made = {page.path: maker.render(page).body for page in maker.publication(shown, [])}
    return made | {"search.html": maker.search(items[0].story.lead.title, items[:100])}


@pytest.fixture(scope="module")
def danger() -> Callable[[str], list[str]]:
    """Return the check for markup that is not inert that comes with the vectors."""
    folder = str(shared("hostile/xss_check.py").parent)
    sys.path.insert(0, folder)
    try:
        import xss_check  # noqa: PLC0415 - it lies beside the vectors
    finally:
        sys.path.remove(folder)
    check: Callable[[str], list[str]] = xss_check.danger
    return check


def test_a_strict_parser_has_no_complaints_and_nothing_can_run(pages: dict[str, bytes]) -> None:
    stories = [path for path in pages if path.startswith("story/")]
    # The lists hold all stories already, and this parser is slow.
    for path in [path for path in pages if path not in stories] + stories[::8]:
        page = pages[path]
        tree = html5lib.HTMLParser(strict=True).parse(page, transport_encoding="utf-8")
        for element in tree.iter():
            if isinstance(element.tag, str):
                assert element.tag.removeprefix(XHTML) not in FORBIDDEN, path
                assert not [name for name in element.attrib if name.startswith("on") or name == "style"], path


def test_every_fragment_is_inert_and_keeps_its_words(danger: Callable[[str], list[str]]) -> None:
    lines = (shared("hostile/vectors") / "xss_all.jsonl").read_text().splitlines()
    for line in lines:
        clean = sanitise(json.loads(line)["input"], "https://herald.example/")
        made = conforming(clean)
        assert not danger(made), line
        assert set(to_text(clean).split()) <= set(to_text(made).split()), line


def test_the_nu_html_checker_finds_no_error(pages: dict[str, bytes], tmp_path: Path) -> None:
    jar = os.environ.get("FEEDHUB_VNU", "")
    if not jar or not shutil.which("java"):
        pytest.skip("no Nu HTML Checker: set FEEDHUB_VNU to its vnu.jar, and install java")
    for path, page in pages.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(page)
    for document in theme.dressing(theme.PLAIN):
        (tmp_path / document.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / document.path).write_bytes(document.body)
    also = ["--also-check-css", "--also-check-svg"]
    command = ["java", "-Xss64m", "-jar", jar, "--format", "json", "--exit-zero-always", *also, tmp_path]
    done = subprocess.run(command, capture_output=True, check=True, timeout=600)
    messages = json.loads(done.stderr)["messages"]
    assert [_short(message) for message in messages if message["type"] != "info"] == []


def _short(message: dict[str, object]) -> str:
    return f"{message.get('url')}: {message['message']}: {message.get('extract')}"
