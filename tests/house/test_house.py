"""Holds the first three rules of the house: rings, small rooms, public names."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import feedhub
from shared import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = ROOT / "src" / "feedhub"
PURE = {
    "model",
    "errors",
    "schedule",
    "moves",
    "health",
    "parse",
    "discover",
    "normalize",
    "stories",
    "publish",
    "plan",
    "raw",
    "websub",
    "notices",
    "withdrawals",
    "editions",
    "listing",
}
DOORS = {"fetch", "store", "site", "lock", "box", "inbox", "themes"}
READERS = {"config"}
# What adds to a configuration reads it, too.
EDITORS = {"subscriptions"}
WIRING = {
    "hub",
    "typesetter",
    "announce",
    "newsroom",
    "bookkeeper",
    "stock",
    "press",
    "crawl",
    "reading",
    "replay",
    "finder",
    "inquiry",
    "pushes",
    "trials",
    "preview",
}
COMMANDS = {"cli_serve", "cli_store", "cli_stories", "cli_sources", "cli_options", "cli_tags", "cli_preview"}
TOP = COMMANDS | {"cli", "serve", "__init__", "__main__"}
# What a ring may import: itself and everything further in.
ALLOWED = (
    dict.fromkeys(PURE, PURE)
    | {room: PURE | {room} for room in DOORS | READERS}
    | {room: PURE | READERS | {room} for room in EDITORS}
    | dict.fromkeys(WIRING, PURE | DOORS | READERS | WIRING)
    | dict.fromkeys(TOP, PURE | DOORS | READERS | EDITORS | WIRING | COMMANDS)
    | {"cli_serve": PURE | READERS | COMMANDS | {"serve"}, "__main__": {"cli"}}
    | {"serve": PURE | DOORS | READERS | WIRING | {"serve"}}
)
IO_MODULES = {
    "asyncio",
    "fcntl",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "pycurl",
    "random",
    "requests",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}
CLOCKS = {"now", "utcnow", "today"}
MAX_FILE, MAX_FUNCTION = 400, 60

FILES = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_rings(path: Path) -> None:
    room = room_of(path)
    assert room in ALLOWED, f"{room} is no room of the house: put it into a ring here, and into docs/architecture.md"
    rooms = {name.removesuffix(".py") for name in (entry.name for entry in SOURCE.iterdir())}
    for name in imports(path):
        top, _, rest = name.partition(".")
        inner = rest.split(".")[0]
        if top == "feedhub" and inner in rooms:
            assert inner in ALLOWED[room], f"{room} may not import {name}"
        assert room not in PURE or top not in IO_MODULES, f"{room} is pure and may not import {name}"


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) in PURE], ids=lambda path: path.name)
def test_pure_rooms_do_not_ask_for_the_time(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, f"line {node.lineno}: the time is an argument"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_small_rooms(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


def test_public_names_are_documented_and_exist() -> None:
    documented = (ROOT / "docs" / "library.md").read_text()
    assert sorted(feedhub.__all__) == feedhub.__all__
    for name in feedhub.__all__:
        assert getattr(feedhub, name).__doc__, f"{name} has no docstring"
        assert f"`{name}`" in documented, f"docs/library.md does not tell of {name}"


def test_importing_feedhub_loads_no_library() -> None:
    script = "import sys, feedhub, feedhub.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    heavy = {
        "alembic",
        "feedgen",
        "feedparser",
        "importlib.metadata",
        "jinja2",
        "lxml",
        "msgspec",
        "nh3",
        "pycurl",
        "re2",
        "requests",
        "rich",
        "sklearn",
        "sqlalchemy",
        "starlette",
        "tomlkit",
        "uvicorn",
    }
    assert not heavy & set(loaded)
