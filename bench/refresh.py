"""CPU-ms per feed of a refresh: feedhub beside a reader written by hand (bench/baseline.py), in the same run.

The load fixture (FEEDHUB_SHARED, default ../shared) makes the feeds and serves them by nginx on loopback addresses.
Each program runs as a process of its own, as cron would start it; its user and system time, interpreter start
included, comes from the kernel when it ends. A run counts only if the origin's own log says that it was what it is
called: cold = every feed sent whole, all 304 = none, 10 % changed = one in ten.

    python bench/refresh.py                   200 feeds, the median of 3 rounds
    python bench/refresh.py --feeds 1000 --latency --rounds 1
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
INSTALL = "apt-get update && apt-get install -y nginx-light libnginx-mod-http-echo"
PORT, LATENCY_PORT = 8080, 8443  # ports feedhub fetches from unasked
CHANGED_PERCENT = 10
PHASES = ("cold", "all 304", f"{CHANGED_PERCENT} % changed")
COMPLAINT = 2000  # characters of a failed program's complaints to show
SETTLE = 1.2  # seconds: nginx believes its file cache for one, and writes its log every half


class Run(NamedTuple):
    """What one process cost: ``cpu`` and ``wall`` in seconds, ``memory`` (peak resident) in MiB."""

    cpu: float
    wall: float
    memory: float


class Origin(NamedTuple):
    """The fixture's copy (its programs write beside themselves) and the feeds it made."""

    kit: Path
    feeds: Path

    def tool(self, name: str, *arguments: str) -> None:
        """Run one of the fixture's programs."""
        command = [sys.executable, str(self.kit / name), *arguments]
        subprocess.run(command, cwd=self.kit, check=True, stdout=subprocess.DEVNULL)

    def statuses(self, skip: int) -> tuple[Counter[str], int]:
        """Count the answers by status that the origin logged after ``skip`` lines, and all its lines."""
        time.sleep(SETTLE)
        lines = (self.kit / "run" / "access.log").read_text().splitlines()
        return Counter(line.split()[1] for line in lines[skip:]), len(lines)


class Program(NamedTuple):
    """A program under test and the folder it keeps its state in."""

    name: str
    command: Sequence[str]
    state: Path

    def forget(self) -> None:
        """Empty the state: the next run is a cold one."""
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True)

    def run(self) -> Run:
        """Run it once to its end."""
        begin = time.monotonic()
        with tempfile.TemporaryFile("w+") as complaints:
            with subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=complaints) as process:
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                complaints.seek(0)
                said = complaints.read()[-COMPLAINT:]
                sys.exit(f"{said}\n{self.name} exited with {process.returncode}: {' '.join(self.command)}")
        return Run(used.ru_utime + used.ru_stime, time.monotonic() - begin, used.ru_maxrss / 1024)


@contextmanager
def origin(shared: Path, work: Path, feeds: int) -> Iterator[Origin]:
    """Make the feeds and serve them until the block ends."""
    if not (shared / "load").is_dir():
        sys.exit(f"No load fixture at {shared / 'load'}: set FEEDHUB_SHARED.")
    if shutil.which("nginx") is None or not MODULE.exists():
        sys.exit(f"This benchmark needs nginx with its echo module as the origin. Install it:\n    {INSTALL}")
    shutil.copytree(shared / "load", work / "kit")
    made = Origin(work / "kit", work / "feeds")
    ports = ("--port", str(PORT), "--lat-port", str(LATENCY_PORT))
    made.tool("make_feeds.py", str(feeds), str(made.feeds), *ports)
    made.tool("origin.py", "start", str(made.feeds), *ports)
    try:
        yield made
    finally:
        made.tool("origin.py", "stop")


