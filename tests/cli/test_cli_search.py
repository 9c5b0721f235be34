"""Searching the stories on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from program import Program

if TYPE_CHECKING:
    from pathlib import Path

FEED = """<rss version="2.0"><channel><title>Feed</title><link>https://a.example/</link><description>d</description>
<item><guid>1</guid><title>Rain in Spain</title><link>https://a.example/1</link><description>falls mainly</description>
<pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Elsewhere</title><link>https://a.example/2</link><description>Spanish sun</description>
<pubDate>Mon, 01 Jan 2024 01:00:00 GMT</pubDate></item></channel></rss>"""


def titles(program: Program, words: str) -> list[str]:
    return [story["lead"]["title"] for story in program.json("stories", "--search", words)]


def test_stories_are_found_by_their_words(tmp_path: Path) -> None:
    (tmp_path / "a.rss").write_text(FEED)
    program = Program(tmp_path)
    program.configure(["a.rss"])
    assert titles(program, "spain") == [], "nothing is stored yet"
    program.run("refresh")
    assert titles(program, "spain") == ["Rain in Spain"]
    assert titles(program, "spa*") == ["Elsewhere", "Rain in Spain"]
    assert titles(program, '"falls mainly" RAIN') == ["Rain in Spain"]
    assert titles(program, "snow") == titles(program, '"') == []
    assert len(program.json("stories")) == 2
