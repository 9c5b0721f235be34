"""Runs the installed program as a user would; for tests only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = Path(sys.executable).with_name("feedhub")


class Program:
    """feedhub in a folder that holds its ``config.toml``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and check its exit status."""
        done = subprocess.run(
            [PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == status, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str, status: int = 0) -> list[Any]:
        """Run a command with --json and return the objects it prints."""
        return [json.loads(line) for line in self.run(*arguments, "--json", status=status).stdout.splitlines()]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def configure(self, sources: Sequence[str], *, extra: str = "") -> None:
        """Write a configuration with these source URLs, ids ``s0``, ``s1``, …, and one edition of everything."""
        tables = "".join(f'[[source]]\nid = "s{place}"\nurl = "{url}"\n' for place, url in enumerate(sources))
        (self.folder / "config.toml").write_text(
            '[fetch]\nallow_private = ["127.0.0.1"]\ntimeout = "30s"\n'
            f'{tables}[[edition]]\nslug = "all"\ntitle = "Everything"\nlimit = 1000\n{extra}'
        )

    def published(self) -> dict[str, tuple[bytes, int]]:
        """Return bytes and modification time (ns) of every published file, by path below the output folder."""
        return tree(self.folder / "published")


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return bytes and modification time (ns) of every file below ``folder``."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
