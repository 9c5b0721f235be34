"""A private edition is published, and nothing else tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub import Hub, load

if TYPE_CHECKING:
    from pathlib import Path

MARK = "k3Jx0q9vT2mZ7pLr"
CONFIG = f"""
[site]
title = "Press"
url = "https://press.example/"

[output]
pages = true

[[source]]
id = "s"
url = "feed.xml"
tags = ["bread"]

[[edition]]
slug = "all"
title = "All"

[[edition]]
slug = "cellar"
title = "For the cellar"
private = true
token = "{MARK}"
history = true
limit = 2

[[edition]]
slug = "tags/{{tag}}"
title = "Cellar's {{tag}}"
each_tag = true
private = true
token = "{MARK}"
"""


def test_no_document_names_a_private_edition(tmp_path: Path) -> None:
    items = "".join(
        f"<item><guid>urn:x-test:{number}</guid><title>Number {number}</title><link>https://s.example/{number}</link>"
        "</item>"
        for number in range(6)
    )
    (tmp_path / "feed.xml").write_text(f'<rss version="2.0"><channel><title>S</title>{items}</channel></rss>')
    (tmp_path / "config.toml").write_text(CONFIG)
    with Hub(load(tmp_path / "config.toml")) as hub:
        list(hub.refresh())
        hub.publish()
    published = tmp_path / "published"
    files = {str(path.relative_to(published)): path.read_bytes() for path in published.rglob("*") if path.is_file()}
    private = {path for path in files if MARK in path}
    suffixes = (".atom", ".rss", ".json")
    assert private == {
        *(f"cellar-{MARK}{suffix}" for suffix in suffixes),
        *(f"cellar-{MARK}--archive-{number}{suffix}" for number in (1, 2) for suffix in suffixes),
        *(f"tags/bread-{MARK}{suffix}" for suffix in suffixes),
    }
    assert "index.html" in files
    for path, body in files.items():
        if path not in private:
            assert MARK.encode() not in body, path
            assert b"cellar" not in body.lower(), path
