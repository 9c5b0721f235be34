"""Reasons as pages give them: in words, with what was weighed; keys of entries are nobody's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.publish.html.views import Why
from feedhub.stories.explain import describe

if TYPE_CHECKING:
    from feedhub.model import Reason

__all__ = ["grouped", "tagged"]

MOST_WORDS = 12
RULES = {
    "same-url": "the same address",
    "same-text": "the same text",
    "repeated": "its source said it again",
    "near-text": "nearly the same text",
    "same-event": "the same event",
    "merged": "the same event",
    "across-languages": "the same event in another language",
    "join": "put together by hand",
    "link": "linked by hand",
}


def grouped(reason: Reason) -> Why:
    """Say why an entry is in a story, or a story in an event."""
    return _why(reason, RULES.get(reason.rule, reason.rule.replace("-", " ")))


def tagged(reason: Reason) -> Why:
    """Say why a story has a tag."""
    return _why(reason, describe(reason))


def _why(reason: Reason, text: str) -> Why:
    held = f"{reason.score:.2f} where {reason.threshold:.2f} is enough" if reason.score or reason.threshold else ""
    return Why(text=text, words=reason.words[:MOST_WORDS], score=held)
