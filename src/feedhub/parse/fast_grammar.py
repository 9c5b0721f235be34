"""Which element means what, where: the closed grammar of the fast path, in two tables.

An element that feedparser treats specially and that is not in the table for its place is refused; any other element
means nothing to either side and is passed over; what is in it means what it would mean without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.parse import fast_elements as on
from feedhub.parse.declined import DeclinedError
from feedhub.parse.episodes import EPISODE_TAGS, SKIP_TAGS
from feedhub.parse.fast_nested import look_through
from feedhub.parse.fast_people import author, contributor, owner
from feedhub.parse.fast_places import chapters, entry, entry_image, feed_image, source, text_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedhub.parse.fast_walk import Draft, Element, Handler, Walk

__all__ = ["ENTRY", "FEED", "SPECIAL", "Handlers"]


def _same(handler: Handler, names: str) -> dict[str, Handler]:
    return dict.fromkeys(names.split(), handler)


_BOTH: dict[str, Handler] = {
    **_same(on.title, "title dc_title"),
    **_same(on.media_title, "media_title"),
    **_same(on.description, "description dc_description media_description"),
    **_same(on.summary, "summary itunes_summary"),
    **_same(on.published, "pubdate published issued dcterms_issued"),
    **_same(on.updated, "updated modified lastbuilddate dc_date dcterms_modified"),
    **_same(on.other_date, "created dcterms_created expirationdate"),
    **_same(on.language, "language dc_language"),
    **_same(on.identity, "guid id"),
    **_same(on.link, "link"),
    **_same(on.category, "category keywords dc_subject"),
    **_same(on.itunes_category, "itunes_category"),
    **_same(on.tags, "tags"),
    **_same(on.itunes_keywords, "itunes_keywords"),
    **_same(on.itunes_image, "itunes_image itunes_link"),
    **_same(author, "author managingeditor dc_author dc_creator itunes_author"),
    **_same(owner, "itunes_owner"),
    **_same(contributor, "contributor"),
    **_same(on.leaf, "dc_contributor webmaster dc_publisher generator cloud itunes_block itunes_explicit"),
    **_same(on.unread, "info feedburner_browserfriendly"),
    **_same(on.leaf, "media_credit media_rating media_license media_player media_restriction"),
    **_same(on.cc_license, "cc_license"),
    **_same(on.creative_commons, "creativecommons_license"),
    # Of people, images and text inputs: outside them, they are of nothing.
    **_same(on.leaf, "name email url uri homepage itunes_name itunes_email width height"),
    **_same(on.enclosure, "enclosure"),
    **_same(on.content_encoded, "content_encoded"),
    **_same(on.media_category, "media_category"),
    **_same(on.media_keywords, "media_keywords"),
}

ENTRY: Mapping[str, Handler] = {
    **_BOTH,
    **_same(on.content, "content"),
    **_same(on.rights, "rights copyright dc_rights"),
    **_same(on.unread, "subtitle tagline itunes_subtitle"),
    **_same(on.media_content, "media_content"),
    **_same(on.media_group, "media_group"),
    **_same(on.media_thumbnail, "media_thumbnail"),
    **_same(on.georss_point, "georss_point"),
    **_same(on.georss_other, "georss_line georss_polygon georss_box"),
    **_same(source, "source"),
    **_same(entry_image, "image"),
    **_same(chapters, "psc_chapters"),
    "comments": on.stated("comments", is_address=True),
    "itunes_duration": on.stated("itunes_duration"),
    "geo_lat": on.stated("geo_lat"),
    "geo_long": on.stated("geo_long"),
}
"""The elements of an entry, by feedparser's names."""

FEED: Mapping[str, Handler] = {
    **_BOTH,
    **_same(on.subtitle, "subtitle tagline itunes_subtitle"),
    **_same(on.unread, "rights copyright dc_rights"),
    **_same(on.leaf, "comments geo_lat geo_long itunes_duration"),
    **_same(on.leaf, "media_content media_thumbnail georss_point georss_line georss_polygon georss_box"),
    **_same(entry, "entry item"),
    **_same(feed_image, "image"),
    **_same(text_input, "textinput"),
    "items": look_through,
    "ttl": on.stated("ttl"),
    "sy_updateperiod": on.stated("sy_updateperiod"),
    "sy_updatefrequency": on.stated("sy_updatefrequency"),
    "logo": on.stated("logo", is_address=True),
    "icon": on.stated("icon", is_address=True),
}
"""The elements of a feed beside its entries."""

SPECIAL = frozenset(
    {
        *ENTRY,
        *FEED,
        # What feedparser has a method for and the fast path never reads.
        *("abstract", "body", "channel", "dcterms_valid", "email", "fullitem", "geom", "georss_where", "georssgeom"),
        *("gml_exterior", "gml_linearring", "gml_linestring", "gml_point", "gml_polygon", "gml_pos", "gml_poslist"),
        *("feed", "height", "homepage", "itunes_email", "itunes_name", "name", "newlocation", "psc_chapter", "rss"),
        *("uri", "url", "where", "width", "xhtml_body"),
        # The keys under which feedparser keeps what it knows: an element of such a name writes over it.
        *("author_detail", "authors", "content_detail", "contributors", "copyright_detail", "created_parsed", "date"),
        *("date_parsed", "description_detail", "enclosures", "entries", "expired", "expired_parsed"),
        *("generator_detail", "geometry", "guidislink", "href", "info_detail", "issued_parsed", "license", "links"),
        *("modified_parsed", "published_parsed", "publisher", "publisher_detail", "rights_detail", "subtitle_detail"),
        *("summary_detail", "tagline_detail", "title_detail", "updated_parsed", "validity", "validity_end"),
        *("validity_start",),
    }
)
"""Every name that means something to feedparser, or to how its answer is read."""


class Handlers(dict[str, "Handler"]):
    """A document's tags to what they do in one place, worked out on first use."""

    def __init__(self, names: Mapping[str, str], table: Mapping[str, Handler]) -> None:
        """Use the names of a document and the grammar of a place."""
        super().__init__()
        self._names = names
        self._table = table

    def __missing__(self, tag: str) -> Handler:
        """Find the handler of a tag met for the first time in this place."""
        name = self._names[tag]
        handler = self._table.get(name) or (refuse if name in SPECIAL else look_through)
        if (tag in EPISODE_TAGS and self._table is ENTRY) or (tag in SKIP_TAGS and self._table is FEED):
            handler = _also_kept(handler)
        self[tag] = handler
        return handler


def refuse(_walk: Walk, _draft: Draft, _element: Element, _depth: int) -> None:
    """Decline an element that the grammar does not expect here."""
    raise DeclinedError("unexpected-element")


def _also_kept(handler: Handler) -> Handler:
    def keep(walk: Walk, draft: Draft, element: Element, depth: int) -> None:
        handler(walk, draft, element, depth)
        draft.special.append(element)

    return keep
