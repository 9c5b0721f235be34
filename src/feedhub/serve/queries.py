"""The addresses of feeds on demand and of the search page: ``/feed.atom?q=…``, ``/search?q=…``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from feedhub.errors import FeedhubError
from feedhub.publish import formats
from feedhub.serve.desk import PAGE, BusyError
from feedhub.serve.files import NOT_STORED, below, send_page, send_text
from feedhub.serve.query import Query, QueryError, read_query
from feedhub.store.search import TooSlowError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from feedhub.serve.desk import Desk
    from feedhub.serve.files import Files

__all__ = ["Queries"]

log = logging.getLogger("feedhub")

SEARCH = "/search"


class Queries:
    """Answers queries; all other requests are for the published ``files``."""

    def __init__(self, desk: Desk, files: Files) -> None:
        self._desk = desk
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        form = self._form(scope) if scope["method"] in {"GET", "HEAD"} else ""
        if not form:
            await self._files(scope, receive, send)
            return
        status, text, wait = 503, "", 5
        try:
            query = self._read(scope)
            resource = await self._desk.answer(form, query)
        except QueryError as error:
            status, text, wait = 400, str(error), 0
        except BusyError:
            text = "too many queries wait already"
        except TooSlowError:
            text, wait = "this query takes too long to answer", 60
        except FeedhubError as error:
            log.error("a query could not be answered: %s", error)  # noqa: TRY400 - no bug, no trace
            text, wait = "the store cannot be read", 60
        else:
            self._files.library.remember(resource)
            await self._files.answer(resource, scope, send)
            return
        headers = [(b"retry-after", str(wait).encode())] if wait else []
        page = await self._desk.excuse(text) if form == PAGE else b""
        if page:
            await send_page(scope, send, status, page, headers)
        else:
            await send_text(scope, send, status, f"{text}\n", [NOT_STORED, *headers])

    def _form(self, scope: Scope) -> str:
        """Return the format in which a query is to be answered, "" where a file is asked for."""
        path = below(scope["path"], self._files.prefix)
        if path == SEARCH:
            return PAGE
        for name, form in formats().items():
            if path == f"/feed{form.suffix}":
                # An edition may have that name, too.
                is_file = not scope["query_string"] and self._desk.publishes("feed", name)
                return "" if is_file else name
        return ""

    def _read(self, scope: Scope) -> Query:
        try:
            text = scope["query_string"].decode("ascii")
        except UnicodeDecodeError:
            raise QueryError("the query holds characters that are not encoded") from None
        return read_query(text, self._desk.sources())
