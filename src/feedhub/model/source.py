"""Sources: where feeds come from, how they are asked, and what is known of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from feedhub.model.feed import Hints, Problem
from feedhub.model.push import HubOffer
from feedhub.model.story import Reason


class Source(Struct, frozen=True, kw_only=True):
    """A configured source feed; ``url`` is http(s) or, resolved against the configuration's folder, ``file:``.

    ``authorization_env`` names the environment variable with the credentials to send, "" for none.
    """

    id: str
    url: str
    title: str = ""
    link: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    authorization_env: str = ""


class FetchSettings(Struct, frozen=True, kw_only=True):
    """Bounds of the crawl.

    ``timeout`` is in seconds and covers the whole request with all redirects; ``max_bytes`` is the decoded size. To one
    registrable domain go at most ``per_host`` requests at once, and one every ``pace`` seconds; the URL prefixes in
    ``split`` count as domains of their own. ``allow_private`` names the hosts that may resolve to private or loopback
    addresses.
    """

    timeout: float = 20.0
    max_bytes: int = 15 * 1024 * 1024
    max_redirects: int = 5
    connections: int = 64
    per_host: int = 2
    pace: float = 1.0
    split: tuple[str, ...] = ()
    user_agent: str = ""
    ports: tuple[int, ...] = (80, 443, 8080, 8443)
    allow_private: tuple[str, ...] = ()


class Request(Struct, frozen=True, kw_only=True):
    """What to fetch for one source; the validators are sent exactly as the server once gave them (RFC 9110 §13.1).

    ``answered_by`` is the address whose answer they came with, when that was not ``url``: nobody else is sent them.
    ``authorization_env`` names the environment variable that holds the Authorization header for the origin of ``url``.
    """

    source_id: str
    url: str
    etag: str = ""
    last_modified: str = ""
    answered_by: str = ""
    authorization_env: str = ""


class Failure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a source gave nothing this time: ``stage`` is fetch, parse or bug; ``code`` a reason code."""

    stage: Literal["fetch", "parse", "bug"]
    code: str
    detail: str = ""


class Fetched(Struct, frozen=True, kw_only=True):
    """The answer to a `Request`.

    ``url`` is the address that answered, after redirects and without credentials. ``moved_to`` is the address that
    permanent redirects (301, 308) led to before the first temporary one, "" for none. ``headers`` are the last
    response's, names in lower case; a request that was not sent because its server had answered 429 to another one has
    that answer's Retry-After. With ``failure`` set there is no body; status 304 means that the body is the one
    already known. ``pushed`` is what a hub delivered by itself, and that may be the new entries only.
    """

    source_id: str
    url: str
    moved_to: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    failure: Failure | None = None
    pushed: bool = False


class Rhythm(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often a source says something: how many dated entries it lists, the newest, and their median gap."""

    entries: int = 0
    newest: datetime | None = None
    gap: timedelta | None = None


class FetchEvent(Struct, frozen=True, kw_only=True, array_like=True):
    """One answer of a source: ``code`` is ``new``, ``edited``, ``unchanged`` or the failure's code.

    ``new`` counts its new entries.
    """

    at: datetime
    code: str
    new: int = 0


class Move(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Permanent redirects to ``target`` seen ``sightings`` times in a row since ``since``.

    ``same`` says that what was found there is the feed that was known here.
    """

    target: str
    since: datetime
    sightings: int = 1
    same: bool = False


class Absence(Struct, frozen=True, kw_only=True, array_like=True):
    """An entry that is missing in its feed since ``answers`` answers, and counts as withdrawn after ``needed``."""

    key: str
    needed: int
    answers: int = 0


class Withdrawal(Struct, frozen=True, kw_only=True, array_like=True):
    """An entry that its source has taken back, and when that was certain."""

    key: str
    at: datetime


class ParseSettings(Struct, frozen=True, kw_only=True):
    """Bounds of the tolerant parser, and the share of documents it checks.

    A document may take ``seconds`` of CPU time and ``megabytes`` of memory. Of the documents that the fast parser read,
    the share ``shadow`` (0 to 1) is read by the tolerant one too, and the two are compared.
    """

    seconds: float = 5.0
    megabytes: int = 1024
    shadow: float = 0.0


class SourceState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known about a source between refreshes; ``failures`` counts consecutive failed fetches.

    ``url`` is the configured address all this is about, ``moved_to`` the one that took its place for good. The
    validators came from ``answered_by``, which redirects may have made yet another. ``whole_at`` is when a document
    last came, ``due`` when the source is to be asked again and ``because`` what made it so. ``gone`` counts answers 410
    in a row since ``gone_since``. ``limited_by`` is the address whose server asked for fewer requests (429) last time.
    ``events`` are the last answers, oldest first. ``missing`` are entries that may have been taken back, ``withdrawn``
    the last of those that were, until they are listed again.
    """

    source_id: str
    url: str = ""
    moved_to: str = ""
    move: Move | None = None
    answered_by: str = ""
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    title: str = ""
    link: str = ""
    feed_id: str = ""
    language: str = ""
    status: int = 0
    fetched_at: datetime | None = None
    succeeded_at: datetime | None = None
    whole_at: datetime | None = None
    new_entry_at: datetime | None = None
    rhythm: Rhythm = Rhythm()
    hints: Hints = Hints()
    offer: HubOffer | None = None
    due: datetime | None = None
    because: tuple[Reason, ...] = ()
    failures: int = 0
    failure: Failure | None = None
    gone: int = 0
    gone_since: datetime | None = None
    limited_by: str = ""
    problems: tuple[Problem, ...] = ()
    events: tuple[FetchEvent, ...] = ()
    missing: tuple[Absence, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()
