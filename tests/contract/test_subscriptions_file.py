"""Adding sources to a configuration: what is put in, where, and that nothing else changes."""

from __future__ import annotations

import stat
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from feedhub import subscriptions
from feedhub.config import load
from feedhub.errors import ConfigError
from feedhub.model.subscription import Subscription

if TYPE_CHECKING:
    from pathlib import Path

NEW = Subscription(url="https://new.example/feed", tags=("a", 'b "c"'))
TABLE = '[[source]]\nurl = "https://new.example/feed"\ntags = ["a", "b \\"c\\""]\n'
OLD = '[[source]]\nurl = "https://old.example/feed"   # why\n'

ADD_FIVE = """
import sys
from pathlib import Path
from feedhub.model.subscription import Subscription
from feedhub.subscriptions import append
for number in range(5):
    append(Path(sys.argv[1]), [Subscription(url=f"https://{sys.argv[2]}.example/{number}")])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def added(path: Path, text: str, *new: Subscription) -> str:
    path.write_bytes(text.encode())
    subscriptions.append(path, new or [NEW])
    assert [file.name for file in path.parent.iterdir()] == ["config.toml"]
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "put_in", "after"),
    [
        ("", TABLE, ""),
        ('[site]\ntitle = "x"', "\n\n" + TABLE, ""),
        ("# only a comment\n", "\n" + TABLE, ""),
        (OLD, "\n" + TABLE, ""),
        (OLD + "# enabled = true\n", "\n" + TABLE, "\n# another thing\n"),
        (OLD, "\n" + TABLE + "\n", '[[tag]]\nname = "x"\nwords = ["y"]\n'),
        (OLD, "\n" + TABLE, '\n# Rules.\n[[tag]]\nname = "x"\nwords = ["y"]\n'),
        (f'{OLD}[[tag]]\nname = "x"\nwords = ["y"]\n{OLD.replace("old", "two")}', "\n" + TABLE, "\n# end"),
        (OLD + 'tags = [\n  "a", # one\n\n  "b",\n]\n', "\n" + TABLE, ""),
        (OLD + 'title = """\n[[source]]\n# x\n"""\n\n# end\n', "\n" + TABLE, ""),
        ('[[ "source" ]]\nurl = "https://old.example/"\n[site]\ntitle = "x"\n', "\n" + TABLE, ""),
        (OLD.replace("\n", "\r\n"), "\r\n" + TABLE.replace("\n", "\r\n"), "\r\n# end\r\n"),
    ],
)
def test_a_table_is_put_behind_the_last_source_and_nothing_else_changes(
    path: Path, before: str, put_in: str, after: str
) -> None:
    assert added(path, before + after) == before + put_in + after
    assert subscriptions.read(path)[-1] == NEW


def test_the_starter_keeps_its_order(path: Path) -> None:
    starter = files("feedhub").joinpath("starter.toml").read_text(encoding="utf-8")
    before, after = added(path, starter).split("\n" + TABLE)
    assert before + after == starter
    assert before.endswith("# enabled = true\n")


def test_all_settings_are_written_and_read(path: Path) -> None:
    everything = Subscription(
        url="https://x.example/?a=1&b='2'",
        id="x",
        title='T\n"é"\u2028',
        link="l",
        language="en",
        tags=("t",),
        enabled=False,
    )
    added(path, OLD, everything)
    assert subscriptions.read(path)[1] == everything


def test_what_is_there_already_is_not_added_again(path: Path) -> None:
    assert added(path, OLD, Subscription(url="https://old.example/feed")) == OLD
    assert added(path, OLD, NEW, NEW).count("new.example") == 1


def test_a_taken_id_is_made_another(path: Path) -> None:
    added(
        path,
        OLD,
        Subscription(url="https://OLD.example/feed"),
        Subscription(url="https://x.example/", id="old-example-feed"),
    )
    assert [source.id for source in load(path).sources] == [
        "old-example-feed",
        "old-example-feed-2",
        "old-example-feed-3",
    ]


def test_the_same_page_is_recognised_however_it_is_written() -> None:
    known = [Subscription(url="feeds/x.xml"), Subscription(url="https://www.old.example/feed/")]
    assert subscriptions.configured("http://old.example/feed", known) == known[1]
    assert subscriptions.configured("feeds/x.xml", known) == known[0]
    assert subscriptions.configured("feeds/y.xml", known) is None


@pytest.mark.parametrize(
    ("text", "new", "words"),
    [
        ("[site]\ntitel = 1\n", NEW, "site.titel"),
        ("x = \n", NEW, "is not TOML"),
        ('source = [{ url = "https://old.example/" }]\n', NEW, "TOML|cannot be added to"),
        (OLD, Subscription(url="ftp://x.example/"), "neither http"),
        (OLD, Subscription(url="no-such-file.xml"), "no file or folder"),
        (OLD, Subscription(url="https://x.example/", id="Not A Slug"), "lower-case letters"),
        (OLD, Subscription(url="https://x.example/", tags=(" ",)), "tags"),
    ],
)
def test_a_configuration_that_would_be_wrong_is_left_alone(
    path: Path, text: str, new: Subscription, words: str
) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        subscriptions.append(path, [new])
    assert {mistake.file for mistake in caught.value.mistakes} == {str(path)}
    assert path.read_text() == text
    assert [file.name for file in path.parent.iterdir()] == ["config.toml"]


def test_a_change_by_someone_else_is_not_overwritten(path: Path) -> None:
    path.write_text(OLD + "# mine\n")
    with pytest.raises(ConfigError, match="someone else"):
        subscriptions.replace_config(path, OLD, OLD + "# theirs\n")
    assert path.read_text() == OLD + "# mine\n"


def test_many_who_add_at_once_lose_nothing(path: Path) -> None:
    path.write_text(OLD)
    running = [subprocess.Popen([sys.executable, "-c", ADD_FIVE, path, f"h{number}"]) for number in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert len(subscriptions.read(path)) == 21


def test_permissions_and_a_link_to_the_file_stay(path: Path) -> None:
    real = path.with_name("real.toml")
    real.write_text(OLD)
    real.chmod(0o640)
    path.symlink_to(real)
    subscriptions.append(path, [NEW])
    assert path.is_symlink()
    assert "new.example" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_file_is_replaced_whole(path: Path) -> None:
    subscriptions.replace_file(path, b"one")
    subscriptions.replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    with pytest.raises(OSError, match="No such file"):
        subscriptions.replace_file(path.parent / "nowhere" / "x", b"three")
    assert [file.name for file in path.parent.iterdir()] == ["config.toml"]
