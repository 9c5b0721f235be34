"""Reads taxonomy files and lists of names; docs/tags.md describes them, and a test holds the two together."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from feedhub.config.shape import TagName
from feedhub.config.tables import Tables
from feedhub.model import Mistake, Taxon, Term
from feedhub.normalize.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["ARRAYS", "TaxonomyFile", "find_files", "read_taxonomy"]

MAX_BYTES = 16 * 1024 * 1024
LANGUAGE = "a language code of two or three letters, as in 'en'"
Language = Annotated[str, Meta(pattern="^([a-z]{2,3})?$", description=f"{LANGUAGE}, or ''")]
Words = str | tuple[str, ...]


class TaxonomyFile(Struct):
    """What stands above the tables of a taxonomy file."""

    language: Language = ""


class TaxonTable(Struct):
    """``[[tag]]``: a tag, where it stands in the tree, and the words that speak for it."""

    name: TagName
    parent: str = ""
    aliases: Words = ()
    words: Words | dict[str, Words] = ()
    phrases: Words | dict[str, Words] = ()
    at_least: Annotated[int, Meta(ge=1, le=100)] = 1


class ListTable(Struct):
    """``[[list]]``: a file of names, each of which is a tag."""

    file: Annotated[str, Meta(min_length=1)]
    parent: str = ""


ARRAYS: dict[str, type[Struct]] = {"tag": TaxonTable, "list": ListTable}


class Placed(Struct, frozen=True):
    """A taxon, and where it stands: the file, and the keys to call it and its parent by in messages."""

    taxon: Taxon
    file: str
    key: str
    parent_key: str


def find_files(folder: Path, patterns: Iterable[str], tell: Tables) -> list[Path]:
    """Return the files that the patterns below ``folder`` match, each once; one that matches none is a mistake."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        place, _, rest = pattern.rpartition("/")
        matched = sorted(path for path in (folder / place).glob(rest) if path.is_file()) if rest else []
        if not matched:
            tell.mistakes.say("tags.taxonomy", f"no file beside the configuration matches {pattern!r}")
        found |= dict.fromkeys(matched)
    return list(found)


def read_taxonomy(files: Iterable[Path]) -> tuple[tuple[Taxon, ...], list[Mistake]]:
    """Return the taxa of all files, in their order, and every mistake in the files."""
    placed: list[Placed] = []
    mistakes: list[Mistake] = []
    for path in files:
        reader = _Reader(path)
        placed += reader.read()
        mistakes += reader.mistakes
    mistakes += _wrong_places(placed)
    return tuple(each.taxon for each in placed), mistakes


class _Reader(Tables):
    """Reads one taxonomy file with the lists that it names."""

    def read(self) -> list[Placed]:
        """Return what the file says as far as it is right."""
        text = self.text(self.path, "(file)")
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self.mistakes.say("(file)", f"is not TOML: {error}")
            return []
        for name in data:
            if name not in ARRAYS and name != "language":
                self.mistakes.unknown(name, name, ("language", *ARRAYS))
        language = self.value("language", data.get("language", ""), Language)
        self.language = language if isinstance(language, str) else ""
        found: list[Placed] = []
        for key, row in self.rows(data, "tag"):
            table = self.table(TaxonTable, row, key)
            said = row.get("name")
            if table is not None or isinstance(said, str):
                # One with mistakes still stands in the tree, or its children would count as mistakes, too.
                taxon = self.taxon(table, key) if table else Taxon(name=str(said))
                found.append(Placed(taxon, str(self.path), key, f"{key}.parent"))
        for key, row in self.rows(data, "list"):
            if (listed := self.table(ListTable, row, key)) is not None:
                found += self.names(listed, key)
        return found

    def text(self, path: Path, key: str) -> str:
        """Return the text of a file, or "" after noting why it cannot be read."""
        try:
            if path.stat().st_size > MAX_BYTES:
                self.mistakes.say(key, f"{str(path)!r} is larger than {MAX_BYTES} bytes")
                return ""
            return path.read_text(encoding="utf-8")
        except OSError as error:
            self.mistakes.say(key, f"{str(path)!r} cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self.mistakes.say(key, f"{str(path)!r} is not UTF-8: {error.reason}")
        return ""

    def taxon(self, table: TaxonTable, key: str) -> Taxon:
        """Return the taxon of one table."""
        terms: dict[Term, None] = {}
        for name, words in (("words", table.words), ("phrases", table.phrases)):
            by_language = words if isinstance(words, dict) else {self.language: words}
            for language, texts in by_language.items():
                where = f"{key}.{name}.{language}" if isinstance(words, dict) else f"{key}.{name}"
                if self.value(where, language, Language) is not None:
                    terms |= dict.fromkeys(Term(text=text, language=language) for text in self.texts(where, texts))
        aliases = tuple(dict.fromkeys(self.texts(f"{key}.aliases", table.aliases)))
        return Taxon(name=table.name, parent=table.parent, aliases=aliases, terms=tuple(terms), at_least=table.at_least)

    def texts(self, key: str, given: Words) -> Iterator[str]:
        """Yield the texts that hold a word, and note the others."""
        for text in (given,) if isinstance(given, str) else given:
            if tokens(text):
                yield text
            else:
                self.mistakes.say(key, f"{text!r} holds no word")

    def names(self, table: ListTable, key: str) -> Iterator[Placed]:
        """Yield the taxa of a list: a name on each line, and its aliases after it, between bars."""
        path = self.path.parent / table.file
        for number, line in enumerate(self.text(path, f"{key}.file").splitlines(), 1):
            content = line.strip()
            if not content or content.startswith("#"):
                continue
            names = [name.strip() for name in content.split("|")]
            where = f"{table.file} line {number}"
            if self.value(where, names[0], TagName) is not None:
                aliases = tuple(dict.fromkeys(self.texts(where, tuple(name for name in names if name))))
                taxon = Taxon(name=names[0], parent=table.parent, aliases=aliases)
                yield Placed(taxon, str(self.path), where, f"{key}.parent")


def _wrong_places(placed: list[Placed]) -> Iterator[Mistake]:
    """Yield what is wrong with the tree: names that stand twice, parents that there are not, and circles."""
    known: dict[str, Placed] = {}
    for each in placed:
        name = each.taxon.name
        if name in known:
            other = known[name]
            yield _mistake(each, each.key, f"{name!r} stands twice, also in {other.file}: {other.key}")
        known.setdefault(name, each)
    # All names of a list have one parent, which is said and looked for once.
    missing = {
        (each.file, each.parent_key): each for each in placed if each.taxon.parent and each.taxon.parent not in known
    }
    for each in missing.values():
        import difflib  # noqa: PLC0415 - most taxonomies hold no mistake

        parent = each.taxon.parent
        near = difflib.get_close_matches(parent, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield _mistake(each, each.parent_key, f"there is no tag {parent!r}{hint}")
    parents = {name: each.taxon.parent for name, each in known.items()}
    circular = {name for name in known if _leads_back(name, parents)}
    for name in sorted(circular):
        yield _mistake(known[name], known[name].parent_key, f"{name!r} stands above itself")


def _leads_back(name: str, parents: Mapping[str, str]) -> bool:
    above = parents.get(name, "")
    for _ in parents:
        if above in {"", name}:
            break
        above = parents.get(above, "")
    return above == name


def _mistake(placed: Placed, key: str, message: str) -> Mistake:
    return Mistake(file=placed.file, key=key, message=message)
