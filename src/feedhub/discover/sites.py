"""Where the feeds of well-known sites and of well-known software lie: two tables, one row a convention.

A row of `SITES` says by host and path which pages it is for and where their feeds are; the first row whose host fits
and that has a path for the page is the last one asked. A row of `SOFTWARE` says where pages made by it have their feed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub.discover.candidate import Candidate, absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedhub.discover.page import Page

__all__ = ["SITES", "SOFTWARE", "Site", "by_address", "by_software"]

_NO_OWNER = "topics|orgs|settings|marketplace|sponsors|features|search|explore"
_REPO = rf"/(?P<owner>(?!(?:{_NO_OWNER})/)[\w.-]+)/(?P<repo>[\w.-]+?)(?:\.git)?"
_RELEASES = ("/{owner}/{repo}/releases.atom", "releases")
_TAGS = ("/{owner}/{repo}/tags.atom", "tags")
_COMMITS = ("/{owner}/{repo}/commits.atom", "commits")
_YOUTUBE = "https://www.youtube.com/feeds/videos.xml"


class Site(Struct, frozen=True):
    """A convention: ``name`` of the site, its ``host``, and for each pattern of a path the feeds with their titles.

    Feeds are references to resolve against the page's address; groups of host and path stand in braces.
    """

    name: str
    host: str
    paths: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


SITES: tuple[Site, ...] = (
    Site(
        "YouTube",
        r"(?:www\.|m\.)?youtube\.com",
        (
            (r"/channel/(?P<id>UC[\w-]{22})\b.*", ((f"{_YOUTUBE}?channel_id={{id}}", "videos of the channel"),)),
            (
                r"/(?:playlist|watch)\?(?:.*&)?list=(?P<id>[\w-]{12,50}).*",
                ((f"{_YOUTUBE}?playlist_id={{id}}", "playlist"),),
            ),
            (r"/user/(?P<user>[\w.-]+).*", ((f"{_YOUTUBE}?user={{user}}", "videos of the user"),)),
        ),
    ),
    Site(
        "Reddit",
        r"(?:(?:www|old|new|np|m)\.)?reddit\.com",
        (
            (
                r"/r/(?P<r>[\w+]+)/comments/(?P<post>\w+).*",
                (("/r/{r}/.rss", "r/{r}"), ("/r/{r}/comments/{post}/.rss", "comments")),
            ),
            (r"/r/(?P<r>[\w+]+).*", (("/r/{r}/.rss", "r/{r}"),)),
            (r"/u(?:ser)?/(?P<user>[\w-]+)/m/(?P<multi>\w+).*", (("/user/{user}/m/{multi}/.rss", "{multi}"),)),
            (r"/u(?:ser)?/(?P<user>[\w-]+).*", (("/user/{user}/.rss", "u/{user}"),)),
            (r"/domain/(?P<domain>[\w.-]+).*", (("/domain/{domain}/.rss", "links to {domain}"),)),
        ),
    ),
    Site(
        "GitHub",
        r"(?:www\.)?github\.com",
        (
            (_REPO + r"/tags/?", (_TAGS, _RELEASES, _COMMITS)),
            (_REPO + r"/commits?/?", (_COMMITS, _RELEASES, _TAGS)),
            (
                _REPO + r"/(?:commits|tree)/(?P<ref>[^/?]+)/?",
                (("/{owner}/{repo}/commits/{ref}.atom", "commits"), _RELEASES, _TAGS),
            ),
            (_REPO + r"/discussions.*", (("/{owner}/{repo}/discussions.atom", "discussions"), _RELEASES, _TAGS)),
            (_REPO + r"/wiki.*", (("/{owner}/{repo}/wiki.atom", "wiki"), _RELEASES, _TAGS)),
            (_REPO + r"(?:/.*)?", (_RELEASES, _TAGS, _COMMITS)),
            (r"/(?:orgs/)?(?P<owner>[\w-]+)/?", (("/{owner}.atom", "activity of {owner}"),)),
        ),
    ),
    Site(
        "GitHub gists", r"gist\.github\.com", ((r"/(?P<user>[\w-]+)(?:/.*)?", (("/{user}.atom", "gists of {user}"),)),)
    ),
    Site(
        "GitLab",
        r"(?:[\w-]+\.)*gitlab\.[\w.-]+",
        (
            (
                r"/(?P<project>[\w.-]+(?:/[\w.-]+)+?)(?:/-/.*|/?)",
                (
                    ("/{project}/-/releases.atom", "releases"),
                    ("/{project}/-/tags?format=atom", "tags"),
                    ("/{project}.atom", "activity"),
                ),
            ),
            (r"/(?P<user>[\w.-]+)/?", (("/{user}.atom", "activity of {user}"),)),
        ),
    ),
    Site(
        "Forgejo",
        r"codeberg\.org|gitea\.com|(?:git|forge|forgejo|gitea)\.[\w.-]+",
        (
            (
                r"/(?P<owner>[\w.-]+)/(?P<repo>[\w.-]+?)(?:\.git)?(?:/.*)?",
                (
                    ("/{owner}/{repo}/releases.rss", "releases"),
                    ("/{owner}/{repo}/tags.rss", "tags"),
                    ("/{owner}/{repo}.rss", "activity"),
                ),
            ),
            (r"/(?P<owner>[\w.-]+)/?", (("/{owner}.rss", "activity of {owner}"),)),
        ),
    ),
    Site(
        "SourceForge",
        r"(?:www\.)?sourceforge\.net",
        ((r"/projects/(?P<p>[\w-]+).*", (("/projects/{p}/rss?path=/", "files of {p}"),)),),
    ),
    Site(
        "PyPI", r"pypi\.org", ((r"/project/(?P<p>[\w.-]+).*", (("/rss/project/{p}/releases.xml", "releases of {p}"),)),)
    ),
    Site(
        "crates.io",
        r"crates\.io",
        ((r"/crates/(?P<p>[\w-]+).*", (("https://static.crates.io/rss/crates/{p}.xml", "releases of {p}"),)),),
    ),
    Site("Bluesky", r"bsky\.app", ((r"/profile/(?P<user>[\w.:-]+).*", (("/profile/{user}/rss", "posts of {user}"),)),)),
    Site(
        "Substack",
        r"(?:www\.)?substack\.com",
        ((r"/@(?P<user>[\w-]+).*", (("https://{user}.substack.com/feed", "posts of {user}"),)),),
    ),
    Site("Substack", r"[\w-]+\.substack\.com", ((r"/.*", (("/feed", "posts"),)),)),
    Site(
        "Medium",
        r"(?:www\.)?medium\.com",
        (
            (r"/tag/(?P<tag>[\w-]+).*", (("/feed/tag/{tag}", "posts tagged {tag}"),)),
            (r"/(?P<who>@?[\w.-]+).*", (("/feed/{who}", "posts of {who}"),)),
        ),
    ),
    Site("Medium", r"[\w-]+\.medium\.com", ((r"/.*", (("/feed", "posts"),)),)),
    Site("WordPress.com", r"[\w-]+\.wordpress\.com", ((r"/.*", (("/feed/", "posts"),)),)),
    Site("Blogger", r"[\w-]+\.blogspot\.[\w.]+", ((r"/.*", (("/feeds/posts/default", "posts"),)),)),
    Site(
        "Tumblr",
        r"(?:www\.)?tumblr\.com",
        ((r"/(?:blog/view/)?(?P<user>[\w-]+).*", (("https://{user}.tumblr.com/rss", "posts of {user}"),)),),
    ),
    Site("Tumblr", r"[\w-]+\.tumblr\.com", ((r"/.*", (("/rss", "posts"),)),)),
    Site(
        "Vimeo",
        r"(?:www\.)?vimeo\.com",
        ((r"/(?P<user>[a-z][\w-]+)(?:/.*)?", (("/{user}/videos/rss", "videos of {user}"),)),),
    ),
    Site("Letterboxd", r"letterboxd\.com", ((r"/(?P<user>\w+)/?", (("/{user}/rss/", "diary of {user}"),)),)),
    Site(
        "arXiv",
        r"(?:www\.)?arxiv\.org",
        ((r"/list/(?P<list>[\w.-]+).*", (("https://rss.arxiv.org/rss/{list}", "{list}"),)),),
    ),
    Site("Hacker News", r"news\.ycombinator\.com", ((r"/.*", (("/rss", "front page"),)),)),
    Site(
        "the fediverse",
        r"[\w.-]+\.[\w-]+",
        (
            (r"/@(?P<user>\w+)@(?P<home>[\w.-]+\.\w+).*", (("https://{home}/@{user}.rss", "posts of @{user}@{home}"),)),
            (r"/(?:@|users/)(?P<user>\w+)(?:/.*)?", (("/@{user}.rss", "posts of @{user}"),)),
            (r"/tags/(?P<tag>\w+)/?", (("/tags/{tag}.rss", "posts tagged {tag}"),)),
            (r"/c/(?P<community>\w+)/?", (("/feeds/c/{community}.xml", "community {community}"),)),
            (r"/u/(?P<user>\w+)/?", (("/feeds/u/{user}.xml", "posts of {user}"),)),
        ),
    ),
)

SOFTWARE: dict[str, str] = {
    "wordpress": "/feed/",
    "ghost": "/rss/",
    "hugo": "/index.xml",
    "jekyll": "/feed.xml",
    "drupal": "/rss.xml",
    "discourse": "/latest.rss",
    "mediawiki": "/index.php?title=Special:RecentChanges&feed=atom",
    "blogger": "/feeds/posts/default",
    "wix.com": "/blog-feed.xml",
    "docusaurus": "/blog/rss.xml",
    "gatsby": "/rss.xml",
    "astro": "/rss.xml",
    "eleventy": "/feed/feed.xml",
    "zola": "/atom.xml",
    "hexo": "/atom.xml",
    "pelican": "/feeds/all.atom.xml",
}
"""By the first word of a page's ``generator``: where its site has its feed."""


