"""How pages look: Jinja2 templates, in a sandbox and always escaping, and the files they are dressed in.

A theme's templates come first. One that is named like one of feedhub's takes its place, and can build on it:
``{% extends "feedhub/story.html" %}`` and the blocks to be different.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    DictLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from feedhub.errors import ConfigError
from feedhub.model import Mistake
from feedhub.normalize.text import xml_safe
from feedhub.publish.html import charts
from feedhub.publish.html.conforming import conforming
from feedhub.publish.html.theme import builtin
from feedhub.publish.stamps import rfc3339

if TYPE_CHECKING:
    from datetime import date, datetime

    from feedhub.publish.html.theme import Theme

__all__ = ["Look"]

# A page of more bytes is a mistake of a theme; feedhub's own are bounded by the limits of editions.
LARGEST = 32 * 1024 * 1024
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Look:
    """Renders pages with the templates of a theme, or of feedhub."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        own = DictLoader({name: text for name, text in builtin().items() if name.endswith(".html")})
        loaders: list[BaseLoader] = [DictLoader(theme.templates), own, PrefixLoader({"feedhub": own})]
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "bars": charts.bars,
            "clock": _clock,
            "conforming": _conforming,
            "iso": rfc3339,
            "month": _month,
            "weekday": _weekday,
        }

    def render(self, name: str, values: dict[str, Any]) -> bytes:
        """Return a page.

        ConfigError says what is wrong with a template of the theme.
        """
        written: list[str] = []
        size = 0
        try:
            for part in self._environment.get_template(name).generate(values):
                written.append(part)
                size += len(part)
                if size > LARGEST:
                    raise self._mistake(name, f"makes a page of more than {LARGEST} characters")
        except TemplateSyntaxError as error:
            raise self._mistake(f"{error.name}, line {error.lineno}", str(error.message)) from error
        except (
            TemplateError,
            ArithmeticError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise self._mistake(name, str(error)) from error
        # Whatever a text holds, HTML cannot carry all of it (HTML Standard §13.2.3.5).
        return xml_safe("".join(written)).encode()

    def _mistake(self, name: str, message: str) -> ConfigError:
        return ConfigError((Mistake(file=self.theme.folder or "feedhub", key=name, message=message),))


def _conforming(fragment: str) -> Markup:
    return Markup(conforming(fragment))  # noqa: S704 - sanitised before it was stored, and written anew here


def _clock(moment: datetime) -> str:
    """Return the time of day, "" at midnight to the second: then only the date was said."""
    return f"{moment:%H:%M}" if moment.time() != time.min else ""


def _weekday(moment: date) -> str:
    return DAYS[moment.weekday()]


def _month(moment: date) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"
