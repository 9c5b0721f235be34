"""Gathers the mistakes of a configuration, in words that say what would be right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from msgspec import Meta

from feedhub.model import Mistake
from feedhub.normalize.credentials import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import msgspec


# What TOML calls a value that Python calls otherwise.
KINDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "a text",
}


class Mistakes(list[Mistake]):
    """The mistakes found so far in one ``file``."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    def say(self, key: str, message: str) -> None:
        """Add a mistake at ``key``; user names and passwords in addresses are left out."""
        self.append(Mistake(file=self.file, key=masked(key), message=masked(message)))

    def unknown(self, key: str, name: str, known: Iterable[str]) -> None:
        """Add an unknown key, naming the nearest known one, or all where none is near."""
        import difflib  # noqa: PLC0415 - most configurations hold no mistake

        known = tuple(known)
        near = difflib.get_close_matches(name, known, 1)
        self.say(key, f"is no key here; {f'did you mean {near[0]!r}?' if near else f'the keys are {_list(known)}'}")


def explain(error: msgspec.ValidationError, wanted: object) -> str:
    """Return what would have been right where a value was not of the type ``wanted``."""
    if choices := list(_choices(wanted)):
        return f"the choices are {_list(choices)}"
    message = str(error)
    if "regex" in message and (meanings := list(_descriptions(wanted))):
        return f"it must be {meanings[0]}"
    # Where in a list it stands is seen from the value, which is told beside this.
    message = re.sub(r" - at `\$.*`$", "", message)
    message = re.sub(r"`(\w+)`", lambda found: KINDS.get(found[1], found[0]), message)
    return message[0].lower() + message[1:]


def _choices(wanted: object) -> Iterator[str]:
    """Yield the literal values that ``wanted`` allows, however deep they stand."""
    if get_origin(wanted) is Literal:
        yield from get_args(wanted)
    else:
        for inner in get_args(wanted):
            yield from _choices(inner)


def _descriptions(wanted: object) -> Iterator[str]:
    """Yield the descriptions of the constraints in ``wanted``."""
    for inner in get_args(wanted):
        if isinstance(inner, Meta) and inner.description:
            yield inner.description
        yield from _descriptions(inner)


def _list(values: Iterable[str]) -> str:
    return ", ".join(map(repr, values))