def by_address(url: str, page: Page) -> Iterator[Candidate]:
    """Yield the feeds that the conventions know for a page by its address, or by the addresses it gives itself."""
    for address in (url, *_own_addresses(url, page)):
        parts = urlsplit(address)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        for site in SITES:
            if re.fullmatch(site.host, parts.hostname or "", re.IGNORECASE):
                yield from _feeds(site, address, path)
                break


def by_software(url: str, page: Page) -> Iterator[Candidate]:
    """Yield the feed that the software has that made a page."""
    if page.api:
        root = page.api.partition("wp-json")[0].partition("?")[0]
        yield Candidate(url=absolute(root, "feed/"), why="WordPress has its feed there")
    generator = page.metas.get("generator", "")
    for word in generator.lower().split()[:1]:
        if word in SOFTWARE:
            yield Candidate(url=absolute(url, SOFTWARE[word]), why=f"{generator.split()[0]} has its feed there")


def _feeds(site: Site, address: str, path: str) -> Iterator[Candidate]:
    for pattern, feeds in site.paths:
        if found := re.fullmatch(pattern, path):
            for reference, title in feeds:
                yield Candidate(
                    url=absolute(address, reference.format(**found.groupdict())),
                    title=title.format(**found.groupdict()),
                    why=f"{site.name} has feeds there",
                )
            return


def _own_addresses(url: str, page: Page) -> Iterator[str]:
    """Yield the addresses a page gives itself: a YouTube handle's names the channel. Other hosts' are not believed."""
    channel = page.metas.get("channelid") or page.metas.get("identifier", "")
    told = (*page.addresses[:1], page.metas.get("og:url", ""), channel and f"/channel/{channel}")
    for address in told:
        own = absolute(url, address) if address else ""
        if own and own != url and _bare(own) == _bare(url):
            yield own


def _bare(url: str) -> str:
    """Return the host of an address without the prefix that tells a site's faces apart."""
    return re.sub(r"^(?:www|m|mobile)\.", "", urlsplit(url).hostname or "")
