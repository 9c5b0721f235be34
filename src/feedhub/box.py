"""The tolerant reader in a box: feedparser in a process of its own, with a limit on time and memory.

feedparser takes quadratic time on some inputs, and hours on hostile ones. A document that exceeds its limits costs the
worker its life and gives `ParseError` ``too-complex``; the next document gets a new worker. No worker is started before
a document needs one.

Frames on both pipes are four bytes of length (big-endian) and that many bytes of MessagePack.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import traceback
from time import monotonic, process_time
from typing import TYPE_CHECKING, BinaryIO, Self

from msgspec import Struct, msgpack
from msgspec.structs import replace

from feedhub.errors import ParseError
from feedhub.model import Feed

if TYPE_CHECKING:
    from types import TracebackType

    from feedhub.parse import Reader

__all__ = ["Box"]

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 20
_BUG = "bug"


class _Job(Struct, frozen=True, kw_only=True):
    body: bytes
    url: str
    content_type: str
    seconds: float


class _Answer(Struct, frozen=True, kw_only=True):
    """A feed, or a reason code with its detail, and the CPU time taken; after ``last`` the worker ends."""

    feed: Feed | None = None
    code: str = ""
    detail: str = ""
    seconds: float = 0.0
    last: bool = False


class _Gone(Exception):  # noqa: N818 - not an error to anybody outside
    """The worker has ended, or has been given up."""


class Box:
    """A reader (`feedhub.parse.Reader`) that works in another process; a context manager that ends it.

    ``seconds`` of CPU time and ``megabytes`` of address space are allowed to one document. A worker that answers
    nothing for ``patience`` seconds on the clock is given up as well: it cannot be computing. ``used`` counts the CPU
    seconds that all documents took.
    """

    def __init__(self, *, seconds: float = 5.0, megabytes: int = 1024, patience: float = 120.0) -> None:
        """Remember the limits; no process is started yet."""
        self.seconds = seconds
        self.megabytes = megabytes
        self.patience = patience
        self.worker: subprocess.Popen[bytes] | None = None
        self.started = 0
        self.used = 0.0

    def __enter__(self) -> Self:
        """Return the box."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the worker."""
        self.close()

    def read(self, body: bytes, *, url: str, content_type: str = "", seconds: float | None = None) -> Feed:
        """Read a feed as `feedhub.parse.tolerant.read` does, within the limits; ``seconds`` may lower the box's."""
        allowed = self.seconds if seconds is None else min(seconds, self.seconds)
        worker = self._ready()
        try:
            job = _Job(body=body, url=url, content_type=content_type, seconds=allowed)
            _send(_pipe(worker.stdin), msgpack.encode(job))
            answer = _ANSWERS.decode(self._receive(_pipe(worker.stdout)))
        except (_Gone, BrokenPipeError):
            self.used += allowed
            raise ParseError("too-complex", self._epitaph(allowed)) from None
        except BaseException:
            self._kill()  # an answer may be on its way that belongs to no later question
            raise
        self.used += answer.seconds
        if answer.last:
            self.close()
        if answer.code == _BUG:
            raise RuntimeError(f"the boxed reader failed on {url}:\n{answer.detail}")
        if answer.feed is None:
            raise ParseError(answer.code, answer.detail)
        return answer.feed

    def close(self) -> None:
        """End the worker, if there is one."""
        worker, self.worker = self.worker, None
        if worker is None:
            return
        with contextlib.suppress(BrokenPipeError):
            _pipe(worker.stdin).close()
        worker.wait()
        _pipe(worker.stdout).close()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self.worker is not None and self.worker.poll() is None:
            return self.worker
        self._kill()
        self.worker = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-P", "-m", "feedhub.box", str(self.megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.started += 1
        return self.worker

    def _receive(self, pipe: BinaryIO) -> bytes:
        deadline = monotonic() + self.patience
        size = _LENGTH.unpack(self._take(pipe, _LENGTH.size, deadline))[0]
        return self._take(pipe, size, deadline)

    def _take(self, pipe: BinaryIO, size: int, deadline: float) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            if not select.select([pipe], [], [], max(0.0, deadline - monotonic()))[0]:
                raise _Gone
            piece = os.read(pipe.fileno(), min(_CHUNK, size - len(taken)))
            if not piece:
                raise _Gone
            taken += piece
        return bytes(taken)

    def _kill(self) -> int:
        """End the worker at once; return its exit status, 0 when there was none."""
        worker, self.worker = self.worker, None
        if worker is None:
            return 0
        _pipe(worker.stdout).close()
        with contextlib.suppress(BrokenPipeError):
            _pipe(worker.stdin).close()
        try:
            return worker.wait(timeout=1)
        except subprocess.TimeoutExpired:
            worker.kill()
            return worker.wait()

    def _epitaph(self, allowed: float) -> str:
        """Bury a worker that gave no answer and say what it died of."""
        status = self._kill()
        if status == -signal.SIGPROF:
            return f"reading it takes more than {allowed:.3g} seconds of CPU time"
        if status == -signal.SIGKILL:
            return f"reading it took more than {self.patience:g} seconds, or the system ended it"
        return f"reading it ended the reader (status {status})"


_ANSWERS = msgpack.Decoder(_Answer)
_JOBS = msgpack.Decoder(_Job)


def _pipe(pipe: object) -> BinaryIO:
    if pipe is None:  # pragma: no cover - Popen was asked for both pipes
        raise RuntimeError("the worker has no pipe")
    return pipe  # type: ignore[return-value]  # Popen types its pipes as optional


def _send(pipe: BinaryIO, payload: bytes) -> None:
    pipe.write(_LENGTH.pack(len(payload)))
    pipe.write(payload)
    pipe.flush()


def work(megabytes: int) -> None:
    """Answer one document after another until the pipe closes; dies of SIGPROF when one takes too long."""
    from feedhub.parse import tolerant  # noqa: PLC0415 - only the worker pays for feedparser

    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    with contextlib.suppress(ValueError, OSError):  # not every system can limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    while header := jobs.read(_LENGTH.size):
        job = _JOBS.decode(jobs.read(_LENGTH.unpack(header)[0]))
        began = process_time()
        signal.setitimer(signal.ITIMER_PROF, job.seconds)
        answer = _answer(tolerant.read, job, megabytes)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(answers, msgpack.encode(replace(answer, seconds=process_time() - began)))
        if answer.last:
            return


def _answer(reader: Reader, job: _Job, megabytes: int) -> _Answer:
    try:
        return _Answer(feed=reader(job.body, url=job.url, content_type=job.content_type))
    except ParseError as error:
        return _Answer(code=error.code, detail=str(error))
    except MemoryError:
        return _Answer(code="too-complex", detail=f"reading it takes more than {megabytes} MB of memory", last=True)
    except Exception:  # noqa: BLE001 - whatever it is, it is a bug, and is reported by the process that asked
        return _Answer(code=_BUG, detail=traceback.format_exc(), last=True)


if __name__ == "__main__":
    try:
        work(int(sys.argv[1]))
    except BrokenPipeError:
        os._exit(1)  # given up: nobody is there to be told, and an ordinary exit would try to write once more
