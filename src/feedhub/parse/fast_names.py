"""Element names as feedparser sees them: lower case, ``prefix_local`` with one fixed prefix for each known namespace.

feedparser decides what an element means by these names, so the fast path has to arrive at the same ones, or decline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.parse.declined import DeclinedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

__all__ = ["KNOWN", "Names", "known_prefix"]

_NAMESPACES: dict[str, tuple[str, ...]] = {
    # Elements of these are named without a prefix, whichever dialect they come from.
    "": (
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://purl.org/rss/1.0/modules/rss091#",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://purl.org/echo/",
        "http://purl.org/pie/",
        "uri/of/echo/namespace#",
        "http://example.com/necho",
        "http://example.com/newformat#",
    ),
    "admin": ("http://webns.net/mvcb/",),
    "ag": ("http://purl.org/rss/1.0/modules/aggregation/",),
    "annotate": ("http://purl.org/rss/1.0/modules/annotate/",),
    "audio": ("http://media.tangent.org/rss/1.0/",),
    "blogChannel": ("http://backend.userland.com/blogChannelModule",),
    "cc": ("http://creativecommons.org/ns#license", "http://web.resource.org/cc/"),
    "co": ("http://purl.org/rss/1.0/modules/company",),
    "content": ("http://purl.org/rss/1.0/modules/content/",),
    "cp": ("http://my.theinfo.org/changed/1.0/rss/",),
    "creativeCommons": (
        "http://backend.userland.com/creativeCommonsRssModule",
        "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html",
    ),
    "dc": ("http://purl.org/dc/elements/1.1/",),
    "dcterms": ("http://purl.org/dc/terms/",),
    "email": ("http://purl.org/rss/1.0/modules/email/",),
    "ev": ("http://purl.org/rss/1.0/modules/event/",),
    "feedburner": ("http://rssnamespace.org/feedburner/ext/1.0",),
    "fm": ("http://freshmeat.net/rss/fm/",),
    "foaf": ("http://xmlns.com/foaf/0.1/",),
    "geo": ("http://www.w3.org/2003/01/geo/wgs84_pos#",),
    "georss": ("http://www.georss.org/georss",),
    "gml": ("http://www.opengis.net/gml",),
    "icbm": ("http://postneo.com/icbm/",),
    "image": ("http://purl.org/rss/1.0/modules/image/",),
    "itunes": ("http://www.itunes.com/DTDs/PodCast-1.0.dtd", "http://example.com/DTDs/PodCast-1.0.dtd"),
    "l": ("http://purl.org/rss/1.0/modules/link/",),
    "media": ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"),
    "pingback": ("http://madskills.com/public/xml/rss/module/pingback/",),
    "prism": ("http://prismstandard.org/namespaces/1.2/basic/",),
    "psc": ("http://podlove.org/simple-chapters",),
    "rdf": ("http://www.w3.org/1999/02/22-rdf-syntax-ns#",),
    "rdfs": ("http://www.w3.org/2000/01/rdf-schema#",),
    "ref": ("http://purl.org/rss/1.0/modules/reference/",),
    "reqv": ("http://purl.org/rss/1.0/modules/richequiv/",),
    "search": ("http://purl.org/rss/1.0/modules/search/",),
    "slash": ("http://purl.org/rss/1.0/modules/slash/",),
    "soap": ("http://schemas.xmlsoap.org/soap/envelope/",),
    "ss": ("http://purl.org/rss/1.0/modules/servicestatus/",),
    "str": ("http://hacks.benhammersley.com/rss/streaming/",),
    "sub": ("http://purl.org/rss/1.0/modules/subscription/",),
    "sy": ("http://purl.org/rss/1.0/modules/syndication/",),
    "szf": ("http://schemas.pocketsoap.com/rss/myDescModule/",),
    "taxo": ("http://purl.org/rss/1.0/modules/taxonomy/",),
    "thr": ("http://purl.org/rss/1.0/modules/threading/",),
    "ti": ("http://purl.org/rss/1.0/modules/textinput/",),
    "trackback": ("http://madskills.com/public/xml/rss/module/trackback/",),
    "wfw": ("http://wellformedweb.org/commentAPI/",),
    "wiki": ("http://purl.org/rss/1.0/modules/wiki/",),
    "xhtml": ("http://www.w3.org/1999/xhtml",),
    "xlink": ("http://www.w3.org/1999/xlink",),
    "xml": ("http://www.w3.org/XML/1998/namespace",),
}

KNOWN: dict[str, str] = {uri.lower(): prefix for prefix, uris in _NAMESPACES.items() for uri in uris}
"""Namespace (lower case) to the prefix feedparser gives its elements."""

_ANY_USERLAND = "backend.userland.com/rss"


class Names(dict[str, str]):
    """A document's element tags to feedparser's names, worked out on first use.

    Tags are ``uri local`` or, in no namespace, ``local``, as expat gives them.
    ``declared`` are all namespace declarations of the document in order, ``at_root`` those on its root element.
    Declines a document whose declarations give one prefix two meanings: feedparser does not scope them. The default
    namespace may change, since names are looked up by namespace.
    """

    def __init__(self, declared: Iterable[tuple[str | None, str]], at_root: int) -> None:
        """Work out what the declarations mean; ``version`` is the dialect that they alone announce."""
        super().__init__()
        self.version = ""
        self._unknown: dict[str, str] = {}
        bound: dict[str, str] = {}
        fixed: set[str] = set()
        for at, (prefix, uri) in enumerate(declared):
            if at < at_root and not self.version:
                self.version = _announced(prefix, uri.lower())
            if prefix and bound.setdefault(prefix, uri) != uri:
                raise DeclinedError("rebound-prefix")
            known = known_prefix(uri)
            if known:
                fixed.add(known.lower())
            elif known is None:
                self._note(prefix or "", uri, at_root=at < at_root)
        _refuse_borrowed(bound, fixed)

    def __missing__(self, tag: str) -> str:
        """Work out the name of a tag met for the first time."""
        prefix = ""
        uri, _, local = tag.rpartition(" ")
        if uri:
            known = known_prefix(uri)
            prefix = self._unknown.get(uri, "") if known is None else known
        name = f"{prefix}_{local}".lower() if prefix else local.lower()
        self[tag] = name
        return name

    def _note(self, prefix: str, uri: str, *, at_root: bool) -> None:
        """Note how elements of a namespace that feedparser does not know are called: by its first prefix, if any."""
        if not uri or any(character.isspace() for character in uri):
            raise DeclinedError("odd-namespace")
        first = self._unknown.setdefault(uri, prefix)
        if first != prefix:
            if not at_root:
                raise DeclinedError("rebound-prefix")
            self._unknown[uri] = first or prefix


def _refuse_borrowed(bound: Mapping[str, str], fixed: AbstractSet[str]) -> None:
    """Decline when a namespace's fixed prefix is bound to another namespace: feedparser would take one for both."""
    lower = [prefix.lower() for prefix in bound]
    if len(set(lower)) != len(lower):
        raise DeclinedError("rebound-prefix")
    for prefix, uri in bound.items():
        name = prefix.lower()
        # feedparser also finds rdf:about and rdf:resource by the prefix that the document writes.
        if (name in fixed or name == "rdf") and name != (known_prefix(uri) or "").lower():
            raise DeclinedError("rebound-prefix")


def known_prefix(uri: str) -> str | None:
    """Return the prefix feedparser gives to elements of ``uri``, ``None`` when it does not know the namespace."""
    lower = uri.lower()
    return "" if _ANY_USERLAND in lower else KNOWN.get(lower)


def _announced(prefix: str | None, lower_uri: str) -> str:
    if lower_uri == "http://purl.org/rss/1.0/":
        return "rss10"
    if lower_uri == "http://www.w3.org/2005/atom":
        return "atom10"
    if prefix is None and lower_uri == "http://my.netscape.com/rdf/simple/0.9/":
        return "rss090"
    return ""
