"""Reads tables of TOML into records, noting all that is wrong with them."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from feedhub.config.mistakes import Mistakes, explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Tables"]

T = TypeVar("T", bound=Struct)


class Tables:
    """Reads the tables of one file, gathering mistakes as it goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes = Mistakes(str(path))

    def rows(self, data: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the tables of an array of tables, each with the key to call it by in messages."""
        rows = data.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.mistakes.say(name, f"must be written as [[{name}]] tables")
            return
        for place, row in enumerate(rows, 1):
            # The address of a webhook is not said: often it is all the secret that there is.
            label = row.get("id") or row.get("slug") or row.get("name") or (row.get("url") if name == "source" else "")
            yield f"{name}[{label if label and isinstance(label, str) else place}]", row

    def table(self, shape: type[T], data: object, key: str, *, other_keys: tuple[str, ...] = ()) -> T | None:
        """Return ``data`` as a ``shape``, or None after noting what is wrong with it."""
        if not isinstance(data, dict):
            self.mistakes.say(key, f"must be a table, not {data!r}")
            return None
        types, fields = _described(shape)
        before = len(self.mistakes)
        for name in data:
            if name not in types and name not in other_keys:
                self.mistakes.unknown(f"{key}.{name}", name, (*types, *other_keys))
        if len(self.mistakes) == before:
            # To go field by field takes several times as long, and is only needed to say what is wrong.
            with suppress(msgspec.ValidationError):
                return msgspec.convert(data, shape)
        values = {}
        for info in fields:
            if info.name in data:
                values[info.name] = self.value(f"{key}.{info.name}", data[info.name], types[info.name])
            elif info.default is NODEFAULT and info.default_factory is NODEFAULT:
                self.mistakes.say(f"{key}.{info.name}", "is missing")
        return shape(**values) if len(self.mistakes) == before else None

    def value(self, key: str, value: object, wanted: Any) -> object:  # noqa: ANN401 - a type as typing spells it
        """Return ``value`` converted to the type ``wanted``."""
        try:
            return msgspec.convert(value, wanted)
        except msgspec.ValidationError as error:
            self.mistakes.say(key, f"{value!r} is wrong: {explain(error, wanted)}")
            return None


@cache
def _described(shape: type[Struct]) -> tuple[dict[str, Any], tuple[msgspec.structs.FieldInfo, ...]]:
    """Return the types of a shape's fields by name, and the fields; finding out takes longer than reading a table."""
    return get_type_hints(shape, include_extras=True), msgspec.structs.fields(shape)