def configuration(urls: Sequence[str], state: Path) -> str:
    """Write a configuration like the shipped one: tags by words, an edition of everything and one of each tag.

    The words are of the fixture's own language; each stands in one entry of twenty.
    """
    hosts = sorted({urlsplit(url).hostname or "" for url in urls})
    tags = {
        "arts": ["fleeshead", "nisslu"],
        "business": ["wintprebrick", "cleetmuntwi"],
        "health": ["sudfaind", "seadsaip"],
        "politics": ["freerust", "tremgeed"],
        "science": ["cloujol", "shaik"],
        "sport": ["sougjeak", "cheaskees"],
    }
    parts = [
        '[site]\ntitle = "bench"\nurl = "https://example.org/"\n',
        f"[store]\npath = {json.dumps(str(state / 'feedhub.sqlite'))}\n",
        f"[output]\nfolder = {json.dumps(str(state / 'published'))}\n",
        f"[fetch]\nallow_private = {json.dumps(hosts)}\n",
        *(f'[[source]]\nid = "s{number}"\nurl = "{url}"\n' for number, url in enumerate(urls)),
        *(f'[[tag]]\nname = "{name}"\nwords = {json.dumps(words)}\n' for name, words in tags.items()),
        '[[edition]]\nslug = "all"\ntitle = "Everything"\nlimit = 100\n',
        '[[edition]]\nslug = "tag/{tag}"\ntitle = "{tag}"\neach_tag = true\n',
    ]
    return "\n".join(parts)


def programs(made: Origin, work: Path, *, latency: bool) -> list[Program]:
    """Return feedhub and the baseline, both pointed at the same addresses."""
    addresses = made.feeds / ("urlsL.txt" if latency else "urls0.txt")
    config = work / "config.toml"
    config.write_text(configuration(addresses.read_text().split(), work / "feedhub"))
    feedhub = Path(sys.executable).with_name("feedhub")
    baseline = [sys.executable, str(ROOT / "bench" / "baseline.py"), str(addresses), str(work / "baseline" / "db")]
    return [
        Program("feedhub", [str(feedhub), "refresh", "--force", "--quiet", "--config", str(config)], work / "feedhub"),
        Program("baseline", baseline, work / "baseline"),
    ]


def measure(made: Origin, tested: Sequence[Program], feeds: int) -> dict[tuple[str, str], Run]:
    """Run each program through all phases once, and hold each run against the origin's log."""
    made.tool("mutate.py", str(made.feeds), "--reset")
    changed = max(1, round(feeds * CHANGED_PERCENT / 100))
    whole = dict(zip(PHASES, (feeds, 0, changed), strict=True))
    runs = {}
    _, lines = made.statuses(0)
    for phase in PHASES:
        if phase == PHASES[2]:
            made.tool("mutate.py", str(made.feeds), str(CHANGED_PERCENT))
            time.sleep(SETTLE)
        for program in tested:
            if phase == PHASES[0]:
                program.forget()
            runs[program.name, phase] = program.run()
            seen, lines = made.statuses(lines)
            expected = Counter({"200": whole[phase], "304": feeds - whole[phase]})
            if +seen != +expected:
                sys.exit(f"{program.name}, {phase}: the origin answered {dict(seen)}, expected {dict(expected)}")
    return runs


def table(rounds: Sequence[dict[tuple[str, str], Run]], names: Sequence[str], feeds: int) -> str:
    """Format the medians; the ratio is that of the CPU figures, below 1 when feedhub needs less."""
    lines = [f"{'':16}{'':12}{'CPU-ms/feed':>12}{'wall s':>9}{'peak MiB':>10}"]
    for phase in PHASES:
        figures = []
        for name in names:
            cpu, wall, memory = (
                statistics.median(values) for values in zip(*(one[name, phase] for one in rounds), strict=True)
            )
            figures.append(cpu * 1000 / feeds)
            lines.append(f"{phase:16}{name:12}{figures[-1]:12.2f}{wall:9.2f}{memory:10.0f}")
        if len(figures) > 1:
            lines.append(f"{'':16}{'ratio':12}{figures[0] / figures[1]:12.3f}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200, metavar="N", help="how many feeds (default 200)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds to take the median of (default 3)")
    parser.add_argument("--latency", action="store_true", help="let the origin wait 50 to 200 ms before each answer")
    parser.add_argument("--only", choices=("feedhub", "baseline"), help="measure one program alone")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("FEEDHUB_SHARED", ROOT.parent / "shared"))
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        work = Path(folder)
        with origin(shared, work, arguments.feeds) as made:
            tested = programs(made, work, latency=arguments.latency)
            tested = [program for program in tested if arguments.only in {None, program.name}]
            rounds = [measure(made, tested, arguments.feeds) for _ in range(arguments.rounds)]
    waiting = ", 50-200 ms latency" if arguments.latency else ""
    print(f"{arguments.feeds} feeds{waiting}, median of {arguments.rounds}")
    print(table(rounds, [program.name for program in tested], arguments.feeds))


if __name__ == "__main__":
    main()
