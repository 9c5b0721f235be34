from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from feedhub import ConfigError, load
from feedhub.config.taxonomy import ARRAYS, TaxonomyFile
from feedhub.model import Taxon, Term
from feedhub.stories.members import Signer
from shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub import Config

TAGS = '[tags]\ntaxonomy = ["taxonomy/*.toml"]\n'


def read(folder: Path, *, config: str = TAGS, **files: str) -> Config:
    """Read a configuration with taxonomy files; ``__`` in their names stands for the dot."""
    (folder / "taxonomy").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "taxonomy" / name.replace("__", ".")).write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text(config)
    return load(folder / "config.toml")


def mistakes(folder: Path, *, config: str = TAGS, **files: str) -> dict[tuple[str, str], str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, config=config, **files)
    return {(mistake.file.rpartition("/")[2], mistake.key): mistake.message for mistake in caught.value.mistakes}


def test_a_taxonomy_with_words_of_several_languages_and_a_list_of_names(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        a__toml="""
        language = "en"
        [[tag]]
        name = "people"
        [[tag]]
        name = "vote"
        aliases = "polls"
        words = ["ballot"]
        phrases = { de = ["erste Runde"], "" = ["Brexit"] }
        at_least = 2
        [[list]]
        file = "names.txt"
        parent = "people"
        """,
        b__toml='[[tag]]\nname = "mayor"\nparent = "vote"\nwords = ["mayor"]\n',
        names__txt="# who counts\n\nJane Roe | Roe | JR\n  Ali  \n",
    )
    assert config.taxonomy.taxa == (
        Taxon(name="people"),
        Taxon(
            name="vote",
            aliases=("polls",),
            terms=(
                Term(text="ballot", language="en"),
                Term(text="erste Runde", language="de"),
                Term(text="Brexit"),
            ),
            at_least=2,
        ),
        Taxon(name="Jane Roe", parent="people", aliases=("Jane Roe", "Roe", "JR")),
        Taxon(name="Ali", parent="people", aliases=("Ali",)),
        Taxon(name="mayor", parent="vote", terms=(Term(text="mayor"),)),
    )


def test_a_file_that_two_patterns_match_is_read_once(tmp_path: Path) -> None:
    twice = '[tags]\ntaxonomy = ["taxonomy/a.toml", "taxonomy/*.toml"]\n'
    assert len(read(tmp_path, config=twice, a__toml='[[tag]]\nname = "x"\n').taxonomy.taxa) == 1


def test_all_mistakes_are_told_at_once_with_file_and_key(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        config='[tags]\ntaxonomy = ["taxonomy/*.toml", "none/*.toml"]\n',
        a__toml="""
        langauge = "en"
        [[tag]]
        name = "war"
        wrods = ["war"]
        [[tag]]
        name = "calm"
        parent = "wra"
        [[tag]]
        name = "peace"
        words = ["!!", "calm"]
        phrases = { english = ["x"], en = 3 }
        at_least = 0
        [[tag]]
        name = "front"
        parent = "war"
        [[tag]]
        parent = "war"
        [[list]]
        file = "missing.txt"
        [[list]]
        file = "names.txt"
        parent = "nobody"
        """,
        b__toml='language = "EN"\n[[tag]]\nname = "war"\n',
        c__toml="tag = [",
        d__toml='[[tag]]\nname = "a"\nparent = "b"\n[[tag]]\nname = "b"\nparent = "a"\n',
        names__txt=f"Roe\n{'x' * 65}\n| alias\nFoe | ?!\n",
    )
    assert "matches 'none/*.toml'" in told["config.toml", "tags.taxonomy"]
    assert "did you mean 'language'" in told["a.toml", "langauge"]
    assert "did you mean 'words'" in told["a.toml", "tag[war].wrods"]
    assert "did you mean 'war'" in told["a.toml", "tag[calm].parent"]
    assert "0 is wrong" in told["a.toml", "tag[peace].at_least"]
    assert "tag[peace].phrases" in {key for file, key in told if file == "a.toml"}
    assert told["a.toml", "tag[5].name"] == "is missing"
    assert "cannot be read" in told["a.toml", "list[1].file"]
    assert "no tag 'nobody'" in told["a.toml", "list[2].parent"]
    assert "length <= 64" in told["a.toml", "names.txt line 2"]
    assert "1 to 64 characters" in told["a.toml", "names.txt line 3"]
    assert "'?!' holds no word" in told["a.toml", "names.txt line 4"]
    assert "as in 'en'" in told["b.toml", "language"]
    assert "stands twice" in told["b.toml", "tag[war]"]
    assert "not TOML" in told["c.toml", "(file)"]
    assert "above itself" in told["d.toml", "tag[a].parent"]
    # A tag whose table has a mistake is there for its children.
    assert ("a.toml", "tag[front].parent") not in told


def test_mistakes_in_the_configuration_itself(tmp_path: Path) -> None:
    told = mistakes(tmp_path, config='[tags]\nlanguage = "english"\ntaxonmy = 1\ntaxonomy = "x"\n')
    assert "did you mean 'taxonomy'" in told["config.toml", "tags.taxonmy"]
    assert "two or three letters" in told["config.toml", "tags.language"]
    assert "'x' is wrong" in told["config.toml", "tags.taxonomy"]


def test_a_wrong_word_and_a_wrong_language_are_named(tmp_path: Path) -> None:
    told = mistakes(tmp_path, a__toml='[[tag]]\nname = "x"\nwords = { english = ["x"], en = ["!!"] }\naliases = [""]\n')
    assert "'en'" in told["a.toml", "tag[x].words.english"]
    assert "'!!' holds no word" in told["a.toml", "tag[x].words.en"]
    assert "holds no word" in told["a.toml", "tag[x].aliases"]


def test_a_file_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "taxonomy").mkdir()
    (tmp_path / "taxonomy" / "a.toml").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in mistakes(tmp_path)["a.toml", "(file)"]


def fingerprint(config: Config) -> str:
    return Signer(
        sources=config.sources,
        rules=config.tag_rules,
        categories=config.categories,
        keep_unmapped=config.keep_unmapped,
        editions=config.editions,
        taxonomy=config.taxonomy,
    ).fingerprint


def test_a_changed_taxonomy_makes_another_signer(tmp_path: Path) -> None:
    one = fingerprint(read(tmp_path, a__toml='[[tag]]\nname = "x"\nwords = ["x"]\n'))
    assert one == fingerprint(read(tmp_path, a__toml='# same\n[[tag]]\nname = "x"\nwords = ["x"]\n'))
    assert one != fingerprint(read(tmp_path, a__toml='[[tag]]\nname = "x"\nwords = ["y"]\n'))
    assert one != fingerprint(read(tmp_path, config=f'{TAGS}language = "en"\n'))


def test_every_key_of_a_taxonomy_file_is_documented() -> None:
    text = (ROOT / "docs" / "tags.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `\[\[(\w+)\]\]`.*?\n(.*?)(?=^#)", text, re.MULTILINE | re.DOTALL))
    assert sections.keys() == ARRAYS.keys()
    for name, shape in ARRAYS.items():
        keys = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
        assert keys == [field.name for field in msgspec.structs.fields(shape)]
    for field in msgspec.structs.fields(TaxonomyFile):
        assert f"`{field.name} =" in text
