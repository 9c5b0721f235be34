"""CPU-ms per feed of a refresh: feedhub beside others in the same run, and what is wanted of it.

The others are a feed reader written by hand (bench/baseline.py) and, with ``--reader``, the library of that name
(bench/with_reader.py). The load fixture (FEEDHUB_SHARED, default ../shared) makes the feeds and serves them by nginx on
loopback addresses. Each program runs as a process of its own, as cron would start it; its user and system time,
interpreter start included, comes from the kernel when it ends. A run counts only if the origin's own log says that it
was what it is called: cold = every feed sent whole, all 304 = none, 10 % changed = one in ten.

Stories are told by their URLs and texts alone, as what is wanted says, unless ``--stories`` asks for near-identical
texts and events as well: these are looked for in new entries only, and each costs about a millisecond.

On a machine that others use, too, CPU time grows with their load; so the least of all rounds is judged, and the median
shown beside it. The exit status is 1 where a figure is above what is wanted.

    python bench/refresh.py                   200 feeds, 3 rounds
    python bench/refresh.py --feeds 1000 --only feedhub --rounds 5
    python bench/refresh.py --feeds 1000 --only feedhub --rounds 1 --stories
    python bench/refresh.py --feeds 5000 --only feedhub reader --reader /tmp/reader/bin/python --rounds 1
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
AGAIN = 5  # times that nothing has changed, for each time that something has: this is what cron meets, and cheap
WANTED = {  # CPU-ms per feed
    ("cold", 1000): 5.0,
    ("all 304", 1000): 0.7,
    ("all 304", 5000): 0.7,
    (f"{CHANGED_PERCENT} % changed", 1000): 1.2,
}
WANTED_SHARE = 0.25  # of the reader library's CPU time, all 304
WANTED_MEMORY = {5000: 80}  # MiB, all 304
COMPLAINT = 2000  # characters of a failed program's complaints to show
SETTLE = 1.2  # seconds: nginx believes its file cache for one, and writes its log every half


class Run(NamedTuple):
    """What one process cost: ``cpu`` and ``wall`` in seconds, ``memory`` (peak resident) in MiB."""

    cpu: float
    wall: float
    memory: float


class Measured(NamedTuple):
    """One run of a program in a phase."""

    program: str
    phase: str
    run: Run


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
            command, environment = self.command, _environment()
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints, env=environment) as process:
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


def configuration(urls: Sequence[str], state: Path, *, stories: bool) -> str:
    """Write a configuration like the shipped one: tags by words, an edition of everything and one of each tag.

    The words are of the fixture's own language; each stands in one entry of twenty. With ``stories``, near-identical
    texts and events are looked for.
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
        f"[stories]\nnear_duplicates = {json.dumps(stories)}\nevents = {json.dumps(stories)}\n",
        *(f'[[source]]\nid = "s{number}"\nurl = "{url}"\n' for number, url in enumerate(urls)),
        *(f'[[tag]]\nname = "{name}"\nwords = {json.dumps(words)}\n' for name, words in tags.items()),
        '[[edition]]\nslug = "all"\ntitle = "Everything"\nlimit = 100\n',
        '[[edition]]\nslug = "tag/{tag}"\ntitle = "{tag}"\neach_tag = true\n',
    ]
    return "\n".join(parts)


def programs(made: Origin, work: Path, reader: str, *, latency: bool, stories: bool) -> list[Program]:
    """Return the programs, all pointed at the same addresses."""
    addresses = made.feeds / ("urlsL.txt" if latency else "urls0.txt")
    config = work / "config.toml"
    config.write_text(configuration(addresses.read_text().split(), work / "feedhub", stories=stories))
    feedhub = Path(sys.executable).with_name("feedhub")
    return [
        Program("feedhub", [str(feedhub), "refresh", "--force", "--quiet", "--config", str(config)], work / "feedhub"),
        *(
            Program(name, [python, str(ROOT / "bench" / script), str(addresses), str(work / name / "db")], work / name)
            for name, python, script in (
                ("baseline", sys.executable, "baseline.py"),
                ("reader", reader or sys.executable, "with_reader.py"),
            )
        ),
    ]


def measure(made: Origin, tested: Sequence[Program], feeds: int) -> list[Measured]:
    """Run each program through all phases, and hold each run against the origin's log."""
    made.tool("mutate.py", str(made.feeds), "--reset")
    changed = max(1, round(feeds * CHANGED_PERCENT / 100))
    whole = dict(zip(PHASES, (feeds, 0, changed), strict=True))
    runs = []
    _, lines = made.statuses(0)
    for phase in (PHASES[0], *(PHASES[1] for _ in range(AGAIN)), PHASES[2]):
        if phase == PHASES[2]:
            made.tool("mutate.py", str(made.feeds), str(CHANGED_PERCENT))
            time.sleep(SETTLE)
        for program in tested:
            if phase == PHASES[0]:
                program.forget()
            runs.append(Measured(program.name, phase, program.run()))
            seen, lines = made.statuses(lines)
            expected = Counter({"200": whole[phase], "304": feeds - whole[phase]})
            if +seen != +expected:
                sys.exit(f"{program.name}, {phase}: the origin answered {dict(seen)}, expected {dict(expected)}")
    return runs


