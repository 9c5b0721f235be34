"""Answers requests for published files: an ASGI application over a `Library`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from feedhub.publish.html.places import MISSING
from feedhub.serve.conditions import UNSATISFIABLE, coding, judge, part, tags, wants_delta
from feedhub.serve.library import parts, suffix
from feedhub.serve.media import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from feedhub.serve.library import Library, Representation, Resource
    from feedhub.serve.media import Kind

__all__ = [
    "NOT_MODIFIED",
    "Files",
    "Headers",
    "Topics",
    "below",
    "headers_of",
    "kept_headers",
    "send_page",
    "send_text",
]

Headers = list[tuple[bytes, bytes]]

NO_SNIFFING = (b"x-content-type-options", b"nosniff")
NOT_STORED = (b"cache-control", b"no-store")
BY_ACCEPT = (b"vary", b"Accept")
# Pages are feedhub's own, and what strangers wrote in them is sanitised; this is the second wall. No script runs.
PAGE = (
    (
        b"content-security-policy",
        (
            b"default-src 'none'; style-src 'self'; img-src 'self' data: https: http:; "
            b"media-src 'self' https: http:; font-src 'self'; form-action 'self'; base-uri 'none'; "
            b"frame-ancestors 'none'"
        ),
    ),
    (b"referrer-policy", b"no-referrer"),
)
# A feed is public: programs in other people's pages may read it, and no page may run anything out of it.
FEED = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, IM, Link"),
    (b"content-security-policy", b"default-src 'none'; style-src 'self'; img-src https: http: data:; sandbox"),
)
# What browsers ask before they let such a program send conditions (Fetch Standard, CORS-preflight requests).
PREFLIGHT = [
    (b"allow", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"A-IM, If-Modified-Since, If-None-Match, Range"),
    (b"access-control-max-age", b"86400"),
]
XML = "application/xml; charset=utf-8"
NO_CONTENT, IM_USED, NOT_MODIFIED, NOT_FOUND, PRECONDITION_FAILED = 204, 226, 304, 404, 412
# So much is handed over at a time (bytes): whoever does not read makes us hold no more than that.
PIECE = 65_536


class Topics(Struct, frozen=True, kw_only=True):
    """Which feeds ``hubs`` are told of: those below the URL ``base`` whose paths ``private`` does not match."""

    base: str = ""
    hubs: tuple[str, ...] = ()
    private: re.Pattern[str] = re.compile("(?!)")

    def link(self, path: str) -> bytes:
        """Return the Link header of a feed (W3C WebSub §4), b"" for one that no hub is told of.

        Archives never change; `feedhub.publish.path` says how they are known.
        """
        if not self.hubs or "--" in path or self.private.match(path):
            return b""
        links = [(hub, "hub") for hub in self.hubs] + [(self.base + quote(path), "self")]
        return ", ".join(f'<{target}>; rel="{relation}"' for target, relation in links).encode()


NO_TOPICS = Topics()


class Files:
    """Serves the current ``library``, which may be replaced at any time; ``prefix`` is the path of the site's URL.

    ``dressing`` is what the search page is dressed in, where no pages and so none of it is published.
    Feeds that are ``announced`` say so in a header. That is found out once for each file that is read: with another
    answer goes another library.
    """

    def __init__(self, library: Library, prefix: str, announced: Topics = NO_TOPICS) -> None:
        self.library = library
        self.prefix = prefix
        self.announced = announced
        self.dressing: dict[str, Resource] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del receive
        kind = kinds().get(suffix(scope["path"]))
        if scope["method"] == "OPTIONS" and kind and kind.is_feed:
            await _send(send, NO_CONTENT, PREFLIGHT)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await send_text(scope, send, 405, "only GET and HEAD\n", [(b"allow", b"GET, HEAD")])
            return
        found = await self._find(below(scope["path"], self.prefix))
        if isinstance(found, str):
            await send_text(scope, send, 308, "", [(b"location", found.encode())])
        elif found is None:
            await self._answer_missing(scope, send)
        else:
            await self.answer(found, scope, send)

    async def _find(self, path: str) -> Resource | str | None:
        """Return the file at a path, the address of the folder that is meant, or None."""
        library = self.library
        name = parts(path)
        if name is None:
            return None
        if suffix(name) not in kinds():
            is_site = f"{path}/" == self.prefix
            if not is_site and (path.endswith("/") or not await run_in_threadpool(library.is_folder, name)):
                return None
            return f"./{quote(name.rpartition('/')[2])}/"
        try:
            resource = library.kept(name)
            if resource is None:
                resource = await run_in_threadpool(library.read, name)
        except OSError:
            return self.dressing.get(name)
        if resource.link is None:
            resource.link = self.announced.link(name) if resource.kind.is_feed else b""
        return resource

    async def _answer_missing(self, scope: Scope, send: Send) -> None:
        """Say that nothing is there: to browsers in the page that is published for it."""
        page = await self._find(f"/{MISSING}") if "text/html" in headers_of(scope).get("accept", "") else None
        if page is None or isinstance(page, str):
            await send_text(scope, send, NOT_FOUND, "nothing here\n", [BY_ACCEPT])
        else:
            await send_page(scope, send, NOT_FOUND, page.plain.body, [BY_ACCEPT])

    async def answer(self, resource: Resource, scope: Scope, send: Send) -> None:
        """Answer a GET or HEAD with what the request asks of a resource."""
        asked = headers_of(scope)
        wanted = coding(asked["accept-encoding"]) if "accept-encoding" in asked else ""
        chosen = resource.coded.get(wanted)
        if chosen is None:
            chosen = await run_in_threadpool(self.library.code, resource, wanted)
        status = judge(asked, chosen.validators)
        headers = kept_headers(resource, chosen)
        if status == NOT_MODIFIED:
            await _send(send, NOT_MODIFIED, headers)
            return
        if status == PRECONDITION_FAILED:
            await send_text(scope, send, PRECONDITION_FAILED, "this is another version\n", headers)
            return
        headers.append((b"content-type", _content_type(resource.kind, asked.get("accept", ""))))
        if scope["method"] == "GET" and resource.kind.is_feed and wants_delta(asked.get("a-im", "")):
            etags = [tag for _, tag in tags(asked.get("if-none-match", ""))]
            newer = await run_in_threadpool(self.library.newer, resource, etags) if etags else None
            if newer is not None:
                await _send_newer(send, headers, newer)
                return
        if chosen.coding:
            headers.append((b"content-encoding", chosen.coding.encode()))
        await _send_body(scope, send, asked, headers, chosen)


def _content_type(kind: Kind, accepted: str) -> bytes:
    """Return the media type to name; whoever accepts pages but no feeds gets a feed as XML.

    Browsers show the media types of feeds as bare source, and XML in the style sheet that it names.
    """
    is_browser = "text/html" in accepted and not ("rss" in accepted or "atom" in accepted)
    named = XML if kind.is_feed and is_browser and "+xml" in kind.content_type else kind.content_type
    return named.encode()


async def _send_body(scope: Scope, send: Send, asked: dict[str, str], headers: Headers, chosen: Representation) -> None:
    """Send a representation or the part of it that is asked for (RFC 9110 §14); a HEAD gets the headers of a GET."""
    body, size = chosen.body, len(chosen.body)
    headers.append((b"accept-ranges", b"bytes"))
    span = part(asked, chosen.validators, size) if scope["method"] == "GET" else None
    if span == UNSATISFIABLE:
        headers = [header for header in headers if header[0] not in {b"content-type", b"content-encoding"}]
        headers.append((b"content-range", f"bytes */{size}".encode()))
        await send_text(scope, send, 416, "no such range\n", headers)
        return
    if span:
        first, last = span
        headers.append((b"content-range", f"bytes {first}-{last}/{size}".encode()))
        body = body[first : last + 1]
    headers.append((b"content-length", str(len(body)).encode()))
    await _send(send, 206 if span else 200, headers, body if scope["method"] == "GET" else b"")


async def _send_newer(send: Send, headers: Headers, newer: bytes) -> None:
    """Send a shortened feed: its entity tag is that of the whole, and no cache may take it for that."""
    headers = [header for header in headers if header[0] != b"cache-control"]
    headers += [(b"im", b"feed"), (b"cache-control", b"no-store, im"), (b"content-length", str(len(newer)).encode())]
    await _send(send, IM_USED, headers, newer)


def kept_headers(resource: Resource, chosen: Representation) -> Headers:
    """Return the headers of a resource that a 304 has too (RFC 9110 §15.4.5), and those that guard it."""
    kind = resource.kind
    headers = [
        (b"etag", chosen.validators.etag.encode()),
        (b"cache-control", f"public, max-age={kind.max_age}".encode() if kind.max_age else b"public, no-cache"),
        NO_SNIFFING,
    ]
    if chosen.validators.last_modified:
        headers.append((b"last-modified", chosen.validators.last_modified.encode()))
    if kind.is_feed:
        headers += [(b"vary", b"Accept, Accept-Encoding, A-IM"), *FEED]
        if resource.link:
            headers.append((b"link", resource.link))
    elif kind.compress:
        headers.append((b"vary", b"Accept-Encoding"))
    if kind.is_page:
        headers += PAGE
    return headers


def below(path: str, prefix: str) -> str:
    """Return a request's path without the path of the site: a proxy in front may have taken it off, or not."""
    return path[len(prefix) - 1 :] if len(prefix) > 1 and path.startswith(prefix) else path


def headers_of(scope: Scope) -> dict[str, str]:
    """Return a request's headers by lower-case name; several of one name are one list (RFC 9110 §5.3)."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def send_text(
    scope: Scope, send: Send, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Send a short plain text, that never holds anything of the request."""
    body = text.encode()
    kept = [header for header in headers if header[0] not in {b"content-type", b"content-length", b"content-encoding"}]
    if NO_SNIFFING not in kept:
        kept.append(NO_SNIFFING)
    kept += [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await _send(send, status, kept, b"" if scope["method"] == "HEAD" else body)


async def send_page(
    scope: Scope, send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Send a page that tells of a mistake: no cache keeps it."""
    kept = [*headers, NO_SNIFFING, NOT_STORED, *PAGE]
    kept += [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await _send(send, status, kept, b"" if scope["method"] == "HEAD" else body)


async def _send(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for begin in range(0, len(body) - PIECE, PIECE):
        await send({"type": "http.response.body", "body": body[begin : begin + PIECE], "more_body": True})
    rest = max(len(body) - 1, 0) // PIECE * PIECE
    await send({"type": "http.response.body", "body": body[rest:]})
