"""Reads ``config.toml`` into a `Config`."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from feedhub.config.editions import check_formats, read_edition, read_filter
from feedhub.config.rules import read_rule
from feedhub.config.shape import (
    ARRAYS,
    TABLES,
    CategoriesTable,
    EditionTable,
    FetchTable,
    OutputTable,
    ParseTable,
    SiteTable,
    SourceTable,
    StoreTable,
    StoriesTable,
    TagsTable,
    TagTable,
    WebSubTable,
)
from feedhub.config.tables import Tables
from feedhub.config.taxonomy import find_files, read_taxonomy
from feedhub.config.webhooks import read_webhooks
from feedhub.errors import ConfigError
from feedhub.model import (
    Edition,
    FetchSettings,
    Mistake,
    ParseSettings,
    Site,
    Source,
    StorySettings,
    TagRule,
    Taxonomy,
    Webhook,
    WebSubSettings,
)
from feedhub.normalize.credentials import carries_key, masked
from feedhub.stories.learned import MAX_BYTES, Learned, unpack

DURATION_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# What a folder of sources may hold; other files (notes, images) are not feeds.
FEED_SUFFIXES = frozenset({".atom", ".json", ".rdf", ".rss", ".xml"})


class Config(Struct, frozen=True, kw_only=True):
    """A checked configuration; all paths are absolute, all durations timedeltas.

    ``categories`` maps casefolded category names to tags. ``learned`` is the model in the file ``model_path``.
    ``tag_editions`` are editions to be made once for each tag, with ``{tag}`` in slug, title and description standing
    for it.
    """

    path: Path
    site: Site
    store_path: Path
    keep: timedelta | None
    keep_at_least: int
    keep_raw: bool
    keep_raw_bytes: int
    output: Path
    pages: bool
    theme: Path | None
    search: bool
    fetch: FetchSettings
    parse: ParseSettings
    websub: WebSubSettings
    stories: StorySettings
    categories: dict[str, str]
    keep_unmapped: bool
    taxonomy: Taxonomy
    model_path: Path | None
    learned: Learned | None
    sources: tuple[Source, ...]
    tag_rules: tuple[TagRule, ...]
    editions: tuple[Edition, ...]
    tag_editions: tuple[Edition, ...]
    webhooks: tuple[Webhook, ...]


def load(path: str | Path, *, learned: bool = True) -> Config:
    """Read and check the configuration at ``path``, without what was ``learned`` if it is to be learned anew.

    Raises ConfigError holding every mistake found: unreadable file, TOML syntax (https://toml.io/en/v1.0.0), unknown
    keys with the nearest known one, wrong types and values with what would be right, duplicates, missing files.
    """
    path = Path(path).absolute()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "; `feedhub init` writes one" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError((_file_mistake(path, f"cannot be read: {error.strerror}{hint}"),)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError((_file_mistake(path, f"is not TOML: {error}"),)) from error
    return _Reader(path, learned=learned).read(data)


def _file_mistake(path: Path, message: str) -> Mistake:
    return Mistake(file=str(path), key="(file)", message=message)


class _Reader(Tables):
    """Reads one configuration, gathering mistakes as it goes."""

    def __init__(self, path: Path, *, learned: bool) -> None:
        super().__init__(path)
        self.wants_learned = learned

    def read(self, data: dict[str, Any]) -> Config:
        """Return the configuration, or raise ConfigError with all mistakes."""
        for name in data:
            if name not in TABLES and name not in ARRAYS:
                self.mistakes.unknown(name, name, (*TABLES, *ARRAYS))
        site = self.table(SiteTable, data.get("site", {}), "site") or SiteTable()
        store = self.table(StoreTable, data.get("store", {}), "store") or StoreTable()
        output = self.table(OutputTable, data.get("output", {}), "output") or OutputTable()
        fetch = self.table(FetchTable, data.get("fetch", {}), "fetch") or FetchTable()
        parse = self.table(ParseTable, data.get("parse", {}), "parse") or ParseTable()
        websub = self.table(WebSubTable, data.get("websub", {}), "websub") or WebSubTable()
        stories = self.table(StoriesTable, data.get("stories", {}), "stories") or StoriesTable()
        categories = self.table(CategoriesTable, data.get("categories", {}), "categories") or CategoriesTable()
        tags = self.table(TagsTable, data.get("tags", {}), "tags") or TagsTable()
        sources = [source for key, table in self.rows(data, "source") for source in self.sources(key, table)]
        rules = [rule for key, table in self.rows(data, "tag") for rule in self.tag(key, table)]
        editions = [
            edition
            for key, table in self.rows(data, "edition")
            for edition in self.edition(key, table, output.secret_env)
        ]
        self.check_ids(sources)
        self.check_slugs([edition for edition, _ in editions])
        webhooks = read_webhooks(self, data, [edition for edition, each_tag in editions if not each_tag])
        folder = self.path.parent
        config = Config(
            path=self.path,
            site=Site(**msgspec.structs.asdict(site), hubs=websub.hubs),
            store_path=folder / store.path,
            keep=_duration(store.keep),
            keep_at_least=store.keep_at_least,
            keep_raw=store.keep_raw,
            keep_raw_bytes=store.keep_raw_bytes,
            output=folder / output.folder,
            pages=output.pages,
            theme=self.theme(output),
            search=output.search,
            fetch=_fetch_settings(fetch),
            parse=ParseSettings(**msgspec.structs.asdict(parse)),
            websub=WebSubSettings(enabled=websub.enabled, callback=websub.callback or site.url),
            stories=StorySettings(**msgspec.structs.asdict(stories)),
            categories={name.casefold(): tag for name, tag in categories.map.items()},
            keep_unmapped=categories.unmapped == "keep",
            taxonomy=self.taxonomy(tags),
            model_path=folder / tags.model if tags.model else None,
            learned=self.learned(tags.model) if tags.model and self.wants_learned else None,
            sources=tuple(sources),
            tag_rules=tuple(rules),
            editions=tuple(edition for edition, each_tag in editions if not each_tag),
            tag_editions=tuple(edition for edition, each_tag in editions if each_tag),
            webhooks=webhooks,
        )
        if self.mistakes:
            raise ConfigError(tuple(self.mistakes))
        return config

    def taxonomy(self, table: TagsTable) -> Taxonomy:
        """Return the taxonomy of all files that the configuration names."""
        taxa, mistakes = read_taxonomy(find_files(self.path.parent, table.taxonomy, self))
        self.mistakes += mistakes
        return Taxonomy(taxa=taxa, language=table.language)

    def learned(self, name: str) -> Learned | None:
        """Return the model in a file, or None after a mistake."""
        path = self.path.parent / name
        try:
            # One byte more than a model may have is enough to know that it is too large.
            with path.open("rb") as file:
                return Learned(unpack(file.read(MAX_BYTES + 1)))
        except OSError as error:
            self.mistakes.say(
                "tags.model", f"{name!r} cannot be read: {error.strerror}; `feedhub tags train` writes it"
            )
        except ValueError as error:
            self.mistakes.say("tags.model", f"{name!r} {error}")
        return None

    def sources(self, key: str, data: dict[str, Any]) -> list[Source]:
        """Return the sources of one table: one, or as many as its folder holds feed files."""
        table = self.table(SourceTable, data, key)
        if table is None or not table.enabled:
            return []
        if re.match(r"(?i)https?://", table.url):
            return [_source(table, table.url, table.id or default_id(table.url))]
        if "://" in table.url:
            self.mistakes.say(f"{key}.url", f"{table.url!r} is neither http(s) nor a path")
            return []
        path = (self.path.parent / table.url).resolve()
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix in FEED_SUFFIXES and file.is_file())
            if not files:
                self.mistakes.say(
                    f"{key}.url", f"the folder {table.url!r} holds no *{' *'.join(sorted(FEED_SUFFIXES))}"
                )
            prefix = table.id or _slug(table.url)
            return [_source(table, file.as_uri(), f"{prefix}.{_slug(file.stem)}") for file in files]
        if not path.is_file():
            self.mistakes.say(f"{key}.url", f"there is no file or folder {table.url!r} beside the configuration")
        return [_source(table, path.as_uri(), table.id or _slug(path.stem))]

    def tag(self, key: str, data: dict[str, Any]) -> list[TagRule]:
        """Return the tag rule of one table, or nothing after a mistake."""
        named = {name: value for name, value in data.items() if name == "name"}
        table = self.table(TagTable, named, key)
        conditions = {name: value for name, value in data.items() if name != "name"}
        rule = read_rule(self.mistakes, key, conditions, tags_known=False)
        return [TagRule(tag=table.name, rule=rule)] if table and rule else []

    def edition(self, key: str, data: dict[str, Any], secret_env: str) -> list[tuple[Edition, bool]]:
        """Return the edition of one table and whether to make it for each tag, or nothing after a mistake."""
        table = self.table(EditionTable, data, key)
        rule = read_filter(self.mistakes, key, data)
        check_formats(self.mistakes, key, data.get("formats"))
        if table is None:
            return []
        max_age = _duration(table.max_age)
        edition = read_edition(self.mistakes, key, table, rule=rule, max_age=max_age, secret_env=secret_env)
        return [(edition, table.each_tag)]

    def theme(self, output: OutputTable) -> Path | None:
        """Return the folder of the theme, None for feedhub's own look."""
        folder = self.path.parent / output.theme if output.theme else None
        if folder is not None and not folder.is_dir():
            self.mistakes.say("output.theme", f"there is no folder {output.theme!r} beside the configuration")
        return folder

    def check_ids(self, sources: list[Source]) -> None:
        """Note source ids and addresses that stand twice."""
        ids: set[str] = set()
        addresses: set[str] = set()
        for source in sources:
            if source.id in ids:
                self.mistakes.say(f"source[{source.id}].id", f"{source.id!r} stands twice; give each source its own id")
            elif source.url in addresses:
                self.mistakes.say(f"source[{source.id}].url", f"{source.url!r} stands twice")
            ids.add(source.id)
            addresses.add(source.url)

    def check_slugs(self, editions: list[Edition]) -> None:
        """Note slugs that stand twice: their files would overwrite each other."""
        slugs: set[str] = set()
        for edition in editions:
            if edition.slug in slugs:
                self.mistakes.say(f"edition[{edition.slug}].slug", f"{edition.slug!r} stands twice")
            slugs.add(edition.slug)


def _fetch_settings(table: FetchTable) -> FetchSettings:
    durations = {name: _seconds(getattr(table, name)) for name in ("timeout", "pace")}
    return FetchSettings(**{**msgspec.structs.asdict(table), **durations})


def _source(table: SourceTable, url: str, source_id: str) -> Source:
    return Source(
        id=source_id,
        url=url,
        title=table.title,
        link=table.link,
        language=table.language,
        tags=table.tags,
        authorization_env=table.authorization_env,
    )


def default_id(url: str) -> str:
    """Return the id of a source that is given none: made of its URL without secrets, or of the name of its file."""
    if not re.match(r"(?i)https?://", url):
        return _slug(Path(url).stem)
    address, _, query = masked(url).partition("://")[2].partition("?")
    return _slug(address if carries_key(query) else f"{address}?{query}")


def _slug(text: str) -> str:
    """Return an id made of a URL or path, the same on every machine."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].rstrip("-") or "source"


def _duration(text: str) -> timedelta | None:
    """Return a duration that `shape` has checked, or None for "forever"."""
    return None if text == "forever" else timedelta(seconds=_seconds(text))


def _seconds(text: str) -> float:
    """Return a duration other than "forever" that `shape` has checked, in seconds."""
    return timedelta(**{DURATION_UNITS[text[-1]]: int(text[:-1])}).total_seconds()