def report(measured: Sequence[Measured], names: Sequence[str], feeds: int) -> tuple[str, bool]:
    """Format the figures, and tell whether all of feedhub's are as wanted."""
    lines = [f"{'':16}{'':12}{'CPU-ms/feed':>12}{'median':>9}{'wall s':>9}{'peak MiB':>10}"]
    good = True
    for phase in PHASES:
        least = {}
        for name in names:
            runs = [one.run for one in measured if (one.program, one.phase) == (name, phase)]
            least[name] = min(run.cpu for run in runs) * 1000 / feeds
            middle = statistics.median(run.cpu for run in runs) * 1000 / feeds
            wall, memory = min(run.wall for run in runs), max(run.memory for run in runs)
            wishes = _wishes(phase, feeds, least, memory) if name == "feedhub" else []
            if "reader" in least and name == "reader" and phase == PHASES[1] and "feedhub" in least:
                wishes = [(f"feedhub's share <= {WANTED_SHARE:g}", least["feedhub"] / least["reader"] <= WANTED_SHARE)]
            good = good and all(met for _, met in wishes)
            told = "".join(f"   {wish}: {'yes' if met else 'NO'}" for wish, met in wishes)
            lines.append(f"{phase:16}{name:12}{least[name]:12.2f}{middle:9.2f}{wall:9.2f}{memory:10.0f}{told}")
        lines += [
            f"{'':16}{'/ ' + name:12}{least['feedhub'] / least[name]:12.3f}"
            for name in names
            if name != "feedhub" and "feedhub" in least
        ]
    return "\n".join(lines), good


def _wishes(phase: str, feeds: int, least: dict[str, float], memory: float) -> list[tuple[str, bool]]:
    wishes = []
    if wanted := WANTED.get((phase, feeds)):
        wishes.append((f"<= {wanted:g}", least["feedhub"] <= wanted))
    if phase == PHASES[1] and (most := WANTED_MEMORY.get(feeds)):
        wishes.append((f"<= {most} MiB", memory <= most))
    return wishes


def _environment() -> dict[str, str]:
    """Return the environment of the programs: as usual, they may keep the bytecode of what they import."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _prepare(reader: str, *, wanted: bool) -> None:
    """Compile what installing would have compiled, and see that the library is there."""
    for folder in (ROOT / "src", ROOT / "bench"):
        command = [sys.executable, "-m", "compileall", "-q", str(folder)]
        subprocess.run(command, check=True, env=_environment())
    trial = [reader or sys.executable, "-c", "import reader; reader.make_reader(':memory:')"]
    if wanted and subprocess.run(trial, capture_output=True, check=False).returncode:
        sys.exit(
            "The library reader is not installed here. Give it an environment of its own\n"
            "(the feedparser within it needs sgmllib3k, which it does not ask for):\n"
            "    python3 -m venv /tmp/reader && /tmp/reader/bin/pip install reader sgmllib3k\n"
            "and name that: --reader /tmp/reader/bin/python"
        )


def main() -> int:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200, metavar="N", help="how many feeds (default 200)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often to run it all (default 3)")
    parser.add_argument("--latency", action="store_true", help="let the origin wait 50 to 200 ms before each answer")
    parser.add_argument("--stories", action="store_true", help="look for near-identical texts and events, too")
    parser.add_argument("--only", nargs="+", choices=("feedhub", "baseline", "reader"), help="measure these alone")
    parser.add_argument("--reader", default="", metavar="PYTHON", help="measure reader, too, which this Python has")
    arguments = parser.parse_args()
    names = arguments.only or ["feedhub", "baseline", *(["reader"] if arguments.reader else [])]
    _prepare(arguments.reader, wanted="reader" in names)
    shared = Path(os.environ.get("FEEDHUB_SHARED", ROOT.parent / "shared"))
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        work = Path(folder)
        with origin(shared, work, arguments.feeds) as made:
            tested = programs(made, work, arguments.reader, latency=arguments.latency, stories=arguments.stories)
            tested = [program for program in tested if program.name in names]
            measured = [one for _ in range(arguments.rounds) for one in measure(made, tested, arguments.feeds)]
    waiting = ", 50-200 ms latency" if arguments.latency else ""
    told = ", with near-identical texts and events" if arguments.stories else ""
    print(f"{arguments.feeds} feeds{waiting}{told}, the least and the median of {arguments.rounds} rounds")
    text, good = report(measured, [program.name for program in tested], arguments.feeds)
    print(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
