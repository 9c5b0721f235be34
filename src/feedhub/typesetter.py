"""Wiring: what editions show becomes pages, and only those that show something else than before are set again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from feedhub import themes
from feedhub.publish.html import theme

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feedhub.config import Config
    from feedhub.model import Document, Edition, Item, Source
    from feedhub.stock import Stock
    from feedhub.store import Store

__all__ = ["Typesetter"]

# The named fact that says what the published pages show: their keys by path.
SET = "pages"


class Typesetter:
    """Sets the pages of one publication; with ``force`` all of them, whatever was published before."""

    def __init__(self, config: Config, *, force: bool = False) -> None:
        self.config = config
        self.force = force
        self.theme = themes.read(config.theme) if config.pages else theme.PLAIN
        self.kept: tuple[str, ...] = ()
        self._keys: dict[str, str] = {}

    def settings(self) -> str:
        """Return what names everything that pages depend on beside what they show; "" where there are none."""
        return f"{theme.fingerprint(self.theme)} {self.config.search:d}" if self.config.pages else ""

    def documents(
        self,
        store: Store,
        shown: Sequence[tuple[Edition, Sequence[Item]]],
        stock: Stock,
        named: Sequence[Source],
    ) -> Iterator[Document]:
        """Yield the pages to write and what they are dressed in; ``kept`` are then the paths of the other pages.

        ``shown`` are the editions with their items, ``stock`` is what they are made from, and ``named`` are the sources
        with their titles and links.
        """
        for document in theme.dressing(self.theme):
            # Feeds are dressed without pages, too.
            if self.config.pages or document.path == theme.FEED_STYLE:
                yield document
        if not self.config.pages:
            return
        # Only those who publish pages pay for loading lxml and the rest of what they are made of.
        from feedhub.publish.html.pages import Pages  # noqa: PLC0415
        from feedhub.publish.html.sources import source_rows  # noqa: PLC0415

        config = self.config
        pages = Pages(config.site, [edition for edition, _ in shown], self.theme, search=config.search)
        rows = source_rows(named, store.states(), stock.activity(), pages.tag)
        before = self._before(store)
        kept = []
        for page in pages.publication(shown, rows):
            self._keys[page.path] = page.key
            if before.get(page.path) == page.key and (config.output / page.path).is_file():
                kept.append(page.path)
            else:
                yield pages.render(page)
        self.kept = tuple(kept)

    def _before(self, store: Store) -> Mapping[str, str]:
        text = "" if self.force else store.note(SET)
        return msgspec.json.decode(text, type=dict[str, str]) if text else {}

    def remember(self, store: Store) -> None:
        """Note what the pages show, once they are written."""
        store.set_note(SET, msgspec.json.encode(self._keys).decode() if self._keys else "")
