"""What sanitised elements with addresses become: absolute ones; images that show nothing go."""

from __future__ import annotations

import re
from html import unescape

from feedhub.normalize.markup import start_tag
from feedhub.normalize.urls import clean

__all__ = ["mended"]

_ABSOLUTE = re.compile(r"https?://[^/\\]")
_ADDRESSES = frozenset(["data-src", "href", "poster", "src"])


def mended(name: str, given: dict[str, str], base_url: str) -> str:
    """Return the start tag of an element with its addresses made absolute, or ``""`` for an image that should go.

    The attributes are those the sanitiser leaves, their values escaped. An address that leads nowhere goes.
    """
    attributes: dict[str, str] = {}
    for attribute, value in given.items():
        if attribute not in _ADDRESSES or (attribute == "href" and value.startswith("mailto:")):
            attributes[attribute] = value
        elif attribute == "data-src":
            if source := _absolute(value, base_url):
                attributes["src"] = source
        elif address := _absolute(value, base_url):
            attributes.setdefault(attribute, address)
    if name in {"img", "source"} and ("src" not in attributes or _is_tiny(attributes)):
        return ""
    if name in {"audio", "video"}:
        attributes |= {"controls": "", "preload": "none"}
    return start_tag(name, attributes)


def _absolute(address: str, base_url: str) -> str:
    if _ABSOLUTE.match(address):
        return address
    return clean(unescape(address), base_url).replace("&", "&amp;")


def _is_tiny(attributes: dict[str, str]) -> bool:
    sides = {attributes.get("width", "").removesuffix("px"), attributes.get("height", "").removesuffix("px")}
    return "0" in sides or sides == {"1"}
