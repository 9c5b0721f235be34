"""Rate-limit keys: what counts as one server when requests are paced.

A key is the registrable domain (the public suffix and one label more, by the ICANN part of the Public Suffix List), an
IP address, or a URL prefix that the operator has split off. Hosts in ``allow_private`` are the operator's own: each of
their ports is a key, and none of them is paced.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import can_ada

from feedhub.errors import FetchError
from feedhub.fetch.guard import admit, gate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tldextract import ExtractResult

    from feedhub.fetch.guard import Target
    from feedhub.model import FetchSettings

__all__ = ["FLAT", "Keys"]

# Top-level domains without public suffixes of two labels below them. The list costs 0.2 CPU-seconds to load, and runs
# that meet no other domains are spared it.
FLAT = frozenset(
    {
        "app",
        "blog",
        "ch",
        "com",
        "cz",
        "de",
        "dev",
        "dk",
        "edu",
        "eu",
        "gov",
        "info",
        "net",
        "nl",
        "org",
        "ru",
        "tv",
        "xyz",
    }
)


class Keys:
    """The rate-limit keys of URLs under some settings."""

    def __init__(self, settings: FetchSettings) -> None:
        self._gate = gate(settings)
        self._split = tuple(sorted((_without_scheme(_normal(url)) for url in settings.split), key=len, reverse=True))
        self._domains: dict[str, str] = {}

    def of(self, target: Target) -> str:
        """Return the key of a URL that may be asked."""
        if self._split:
            address = _without_scheme(target.url)
            for prefix in self._split:
                if address.startswith(prefix):
                    return prefix
        if target.exempt:
            return f"{target.host}:{target.port}"
        if target.literal:
            return target.host
        key = self._domains.get(target.host)
        if key is None:
            key = self._domains[target.host] = registrable(target.host)
        return key

    def of_url(self, url: str) -> str:
        """Return the key of a URL, or "" for one that is never asked."""
        try:
            return self.of(admit(url, self._gate))
        except FetchError:
            return ""


def registrable(host: str) -> str:
    """Return the registrable domain of a host name in normal form; one that has none stands for itself."""
    labels = host.split(".")
    if len(labels) <= 2:  # noqa: PLR2004 - a public suffix of two labels with a feed on it would be its own key as well
        return host
    if labels[-1] in FLAT:
        return ".".join(labels[-2:])
    found = _list()(host)
    # By the list's rules, a top-level domain it does not know is a public suffix.
    return found.top_domain_under_public_suffix or (host if found.suffix else ".".join(labels[-2:]))


@cache
def _list() -> Callable[[str], ExtractResult]:
    """Return what looks a host up in the list that tldextract carries: no network, no cache on disk."""
    import tldextract  # noqa: PLC0415 - costs as much as fetching a thousand feeds

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).extract_str


def _normal(url: str) -> str:
    try:
        return str(can_ada.parse(url).href)
    except ValueError:
        return url


def _without_scheme(url: str) -> str:
    return url.partition("://")[2]
