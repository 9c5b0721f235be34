"""The door to themes: folders of templates and style sheets that the operator of a site has written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.errors import ConfigError
from feedhub.model import Mistake
from feedhub.publish.html.theme import PLAIN, TEMPLATE, TYPES, Theme

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read"]

# A theme is a handful of small files; a folder that holds more is another folder.
MOST_FILES, LARGEST = 100, 2 * 1024 * 1024


def read(folder: Path | None) -> Theme:
    """Return the theme in ``folder``, or the plain one for None; files of other kinds in it are left alone.

    ConfigError names a file that cannot be read, is no UTF-8 or is too large, or a folder of too many files.
    """
    if folder is None:
        return PLAIN
    templates: dict[str, str] = {}
    files: dict[str, bytes] = {}
    try:
        found = [path for path in sorted(folder.iterdir()) if path.suffix in {TEMPLATE, *TYPES} and path.is_file()]
    except OSError as error:
        raise _mistake(folder, "(folder)", f"cannot be read: {error.strerror}") from error
    if len(found) > MOST_FILES:
        raise _mistake(folder, "(folder)", f"holds {len(found)} files; a theme has at most {MOST_FILES}")
    for path in found:
        body = _body(folder, path)
        if path.suffix == TEMPLATE:
            try:
                templates[path.name] = body.decode()
            except UnicodeDecodeError as error:
                raise _mistake(folder, path.name, f"is not UTF-8: {error.reason} at byte {error.start}") from error
        else:
            files[path.name] = body
    return Theme(folder=str(folder), templates=templates, files=files)


def _body(folder: Path, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise _mistake(folder, path.name, f"cannot be read: {error.strerror}") from error
    if len(body) > LARGEST:
        raise _mistake(folder, path.name, f"is larger than {LARGEST} bytes")
    return body


def _mistake(folder: Path, name: str, message: str) -> ConfigError:
    return ConfigError((Mistake(file=str(folder), key=name, message=message),))
