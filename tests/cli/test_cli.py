from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

from program import PROGRAM, Program

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

FEED = """<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = """<item><guid>{guid}</guid><title>Title of {guid}</title><link>https://a.example/{guid}</link>
<pubDate>Mon, 01 Jan 2024 0{hour}:00:00 GMT</pubDate><description>{text}</description></item>"""


def feed(*guids: str, text: str = "some text") -> bytes:
    items = "".join(ITEM.format(guid=guid, hour=hour, text=text) for hour, guid in enumerate(guids))
    return FEED.format(items=items).encode()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def serve(origin: Origin, path: str, body: bytes) -> str:
    origin.serve(path, body, content_type="application/rss+xml")
    return origin.url(path)


def test_init_writes_a_configuration_that_check_accepts_and_keeps_an_existing_one(program: Program) -> None:
    program.run("init")
    path = program.folder / "config.toml"
    written = path.read_bytes()
    program.run("init", status=1)
    assert path.read_bytes() == written


INTERRUPTED = """
import runpy, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == "feedhub.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
runpy.run_module("feedhub", run_name="__main__")
"""


def test_a_program_that_is_ended_while_it_loads_shows_no_trace() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_version_is_fast_to_say(program: Program) -> None:
    assert program.run("version").stdout.startswith("feedhub ")
    assert program.run("--version").stdout == program.run("version").stdout


def test_an_address_that_cannot_be_listened_at_is_named(program: Program) -> None:
    program.configure([])
    complaint = program.run("serve", "--host", "300.1.1.1", "--port", "0", status=4).stderr
    assert "300.1.1.1" in complaint
    assert "file system" not in complaint


def test_refresh_is_silent_and_publishes(program: Program, origin: Origin) -> None:
    text = '&lt;a href="/2"&gt;an address that is not whole&lt;/a&gt;'
    program.configure([serve(origin, "/a", feed("1", "2", text=text))])
    done = program.run("refresh")
    assert (done.stdout, done.stderr) == ("", "")
    assert set(program.published()) == {"all.atom", "all.rss", "all.json", "sources.opml", "look/feed.css"}


def test_a_source_is_left_alone_until_it_is_due(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    seen = len(origin.requests)
    assert [row["sources"] for row in program.json("refresh")] == [0]
    assert len(origin.requests) == seen


def test_nothing_new_touches_nothing_and_asks_conditionally(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    before = program.published()
    result, total = program.json("refresh", "--force")
    assert (result["outcome"], total["written"]) == ("unchanged", [])
    assert program.published() == before
    assert any(name.lower() == "if-none-match" for name in origin.requests[-1].headers)


def test_a_new_entry_is_published_and_a_lost_document_is_written_again(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    serve(origin, "/a", feed("1", "2"))
    total = program.json("refresh", "--force")[-1]
    assert {name: total[name] for name in ("sources", "failed", "new", "changed", "written")} == {
        "sources": 1, "failed": 0, "new": 1, "changed": 0, "written": ["all.atom", "all.rss", "all.json"],
    }  # fmt: skip
    (program.folder / "published/all.rss").unlink()
    assert program.json("refresh", "--force")[-1]["written"] == ["all.rss"]


def test_one_failing_source_is_told_and_stops_nothing(program: Program, origin: Origin) -> None:
    good = serve(origin, "/a", feed("1"))
    program.configure([origin.url("/missing"), good, serve(origin, "/page", b"<!DOCTYPE html><p>no feed</p>")])
    done = program.run("refresh", status=1)
    assert "s0: http-404" in done.stderr
    assert "s2: not-a-feed" in done.stderr
    assert program.run("refresh", "--force", "--quiet", status=1).stderr == ""
    health = program.json("sources")
    assert [row["state"].get("failures", 0) for row in health] == [2, 0, 2]
    assert b"Title of 1" in program.published()["all.atom"][0]


def test_an_unreachable_source_leaves_what_was_published(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    before = program.published()
    origin.serve("/a", b"", status=500)
    program.run("refresh", "--force", status=1)
    assert program.published() == before


def test_a_malformed_feed_keeps_the_entries_that_can_be_read(program: Program, origin: Origin) -> None:
    broken = feed("1", "2").replace(b"</channel></rss>", b"<item><title>cut")
    program.configure([serve(origin, "/a", broken)])
    result = program.json("refresh")[0]
    assert result["new"] >= 2
    assert result["problems"]


def test_its_own_output_is_refused_as_a_source(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))], extra=f'[site]\nurl = "{origin.url("/")}"\n')
    program.run("refresh")
    own = {name: data for name, (data, _) in program.published().items() if name.startswith("all.")}
    urls = []
    for name, data in own.items():
        origin.serve(f"/{name}", data, content_type="application/feed+json" if "json" in name else "application/xml")
        urls.append(origin.url(f"/{name}"))
    program.configure(urls, extra=f'[site]\nurl = "{origin.url("/")}"\n')
    results = program.json("refresh", status=1)[:-1]
    assert [result["failure"]["code"] for result in results] == ["refused"] * 3


def test_a_shadow_check_compares_the_parsers(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))], extra="[parse]\nshadow = 1.0\n")
    result, total = program.json("refresh")
    assert (result["reader"], result["differences"]) == ("fast", [])
    assert (total["readers"], total["differences"]) == ({"fast": 1}, 0)


def test_only_the_named_source_is_refreshed(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1")), serve(origin, "/b", feed("2"))])
    assert [row["source_id"] for row in program.json("refresh", "--source", "s1")[:-1]] == ["s1"]
    assert "no source 'x'" in program.run("refresh", "--source", "x", status=2).stderr


def test_a_dry_run_and_a_check_write_nothing(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    assert program.json("refresh", "--dry-run")[-1]["new"] == 1
    assert program.run("check").stdout.splitlines() == ["s0: 1 entry", "config.toml: no mistakes; 1 source, 1 edition"]
    assert program.json("publish", "--dry-run") == [{"documents": 0, "written": [], "announced": []}]
    assert [path.name for path in program.folder.iterdir()] == ["config.toml"]


def test_a_check_tells_of_rules_that_ask_for_sources_nobody_reads(program: Program, origin: Origin) -> None:
    rules = (
        '[[tag]]\nname = "x"\nnot = { any = [{ source = ["s0", "s9"] }, { words = ["a"] }] }\n'
        '[[edition]]\nslug = "b"\ntitle = "B"\nfilter = { source = "s8" }\n'
    )
    program.configure([serve(origin, "/a", feed("1"))], extra=rules)
    assert program.run("check").stderr.splitlines() == [
        "careful: the tag 'x' asks for the source 's9', which is not read",
        "careful: the edition 'b' asks for the source 's8', which is not read",
    ]


def test_a_wrong_configuration_is_told_whole_and_writes_nothing(program: Program) -> None:
    (program.folder / "config.toml").write_text("[site]\ntitel = 'x'\n[[edition]]\nslug = 3\ntitle = 'x'\n")
    done = program.run("refresh", status=2)
    assert "site.titel" in done.stderr
    assert "edition[1].slug" in done.stderr
    assert [path.name for path in program.folder.iterdir()] == ["config.toml"]


def test_a_second_run_leaves_at_once_and_a_killed_one_blocks_nobody(program: Program, origin: Origin) -> None:
    origin.serve("/slow", feed("1"), content_type="application/rss+xml", delay=20)
    program.configure([origin.url("/slow")])
    first = program.start("refresh")
    while not origin.requests:
        time.sleep(0.02)
    started = time.monotonic()
    assert "already running" in program.run("refresh", "--force", status=3).stderr
    assert time.monotonic() - started < 15
    first.send_signal(signal.SIGKILL)
    first.wait()
    serve(origin, "/slow", feed("1"))
    assert program.json("refresh", "--force")[-1]["new"] == 1


def test_reading_commands_work_while_a_refresh_runs(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    origin.serve("/a", feed("1", "2"), content_type="application/rss+xml", delay=20)
    seen = len(origin.requests)
    first = program.start("refresh", "--force")
    while len(origin.requests) == seen:
        time.sleep(0.02)
    assert "Title of 1" in program.run("stories").stdout
    assert "Title of 1" in program.run("explain", "https://a.example/1").stdout
    assert "ok" in program.run("sources").stdout
    first.kill()
    first.wait()


def test_facts_stored_by_a_killed_run_are_published_by_the_next(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    serve(origin, "/a", feed("1", "2"))
    # Publishing cannot happen while the output folder is a file, so this run stores and then stops.
    (program.folder / "published").rename(program.folder / "aside")
    (program.folder / "published").touch()
    program.run("refresh", "--force", status=4)
    (program.folder / "published").unlink()
    (program.folder / "aside").rename(program.folder / "published")
    assert "all.atom" in program.json("refresh", "--force")[-1]["written"]


def test_explain_of_something_unknown_says_so(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    assert "no stored entry" in program.run("explain", "nothing", status=1).stderr


def test_what_nobody_knows_is_not_repeated_at_length(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    program.run("refresh")
    assert len(program.run("explain", "x" * 5000, status=1).stderr) < 400
    assert len(program.run("stories", "split", "x" * 5000, status=1).stderr) < 400


def test_a_changed_rule_is_applied_to_stored_entries_without_fetching(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1", text="about the moon"))])
    program.run("refresh")
    program.configure([origin.url("/a")], extra='[[tag]]\nname = "space"\nwords = ["moon"]\n')
    seen = len(origin.requests)
    assert program.json("publish")[0]["written"]
    assert len(origin.requests) == seen
    assert b'term="space"' in program.published()["all.atom"][0]


def test_a_source_taken_out_of_the_configuration_leaves_the_editions(program: Program, origin: Origin) -> None:
    a, b = serve(origin, "/a", feed("1")), serve(origin, "/b", feed("2"))
    program.configure([a, b])
    program.run("refresh")
    program.configure([a])
    program.run("publish")
    assert b"Title of 2" not in program.published()["all.atom"][0]


def test_output_may_be_cut_off_by_the_reader(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed(*"123456789"))])
    program.run("refresh")
    process = subprocess.Popen([PROGRAM, "stories"], cwd=program.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, complaints = process.communicate()
    assert complaints == b""


def test_progress_is_shown_on_a_terminal_only(program: Program, origin: Origin) -> None:
    program.configure([serve(origin, "/a", feed("1"))])
    assert "1 new" in at_a_terminal(program, "refresh")


@pytest.mark.parametrize("columns", [80, 140])
def test_sources_are_shown_with_their_whole_ids(program: Program, origin: Origin, columns: int) -> None:
    program.configure([serve(origin, "/a", feed("1")), "a.rss"])
    (program.folder / "a.rss").write_bytes(feed("1"))
    path = program.folder / "config.toml"
    path.write_text(path.read_text().replace('"s0"', '"herald-of-the-northern-ports"'))
    for _ in range(12):
        program.run("refresh", "--force")
    shown = [line for line in at_a_terminal(program, "sources", columns=columns).splitlines() if line.strip()]
    assert len(shown) == 3
    assert all(len(re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()) <= columns for line in shown)
    assert shown[1].startswith("herald-of-the-northern-ports ")
    assert ("▂▁▁▁▁▁▁▁▁▁▁▁" in shown[1]) == (columns == 140)
    assert "…" not in "".join(shown)
    assert shown[2].rstrip().endswith("each run")
    piped = program.run("sources").stdout
    assert "\x1b" not in piped
    assert "▂▁▁▁▁▁▁▁▁▁▁▁" in piped


def at_a_terminal(program: Program, *arguments: str, columns: int = 100) -> str:
    """Return what a command writes to a terminal of so many columns."""
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    environment["TERM"] = "xterm"
    command = [PROGRAM, *arguments]
    process = subprocess.Popen(command, cwd=program.folder, stderr=follower, stdout=follower, env=environment)
    os.close(follower)
    shown = b""
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(leader)
    assert process.wait() == 0
    return shown.decode()
