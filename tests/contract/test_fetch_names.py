"""Host names that lie, rebind, or never answer: in a network namespace with a name server and a public address of its
own, which this file starts itself in (``python test_fetch_names.py``, as root of a user namespace).
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path

import pytest

from feedhub.fetch import fetch_all
from feedhub.model import FetchSettings, Request
from loopback import Origin

TESTS = Path(__file__).resolve().parent.parent
PUBLIC = "93.184.216.34"
ENTER = f"""
set -e
ip link set lo up
ip addr add {PUBLIC}/32 dev lo
echo 'nameserver 127.0.0.1' > "$1/resolv.conf"
echo 'hosts: files dns' > "$1/nsswitch.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
"""
# What the names of .test mean; a name that is not here does not exist, and "slow" names are never answered.
NAMES = {
    "good": [PUBLIC],
    "internal": ["127.0.0.2"],
    "mixed": ["127.0.0.2", PUBLIC],
    "mapped": ["::ffff:127.0.0.2"],
    "v6": ["::1"],
    "metadata": ["169.254.169.254"],
    "ula": ["fd00::1"],
    "cgnat": ["100.64.0.1"],
    "zero": ["0.0.0.0"],  # noqa: S104 - an answer, not a place to bind to
    "nat64": ["64:ff9b::7f00:2"],
    "intranet": ["127.0.0.2"],
}


class NameServer:
    """A name server on 127.0.0.1; ``asked`` counts its questions by name and type."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            question, address = self.socket.recvfrom(512)
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1 : at + 1 + question[at]].decode())
                at += 1 + question[at]
            kind = struct.unpack(">H", question[at + 1 : at + 3])[0]
            version = {1: 4, 28: 6}.get(kind, 0)
            key = f"{labels[0]} {version}"
            self.asked[key] = self.asked.get(key, 0) + 1
            if labels[0].startswith("slow"):
                continue
            known = self.lookup(labels[0], self.asked[key])
            found = [ip_address(text).packed for text in known if ip_address(text).version == version]
            records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(data)) + data for data in found)
            flags = 0x8180 if known else 0x8183
            head = question[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0)
            self.socket.sendto(head + question[12 : at + 5] + records, address)

    def lookup(self, name: str, times: int) -> list[str]:
        if name == "rebind":
            return [PUBLIC] if times == 1 else ["127.0.0.2"]
        return [PUBLIC] if name.startswith("good") else NAMES.get(name, [])


def outcomes(names: list[str], settings: FetchSettings, port: int) -> dict[str, str]:
    requests = [Request(source_id=name, url=f"http://{name.partition('/')[0]}.test:{port}/{name}") for name in names]
    return {
        fetched.source_id: fetched.failure.code if fetched.failure else str(fetched.status)
        for fetched in fetch_all(requests, settings)
    }


def report() -> dict[str, object]:
    """Fetch from every name and tell what happened; runs inside the namespace."""
    server = NameServer()
    with Origin(PUBLIC) as origin:
        tripwires = [socket.create_server((host, origin.port)) for host in ("127.0.0.1", "127.0.0.2")]
        tripwires.append(socket.create_server(("::1", origin.port), family=socket.AF_INET6))
        for name in [*NAMES, "rebind", *(f"good{number}" for number in range(20))]:
            origin.serve(f"/{name}", "<rss/>")
            origin.serve(f"/{name}/2", "<rss/>")
        origin.redirect("/good/away", f"http://internal.test:{origin.port}/")
        settings = FetchSettings(ports=(origin.port,), timeout=3, pace=0)
        seen: dict[str, object] = {"table": outcomes([*NAMES, "nx", "good/away"], settings, origin.port)}
        seen["rebind in one run"] = outcomes(["rebind", "rebind/2"], settings, origin.port)
        seen["rebind in another"] = outcomes(["rebind"], settings, origin.port)
        seen["asked"] = server.asked["rebind 4"]
        start = time.monotonic()
        crowd = [f"slow{number}" for number in range(40)] + [f"good{number}" for number in range(20)]
        seen["crowd"] = outcomes(crowd, settings, origin.port)
        seen["crowd took"] = time.monotonic() - start
        for tripwire in tripwires:
            tripwire.settimeout(0)
        seen["touched"] = [touched(tripwire) for tripwire in tripwires]
        trusted = FetchSettings(allow_private=("intranet.test",), timeout=3)
        seen["trusted"] = outcomes(["intranet"], trusted, origin.port)
        seen["touched then"] = touched(tripwires[1])
        for tripwire in tripwires:
            tripwire.close()
    return seen


def touched(tripwire: socket.socket) -> bool:
    try:
        with closing(tripwire.accept()[0]):
            return True
    except BlockingIOError:
        return False


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("namespace")
    enter = ["unshare", "-r", "-n", "-m", "sh", "-c", ENTER + 'shift; exec "$@"', "sh", str(folder)]
    try:
        subprocess.run([*enter, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace to be had here: {error}")
    start = time.monotonic()
    program = [sys.executable, "-W", "error", __file__]
    done = subprocess.run(
        [*enter, *program], env={"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found | {"process took": time.monotonic() - start}


def test_only_public_addresses_are_connected_to(seen: dict[str, object]) -> None:
    refused = dict.fromkeys(NAMES, "refused")
    assert seen["table"] == refused | {"good": "200", "mixed": "200", "nx": "dns", "good/away": "refused"}
    assert seen["touched"] == [False, False, False]


def test_a_host_is_looked_up_once_in_a_run_so_rebinding_gains_nothing(seen: dict[str, object]) -> None:
    assert seen["rebind in one run"] == {"rebind": "200", "rebind/2": "200"}
    assert seen["rebind in another"] == {"rebind": "refused"}
    assert seen["asked"] == 2


def test_names_that_are_never_answered_time_out_and_delay_nobody(seen: dict[str, object]) -> None:
    crowd = seen["crowd"]
    assert isinstance(crowd, dict)
    assert crowd == {name: "timeout" if name.startswith("slow") else "200" for name in crowd}
    assert len(crowd) == 60
    took, process_took = seen["crowd took"], seen["process took"]
    assert isinstance(took, float)
    assert isinstance(process_took, float)
    assert 2.5 < took < 12
    assert process_took < 40


def test_a_host_named_by_the_operator_may_be_private(seen: dict[str, object]) -> None:
    assert seen["touched then"]


if __name__ == "__main__":
    json.dump(report(), sys.stdout)
