"""The shape of ``config.toml``: one record a table, with types, bounds and defaults.

``docs/configuration.md`` describes each key, and a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from feedhub.model import Content, Digest, Events, Order, PodcastCategory

Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$",
        max_length=64,
        description="lower-case letters and digits with single dots, dashes or underscores between them",
    ),
]
PathSlug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9{}]+([./_-][a-z0-9{}]+)*$",
        max_length=100,
        description="lower-case letters and digits with single dots, dashes, underscores or slashes between them",
    ),
]
TagName = Annotated[str, Meta(pattern=r"^\S(.*\S)?$", max_length=64, description="a name of 1 to 64 characters")]
HttpUrl = Annotated[
    str, Meta(pattern=r"^https?://[^\s/]+/(\S*/)?$", description="an http or https URL that ends in a slash")
]
OptionalHttpUrl = Annotated[
    str, Meta(pattern=r"^(https?://[^\s/]+/(\S*/)?)?$", description="an http or https URL that ends in a slash, or ''")
]
UrlPrefix = Annotated[
    str, Meta(pattern=r"^https?://[^\s/]+/\S*$", description="an http or https URL with a path, at least '/'")
]
Duration = Annotated[
    str, Meta(pattern=r"^[1-9][0-9]{0,5} *[smhdw]$", description="a number and s, m, h, d or w, as in '7d'")
]
Pause = Annotated[
    str, Meta(pattern=r"^[0-9]{1,4} *[sm]$", description="a number and s or m, as in '1s'; '0s' for no pause")
]
EndlessDuration = Annotated[
    str,
    Meta(
        pattern=r"^([1-9][0-9]{0,5} *[smhdw]|forever)$",
        description="a number and s, m, h, d or w, as in '7d', or 'forever'",
    ),
]
Token = Annotated[
    str,
    Meta(
        pattern=r"^([A-Za-z0-9]{16,64})?$",
        description="16 to 64 letters and digits that nobody can guess, or '' for one made of the site's secret",
    ),
]
VariableName = Annotated[
    str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="the name of an environment variable")
]
HubUrl = Annotated[
    str,
    Meta(pattern=r"^https?://[^\s/<>\"]+/[!#-;=?-~]*$", description="an http or https URL in ASCII, at least with '/'"),
]
Email = Annotated[str, Meta(pattern=r"^([^@\s<>()]+@[^@\s<>()]+\.[^@\s<>()]+)?$", description="an e-mail address")]
PictureUrl = Annotated[
    str,
    Meta(pattern=r"^(https?://[!-;=?-~]+\.(jpe?g|png))?$", description="an http or https URL of a .jpg or .png file"),
]
HeaderText = Annotated[str, Meta(pattern=r"^[ -~]*$", description="printable ASCII")]
Count = Annotated[int, Meta(ge=1, le=100_000)]


class SiteTable(Struct):
    """``[site]``: who publishes."""

    title: str = "feedhub"
    url: HttpUrl = "http://localhost:8000/"
    description: str = ""
    language: str = ""
    author: str = ""
    email: Email = ""


class StoreTable(Struct):
    """``[store]``: where facts are kept, and for how long."""

    path: str = "var/feedhub.sqlite"
    keep: EndlessDuration = "365d"
    keep_at_least: Count = 100
    keep_raw: bool = False
    keep_raw_bytes: Annotated[int, Meta(ge=1024)] = 1024 * 1024


class OutputTable(Struct):
    """``[output]``: where documents are written."""

    folder: str = "published"
    pages: bool = False
    theme: str = ""
    search: bool = False
    secret_env: VariableName = "FEEDHUB_SECRET"  # noqa: S105 - the name of one


class FetchTable(Struct):
    """``[fetch]``: bounds of the crawl."""

    timeout: Duration = "20s"
    max_bytes: Annotated[int, Meta(ge=1024)] = 15 * 1024 * 1024
    max_redirects: Annotated[int, Meta(ge=0, le=20)] = 5
    connections: Annotated[int, Meta(ge=1, le=1000)] = 64
    per_host: Annotated[int, Meta(ge=1, le=100)] = 2
    pace: Pause = "1s"
    split: tuple[UrlPrefix, ...] = ()
    user_agent: HeaderText = ""
    ports: tuple[Annotated[int, Meta(ge=1, le=65535)], ...] = (80, 443, 8080, 8443)
    allow_private: tuple[str, ...] = ()


class ParseTable(Struct):
    """``[parse]``: bounds of the tolerant parser, and how often it checks the fast one."""

    seconds: Annotated[float, Meta(gt=0, le=3600)] = 5.0
    megabytes: Annotated[int, Meta(ge=256, le=65536)] = 1024
    shadow: Annotated[float, Meta(ge=0, le=1)] = 0.0


class WebSubTable(Struct):
    """``[websub]``: whether hubs are asked to deliver, where they find us, and which are told of our feeds."""

    enabled: bool = False
    callback: OptionalHttpUrl = ""
    hubs: tuple[HubUrl, ...] = ()


class StoriesTable(Struct):
    """``[stories]``: what entries are linked by, beside equal URLs and texts."""

    near_duplicates: bool = True
    events: bool = True
    across_languages: bool = False


class CategoriesTable(Struct):
    """``[categories]``: which tag a source's category becomes."""

    map: dict[str, TagName] = {}
    unmapped: Literal["drop", "keep"] = "drop"


