"""Sets feedhub up in a virtual environment of its own, beside this file, and runs a command in it.

    python3 bootstrap.py feedhub refresh
    python3 bootstrap.py --dev pytest

Nothing but Python and pip is needed, and nothing is installed outside ``.venv``. The set-up is done again only when
``pyproject.toml`` has changed since.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(arguments: list[str]) -> None:
    """Set up, with the development tools after ``--dev``, and become the command that ``arguments`` name."""
    dev = arguments[:1] == ["--dev"]
    command = arguments[dev:]
    if not command:
        sys.exit(f"usage: {sys.argv[0]} [--dev] COMMAND [ARGUMENT]...")
    set_up("dev" if dev else "")
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the purpose


def set_up(extra: str) -> None:
    """Make the environment and install feedhub into it, editable, with the optional dependencies ``extra``."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f"feedhub-{extra or 'plain'}.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    pip = [PYTHON, "-m", "pip"]
    if find_spec("ensurepip"):
        run(sys.executable, "-m", "venv", VENV)
    else:
        # Some distributions ship Python without ensurepip; the pip outside can install into the environment.
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
        pip = [sys.executable, "-m", "pip", "--python", PYTHON]
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    run(*pip, "install", "--quiet", "--disable-pip-version-check", "--editable", target)
    stamp.write_text(wanted)


def run(*command: str | Path) -> None:
    """Run a command, and stop with its status where it fails."""
    status = subprocess.run(command, check=False).returncode  # noqa: S603 - our own commands
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
