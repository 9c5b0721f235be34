"""What the table of an edition may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub import ConfigError, load

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub.model import Edition

WORDS = "what nobody else knows"


@pytest.fixture(autouse=True)
def no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDHUB_SECRET", raising=False)


def edition(folder: Path, text: str, above: str = "") -> Edition:
    path = folder / "config.toml"
    path.write_text(f'{above}\n[[edition]]\nslug = "a"\ntitle = "A"\n{text}\n')
    (read,) = load(path).editions
    return read


def mistakes(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        edition(folder, text)
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


def test_options_are_read(tmp_path: Path) -> None:
    read = edition(
        tmp_path,
        """
        content = "summary"
        titles = "[{source}] {title} {{{tags}}}"
        mix = true
        min_outlets = 3
        digest = "week"
        also_covered = true
        deletions = true
        """,
    )
    assert (read.content, read.mix, read.min_outlets, read.digest) == ("summary", True, 3, "week")
    assert read.titles == "[{source}] {title} {{{tags}}}"
    assert read.also_covered
    assert read.deletions
    assert not read.history
    assert edition(tmp_path, "history = true").history


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("content = 'half'", "content", "'full', 'summary', 'none'"),
        ("digest = 'year'", "digest", "'none', 'day', 'week'"),
        ("min_outlets = 0", "min_outlets", "0 is wrong"),
        ("titles = '{outlet}: {title}'", "titles", "the placeholders are {source}, {title}, {tags}"),
        ("titles = '{title.value}'", "titles", "the placeholders are {source}, {title}, {tags}"),
        ("titles = '{title!r}'", "titles", "the placeholders are {source}, {title}, {tags}"),
        ("titles = '{title:>99}'", "titles", "the placeholders are {source}, {title}, {tags}"),
        ("titles = '{} {title}'", "titles", "the placeholders are {source}, {title}, {tags}"),
        ("titles = '{title'", "titles", "braces that are meant as such are doubled"),
        ("titles = 'News from {source}'", "titles", "without {title}"),
        ("languages = ['english!']", "languages", "is no language tag"),
        ("languages = 'en'", "languages", "'en' is wrong"),
        ("private = true", "private", "FEEDHUB_SECRET"),
        ("private = true\ntoken = 'short'", "token", "16 to 64 letters and digits"),
        ("token = '0123456789abcdef'", "token", "private = true"),
        ("podcast_category = 'Cooking'", "podcast_category", "'News'"),
        ("podcast_image = 'https://press.example/cover'", "podcast_image", ".jpg or .png"),
        ("digest = 'day'\norder = 'updated'", "order", "an edit must not move its stories"),
        ("history = true\nper_source = 3", "per_source", "does not go with history = true"),
        ("history = true\nmax_age = '7d'", "max_age", "does not go with history = true"),
        ("history = true\nevents = 'lead'", "events", "does not go with history = true"),
        ("history = true\nmix = true", "mix", "does not go with history = true"),
        ("history = true\nmin_outlets = 2", "min_outlets", "does not go with history = true"),
        ("history = true\ndigest = 'day'", "digest", "does not go with history = true"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, key: str, words: str) -> None:
    assert words in mistakes(tmp_path, text)[f"edition[a].{key}"]


def test_languages_narrow_the_filter(tmp_path: Path) -> None:
    alone = edition(tmp_path, "languages = ['en', 'und']").filter
    assert alone is not None
    assert (alone.kind, alone.values) == ("language", ("en", "und"))
    both = edition(tmp_path, "languages = ['en']\nfilter = { words = ['bread'] }").filter
    assert both is not None
    assert (both.kind, [rule.kind for rule in both.rules]) == ("all", ["words", "language"])


def test_a_private_edition_has_a_token_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = edition(tmp_path, "private = true\ntoken = '0123456789abcdef'")
    assert (given.slug, given.private) == ("a-0123456789abcdef", True)
    monkeypatch.setenv("FEEDHUB_SECRET", WORDS)
    made = edition(tmp_path, "private = true")
    assert len(made.slug) == len("a-") + 32
    assert made == edition(tmp_path, "private = true")
    monkeypatch.setenv("FEEDHUB_SECRET", WORDS[::-1])
    assert edition(tmp_path, "private = true").slug != made.slug
    monkeypatch.setenv("OTHER", WORDS)
    named = edition(tmp_path, "private = true", "[output]\nsecret_env = 'OTHER'")
    assert named.slug == made.slug


@pytest.mark.parametrize("secret", ["", "too short", "x" * 65])
def test_a_secret_that_can_be_guessed_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("FEEDHUB_SECRET", secret)
    assert "16 to 64 bytes" in mistakes(tmp_path, "private = true")["edition[a].private"]
