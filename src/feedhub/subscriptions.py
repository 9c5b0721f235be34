"""The sources of a configuration as a list that can grow: ``config.toml`` is added to, never rewritten.

A new ``[[source]]`` table is put behind the last one; every other byte of the file stays as it is, and the file is
replaced whole or not at all. (tomlkit writes the tables; its own way of writing documents moves tables that stand
between others of their kind, so the place is found here.)
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import tomllib
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from feedhub.config import default_id, load
from feedhub.errors import ConfigError
from feedhub.model import Mistake
from feedhub.model.subscription import Subscription
from feedhub.normalize.urls import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from feedhub.config import Config

__all__ = ["append", "configured", "read", "replace_config", "replace_file"]

# The longest table, in lines, whose end is looked for.
MAX_LINES = 500
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*source[ \t]*\]\][ \t]*(?:#.*)?\r?$", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]*#.*(?:\n|\Z)")


def read(path: Path) -> tuple[Subscription, ...]:
    """Return the sources that the configuration at ``path`` names, disabled ones too, as they are written.

    Raises ConfigError where the configuration has mistakes.
    """
    load(path)
    return _subscriptions(_loads(path, _text(path)))


def configured(url: str, subscriptions: Iterable[Subscription]) -> Subscription | None:
    """Return the subscription that reads ``url`` already, written in whatever way."""
    wanted = key(url)
    return next((each for each in subscriptions if each.url == url or (wanted and key(each.url) == wanted)), None)


def append(path: Path, subscriptions: Sequence[Subscription]) -> tuple[Subscription, ...]:
    """Add the subscriptions whose URLs the configuration does not have, and return them with ids that are still free.

    Raises ConfigError, and leaves the file as it is, where it has mistakes, would have some afterwards, or is changed
    by someone else meanwhile; OSError where it cannot be written.
    """
    # A configuration may be a symbolic link to a file kept elsewhere: that file is replaced, not the link.
    path = path.resolve()
    with _alone(path.parent):
        config = load(path)
        text = _text(path)
        data = _loads(path, text)
        present = _subscriptions(data)
        added = _with_free_ids(_new(subscriptions, present), present, config)
        if not added:
            return ()
        tables = _tables(added)
        changed = _inserted(text, data, tables)
        if _loads(path, changed) != {**data, "source": [*data.get("source", []), *tomllib.loads(tables)["source"]]}:
            raise _error(path, "source", "is written in a way that cannot be added to; write [[source]] tables")
        replace_config(path, text, changed)
    return added


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; one that is there keeps its permissions. Raises OSError, which names it."""
    with suppress(FileNotFoundError):
        path = path.resolve(strict=True)
    temporary = _temporary(path)
    try:
        try:
            _write(temporary, path, data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time add to a configuration in ``folder``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _text(path: Path) -> str:
    return path.read_bytes().decode()


def _loads(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _error(path, "(file)", f"is not TOML: {error}") from error


def _subscriptions(data: dict[str, Any]) -> tuple[Subscription, ...]:
    return msgspec.convert(data.get("source", []), tuple[Subscription, ...])


def _new(subscriptions: Iterable[Subscription], present: Iterable[Subscription]) -> list[Subscription]:
    """Return each subscription whose URL is not there yet, once."""
    known = {each.url for each in present}
    new = {each.url: each for each in reversed(list(subscriptions)) if each.url not in known}
    return list(reversed(new.values()))


def _with_free_ids(
    new: Iterable[Subscription], present: Iterable[Subscription], config: Config
) -> tuple[Subscription, ...]:
    """Give those an id whose own, written or by default, is taken."""
    taken = {source.id for source in config.sources} | {each.id or default_id(each.url) for each in present}
    freed = []
    for each in new:
        wanted = each.id or default_id(each.url)
        free, number = wanted, 1
        while free in taken:
            number += 1
            free = f"{wanted[:56]}-{number}"
        taken.add(free)
        freed.append(each if free == wanted else replace(each, id=free))
    return tuple(freed)


def _tables(subscriptions: Iterable[Subscription]) -> str:
    """Return ``[[source]]`` tables, a line between them, that hold what is not the default."""
    import tomlkit  # noqa: PLC0415 - only what adds sources needs it

    tables = []
    for subscription in subscriptions:
        array = tomlkit.aot()
        array.append(tomlkit.item(msgspec.to_builtins(subscription)))
        tables.append(tomlkit.document().add("source", array).as_string())
    return "\n".join(tables)


def _inserted(text: str, data: dict[str, Any], tables: str) -> str:
    """Return ``text`` with ``tables`` put in behind the last source, or at the end where there is none."""
    at = _end_of_sources(text, data.get("source", []))
    before, after = text[:at], text[at:]
    gap = "\n" * (bool(before.strip()) + bool(before and not before.endswith("\n")))
    put_in = gap + tables + ("\n" if after.strip() and not re.match(r"[ \t]*\r?\n", after) else "")
    if "\r\n" in text:
        put_in = put_in.replace("\n", "\r\n")
    return before + put_in + after


def _end_of_sources(text: str, sources: list[Any]) -> int:
    """Return where the last ``[[source]]`` table ends: behind its last key and the comments that directly follow it."""
    headers = list(_HEADER.finditer(text))
    if not headers or not sources:
        return len(text)
    start = headers[-1].start()
    for line in islice(re.finditer(r"\n|\Z", text[start:]), MAX_LINES):
        try:
            # Nothing less than the whole table reads as the table does within the document.
            if tomllib.loads(text[start : start + line.end()]) == {"source": [sources[-1]]}:
                break
        except tomllib.TOMLDecodeError:
            # In the middle of a value.
            continue
    else:
        return len(text)
    end = start + line.end()
    while comment := _COMMENT.match(text, end):
        end = comment.end()
    return end


def replace_config(path: Path, before: str, after: str) -> None:
    """Replace the text of a configuration.

    Raises ConfigError, and leaves the file as it is, where it does not read ``before`` any more, or where ``after`` has
    mistakes.
    """
    temporary = _temporary(path)
    try:
        _write(temporary, path, after.encode())
        try:
            load(temporary)
        except ConfigError as error:
            raise ConfigError(tuple(replace(each, file=str(path)) for each in error.mistakes)) from error
        if _text(path) != before:
            raise _error(path, "(file)", "was changed by someone else at this moment; try again")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _write(temporary: Path, like: Path, data: bytes) -> None:
    """Write a new file to the disk, with the permissions of the one it is to replace."""
    with temporary.open("xb") as file:
        with suppress(FileNotFoundError):
            os.fchmod(file.fileno(), stat.S_IMODE(like.stat().st_mode))
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _error(path: Path, key: str, message: str) -> ConfigError:
    return ConfigError((Mistake(file=str(path), key=key, message=message),))