class TagsTable(Struct):
    """``[tags]``: where tags come from beside sources, categories and rules."""

    taxonomy: tuple[Annotated[str, Meta(min_length=1)], ...] = ()
    language: Annotated[
        str, Meta(pattern="^([a-z]{2,3})?$", description="a language code of two or three letters, as in 'en', or ''")
    ] = ""
    model: str = ""


class SourceTable(Struct):
    """``[[source]]``: a feed to read."""

    url: Annotated[str, Meta(min_length=1)]
    id: Slug | None = None
    title: str = ""
    link: str = ""
    language: str = ""
    tags: tuple[TagName, ...] = ()
    authorization_env: Annotated[
        str, Meta(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="the name of an environment variable, or ''")
    ] = ""
    enabled: bool = True


class TagTable(Struct):
    """``[[tag]]``: a tag and, beside its name, the rule that gives it."""

    name: TagName


class EditionTable(Struct):
    """``[[edition]]``: a published selection."""

    slug: PathSlug
    title: str
    description: str = ""
    filter: Any = None  # `rules` reads it
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 50
    per_source: Annotated[int, Meta(ge=0)] = 0
    max_age: EndlessDuration = "forever"
    order: Order = "published"
    events: Events = "all"
    formats: Annotated[tuple[str, ...], Meta(min_length=1)] = ("atom", "rss", "json")
    each_tag: bool = False
    languages: tuple[Annotated[str, Meta(min_length=1)], ...] = ()
    content: Content = "full"
    titles: str = "{title}"
    mix: bool = False
    min_outlets: Count = 1
    digest: Digest = "none"
    also_covered: bool = False
    private: bool = False
    token: Token = ""
    history: bool = False
    deletions: bool = False
    podcast_image: PictureUrl = ""
    podcast_category: PodcastCategory = ""


class WebhookTable(Struct):
    """``[[webhook]]``: who is told of the new stories of an edition."""

    url: UrlPrefix
    edition: str
    secret_env: VariableName


TABLES: dict[str, type[Struct]] = {
    "site": SiteTable,
    "store": StoreTable,
    "output": OutputTable,
    "fetch": FetchTable,
    "parse": ParseTable,
    "websub": WebSubTable,
    "stories": StoriesTable,
    "categories": CategoriesTable,
    "tags": TagsTable,
}
ARRAYS: dict[str, type[Struct]] = {
    "source": SourceTable,
    "tag": TagTable,
    "edition": EditionTable,
    "webhook": WebhookTable,
}
