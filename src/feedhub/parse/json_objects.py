"""JSON documents, their values read by the type they should have: another type is a problem, and never a crash."""

from __future__ import annotations

import codecs
import json
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from feedhub.errors import ParseError
from feedhub.model import Extension, Problem
from feedhub.parse.declined import DeclinedError
from feedhub.parse.fast_dates import date
from feedhub.parse.values import MAX_PARTS

__all__ = ["JsonObject", "document"]

_ENCODINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# An escape within a string: a pair of surrogates, half of one, or any other.
_ESCAPE = re.compile(r"\\u[Dd][89ABab]..\\u[Dd][C-Fc-f]..|(\\u[Dd][89A-Fa-f]..)|\\.", re.DOTALL)
_TOLERANT = json.JSONDecoder(strict=False)
_T = TypeVar("_T")
_NAMES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
}


def document(body: bytes, problems: list[Problem]) -> dict[str, Any]:
    """Return a JSON object; declines what does not start as one, raises `ParseError` ``malformed`` when it breaks.

    What can be read in spite of a mistake is, and ``problems`` gets the mistake: bytes that are not UTF-8, half a
    surrogate pair, control characters, ``NaN``, numbers beyond all bounds, and whatever stands behind the object.
    """
    text = _utf8(body)
    if text[:1] != b"{":
        raise DeclinedError("not-json")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        values = _mended(text)
        if values is None:
            raise ParseError("malformed", f"not JSON: {error}") from error
        problems.append(Problem(code="not-well-formed", detail=f"not JSON: {error}"))
        return values


def _mended(text: bytes) -> dict[str, Any] | None:
    """Return the object that a text would be but for small mistakes, or None for one that breaks."""
    half = "\\ufffd"
    mended = _ESCAPE.sub(lambda found: half if found[1] else found[0], text.decode("utf-8", "replace"))
    try:
        values: dict[str, Any] = _TOLERANT.raw_decode(mended)[0]
    except (ValueError, RecursionError):
        return None
    return values


def _utf8(body: bytes) -> bytes:
    for mark, encoding in _ENCODINGS:
        if body.startswith(mark):
            try:
                return body[len(mark) :].decode(encoding).encode().lstrip()
            except UnicodeDecodeError as error:
                raise DeclinedError("encoding") from error
    return body.lstrip()


class JsonObject:
    """A JSON object; ``path`` says where it stands, ``at`` in which entry, and ``problems`` gets what is odd."""

    def __init__(self, values: dict[str, Any], path: str, at: int, problems: list[Problem]) -> None:
        """Read ``values``."""
        self._values = values
        self._path = path
        self._at = at
        self._problems = problems

    def holds(self, name: str, kind: type) -> bool:
        """Say whether a value is there and of a type."""
        return isinstance(self._values.get(name), kind)

    def string(self, name: str) -> str:
        """Return a string."""
        value = self._values.get(name)
        return value if isinstance(value, str) else self._missing(name, value, "string", "")

    def identifier(self, name: str) -> str:
        """Return a string, or a number as one."""
        value = self._values.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if is_number else self.string(name)

    def whole(self, name: str) -> int | None:
        """Return a whole number that is not negative; fractions are cut off."""
        value = self._values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53:
            return int(value)
        return self._missing(name, value, "positive number", None)

    def flag(self, name: str, *, otherwise: bool) -> bool:
        """Return a boolean, or the word for one."""
        value = self._values.get(name)
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False}.get(self.string(name), otherwise)

    def date(self, name: str) -> datetime | None:
        """Return an RFC 3339 date, or one in a form that other feeds use; one without a zone is in UTC."""
        said = self.string(name).strip()
        if not said:
            return None
        try:
            found = datetime.fromisoformat(said)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return self.other_date(name, said)

    def other_date(self, name: str, said: str) -> datetime | None:
        """Return a date in the forms of RSS; what is none is a problem."""
        try:
            found = date(said)
        except DeclinedError:
            found = None
        if said and found is None:
            self.problem("bad-date", f"{name}: {said[:80]}")
        return found

    def strings(self, name: str) -> list[str]:
        """Return an array of strings."""
        return self._listed(name, str, "string", MAX_PARTS)

    def words(self, name: str) -> list[str]:
        """Return an array of strings; some write the strings into one, with commas."""
        value = self._values.get(name)
        if isinstance(value, str):
            if value:
                self._missing(name, value, "array", None)
            return [word.strip() for word in value.split(",")][:MAX_PARTS]
        return self.strings(name)

    def extensions(self) -> tuple[Extension, ...]:
        """Return the custom members, whose names begin with an underscore."""
        return tuple(
            Extension(name=name, value=msgspec.json.encode(value).decode())
            for name, value in self._values.items()
            if name.startswith("_")
        )[:MAX_PARTS]

    def objects(self, name: str, most: int) -> list[dict[str, Any]]:
        """Return the first ``most`` of an array of objects."""
        return self._listed(name, dict, "object", most)

    def parts(self, name: str) -> list[JsonObject]:
        """Return an array of objects, ready to be read."""
        found = self.objects(name, MAX_PARTS)
        return [JsonObject(each, f"{self._path}{name}[{i}].", self._at, self._problems) for i, each in enumerate(found)]

    def one(self, name: str) -> list[JsonObject]:
        """Return an object, ready to be read, in a list, which is empty without it."""
        value = self._values.get(name)
        if isinstance(value, dict):
            return [JsonObject(value, f"{self._path}{name}.", self._at, self._problems)]
        return self._missing(name, value, "object", [])

    def _listed(self, name: str, kind: type, kind_name: str, most: int) -> list[Any]:
        values = self._values.get(name)
        if not isinstance(values, list):
            return self._missing(name, values, "array", [])
        if len(values) > most:
            self.problem("too-many", f"{self._path}{name}: {len(values)}, the first {most} are read")
        kept = []
        for i, value in enumerate(values[:most]):
            if isinstance(value, kind):
                kept.append(value)
            else:
                self.problem("wrong-type", f"{self._path}{name}[{i}]: {_kind(value)} instead of {kind_name}")
        return kept

    def _missing(self, name: str, value: object, expected: str, instead: _T) -> _T:
        if value is not None:
            self.problem("wrong-type", f"{self._path}{name}: {_kind(value)} instead of {expected}")
        return instead

    def problem(self, code: str, detail: str) -> None:
        """Note something odd, unless too much has been noted."""
        if len(self._problems) < MAX_PARTS:
            self._problems.append(Problem(code=code, detail=detail, entry=self._at))


def _kind(value: object) -> str:
    return _NAMES.get(type(value), "null")
