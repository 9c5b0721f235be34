"""A theme is a folder of templates and of files that pages are dressed in; whatever is wrong with it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub import themes
from feedhub.errors import ConfigError
from feedhub.publish.html.theme import PLAIN, dressing, fingerprint
from feedhub.publish.stamps import NEVER

if TYPE_CHECKING:
    from pathlib import Path


def test_no_theme() -> None:
    assert themes.read(None) is PLAIN
    assert [document.path for document in dressing(PLAIN)] == ["look/feed.css", "look/icon.svg", "look/style.css"]
    assert {document.modified for document in dressing(PLAIN)} == {NEVER}


def test_templates_and_files_are_read_and_all_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "story.html").write_text("é", encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "story.html").write_text("{{")
    theme = themes.read(tmp_path)
    assert theme.templates == {"story.html": "é"}
    assert theme.files == {"logo.png": b"\x89PNG"}
    assert fingerprint(theme) != fingerprint(PLAIN)


def test_a_template_must_be_utf_8(tmp_path: Path) -> None:
    (tmp_path / "story.html").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"story.html: is not UTF-8"):
        themes.read(tmp_path)


def test_size_and_number_of_files_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_bytes(b" " * (themes.LARGEST + 1))
    with pytest.raises(ConfigError, match=r"a.css: is larger than"):
        themes.read(tmp_path)
    for number in range(themes.MOST_FILES):
        (tmp_path / f"{number}.html").touch()
    with pytest.raises(ConfigError, match="holds 101 files"):
        themes.read(tmp_path)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        themes.read(tmp_path / "gone")
