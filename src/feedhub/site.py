"""The output folder: a document is there whole or not at all, and a file is touched only when its bytes change.

The modification time of a file is that of its newest story, so that a document is as old on every machine. A version
that has no newer story than the one before is a second newer: who asks for what was modified since then must see it.

New versions are written beside the old ones, some at a time, and take their places once the disk has all of them: the
disk makes many files safe in little more time than one.

The folder itself may be a symbolic link. Below it none is followed, for reading or for writing: whoever can put one
there cannot make feedhub write elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from feedhub.model import Document

__all__ = ["changes", "inventory", "read", "write"]

# Names of files being written. One process writes at a time (the store's lock), so one that is already there when a
# run begins was left by a run that was killed.
_PREFIX, _SUFFIX = ".feedhub-", ".tmp"
# So many files are written before they take their places: each is open meanwhile.
_AT_ONCE = 128
# So many wait for the disk at a time.
_WAITING = 8


class _Written(NamedTuple):
    """A new version beside the one that it is to replace; ``descriptor`` is open."""

    path: str
    temporary: str
    descriptor: int


def write(folder: Path, documents: Iterable[Document]) -> tuple[str, ...]:
    """Write the documents whose bytes differ from what ``folder`` holds, and return their paths.

    A new file gets its permissions from the process's umask. ValueError names a path that is not below the folder or
    stands twice; then nothing was written. OSError names a file that cannot be written; of those before it some are.
    """
    checked = _checked(documents)
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    different = _different(folder, checked)
    while batch := list(islice(different, _AT_ONCE)):
        _replace(folder, batch)
        written |= {document.path: document.path.rpartition("/")[0] for document in batch}
    for parent in set(written.values()):
        with _named(folder, parent), _opened(folder, parent) as descriptor:
            os.fsync(descriptor)
    return tuple(written)


def changes(folder: Path, documents: Iterable[Document]) -> tuple[str, ...]:
    """Return the paths that `write` would write, without touching anything."""
    return tuple(path for path, document in _checked(documents).items() if not _is_written(folder, document))


def inventory(folder: Path) -> Callable[[str], bool]:
    """Return what tells of a path whether there is a file; each folder below ``folder`` is looked through once.

    For very many paths in few folders this is a hundredth of the work of asking the system for each.
    """
    names: dict[str, frozenset[str]] = {}

    def is_there(path: str) -> bool:
        parent, _, name = path.rpartition("/")
        if parent not in names:
            try:
                with os.scandir(folder / parent) as entries:
                    names[parent] = frozenset(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
            except (FileNotFoundError, NotADirectoryError):
                names[parent] = frozenset()
        return name in names[parent]

    return is_there


def read(folder: Path, path: str) -> bytes | None:
    """Return what a file below ``folder`` holds, or None where there is none; a symbolic link is none."""
    parent, _, name = path.rpartition("/")
    try:
        with _named(folder, path), _opened(folder, parent) as descriptor:
            opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
            with os.fdopen(opened, "rb") as file:
                return file.read() if stat.S_ISREG(os.fstat(opened).st_mode) else None
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            return None
        raise


def _checked(documents: Iterable[Document]) -> dict[str, Document]:
    """Return the documents by path, or raise ValueError for a path that must not be written."""
    checked: dict[str, Document] = {}
    for document in documents:
        path = document.path
        parts = path.split("/")
        if path in checked or "\0" in path or any(part in {"", ".", ".."} for part in parts):
            raise ValueError(f"not the path of one document below the output folder: {path!r}")
        checked[path] = document
    return checked


def _is_written(folder: Path, document: Document) -> bool:
    parent, _, name = document.path.rpartition("/")
    try:
        with _named(folder, document.path), _opened(folder, parent) as descriptor:
            return _holds(descriptor, name, document.body)
    except FileNotFoundError:
        return False


@contextmanager
def _named(folder: Path, path: str) -> Iterator[None]:
    """Let an OSError name the whole path instead of the part that was opened last."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(folder / path)) from error


@contextmanager
def _opened(folder: Path, below: str, *, make: bool = False) -> Iterator[int]:
    """Give the descriptor of a folder below ``folder``, opened part by part so that no part is a symbolic link."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in filter(None, below.split("/")):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=descriptor)
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _remove_leftovers(descriptor: int) -> None:
    for name in os.listdir(descriptor):
        if name.startswith(_PREFIX) and name.endswith(_SUFFIX):
            os.unlink(name, dir_fd=descriptor)


def _holds(descriptor: int, name: str, body: bytes) -> bool:
    """Return whether ``name`` is a file with these bytes; a symbolic link is none, and is not followed."""
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP}:
            return False
        raise
    with os.fdopen(opened, "rb") as file:
        status = os.fstat(opened)
        return stat.S_ISREG(status.st_mode) and status.st_size == len(body) and file.read() == body


def _different(folder: Path, documents: Mapping[str, Document]) -> Iterator[Document]:
    """Yield the documents whose files do not hold their bytes; their folders are there then, without leftovers."""
    cleaned: set[str] = set()
    for path, document in documents.items():
        parent, _, name = path.rpartition("/")
        with _named(folder, path), _opened(folder, parent, make=True) as descriptor:
            if parent not in cleaned:
                _remove_leftovers(descriptor)
                cleaned.add(parent)
            if not _holds(descriptor, name, document.body):
                yield document


def _replace(folder: Path, documents: Sequence[Document]) -> None:
    """Let the documents take the places of their files, once the disk has all of them."""
    waiting: list[_Written] = []
    try:
        for number, document in enumerate(documents):
            waiting.append(_write(folder, document, f"{_PREFIX}{os.getpid()}-{number}{_SUFFIX}"))
        _flush([written.descriptor for written in waiting])
        while waiting:
            path, temporary, _ = waiting[-1]
            parent, _, name = path.rpartition("/")
            with _named(folder, path), _opened(folder, parent) as descriptor:
                os.replace(temporary, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
            os.close(waiting.pop().descriptor)
    finally:
        for path, temporary, opened in waiting:
            os.close(opened)
            with suppress(OSError), _opened(folder, path.rpartition("/")[0]) as descriptor:
                os.unlink(temporary, dir_fd=descriptor)


def _write(folder: Path, document: Document, temporary: str) -> _Written:
    """Write a document beside its file."""
    parent, _, name = document.path.rpartition("/")
    with _named(folder, document.path), _opened(folder, parent) as descriptor:
        opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=descriptor)
        try:
            with os.fdopen(opened, "wb", closefd=False) as file:
                file.write(document.body)
            if document.modified is not None:
                modified = max(int(document.modified.timestamp()), _modified(descriptor, name) + 1)
                os.utime(opened, (modified, modified))
        except BaseException:
            os.close(opened)
            with suppress(OSError):
                os.unlink(temporary, dir_fd=descriptor)
            raise
    return _Written(document.path, temporary, opened)


def _flush(descriptors: Sequence[int]) -> None:
    """Wait until the disk has the files: one wait at a time would take ten times as long for many."""
    if len(descriptors) <= _WAITING:
        for descriptor in descriptors:
            os.fsync(descriptor)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most runs write few files

    with ThreadPoolExecutor(_WAITING) as pool:
        for _ in pool.map(os.fsync, descriptors):
            pass


def _modified(descriptor: int, name: str) -> int:
    """Return when the file ``name`` was modified, in seconds since 1970, or -1 where there is none."""
    try:
        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return -1
    return int(status.st_mtime) if stat.S_ISREG(status.st_mode) else -1
