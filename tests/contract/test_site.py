"""The output folder, on a real file system."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from feedhub import site
from feedhub.model import Document

if TYPE_CHECKING:
    from pathlib import Path


def document(path: str, body: bytes = b"one\n") -> Document:
    return Document(path=path, media_type="text/plain", body=body)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writes_and_makes_folders(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    written = site.write(out, [document("world.atom"), document("tag/syria/all.rss", b"two\n")])
    assert written == ("world.atom", "tag/syria/all.rss")
    assert files(out) == {"world.atom": b"one\n", "tag/syria/all.rss": b"two\n"}


NOON = datetime(2018, 5, 10, 12, tzinfo=UTC)


def modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def test_a_file_is_as_old_as_its_newest_story(tmp_path: Path) -> None:
    dated = replace(document("a"), modified=NOON)
    site.write(tmp_path, [dated])
    assert modified(tmp_path / "a") == NOON
    site.write(tmp_path, [replace(dated, body=b"two\n", modified=NOON + timedelta(hours=1))])
    assert modified(tmp_path / "a") == NOON + timedelta(hours=1)
    assert site.write(tmp_path, [replace(dated, body=b"two\n")]) == ()
    assert modified(tmp_path / "a") == NOON + timedelta(hours=1)


def test_another_version_is_always_newer(tmp_path: Path) -> None:
    bodies = [b"1", b"2", b"3"]
    for body in bodies:
        site.write(tmp_path, [replace(document("a", body), modified=NOON)])
    assert modified(tmp_path / "a") == NOON + timedelta(seconds=len(bodies) - 1)
    site.write(tmp_path, [replace(document("a", b"4"), modified=NOON - timedelta(days=9))])
    assert modified(tmp_path / "a") == NOON + timedelta(seconds=len(bodies))


def test_a_document_without_a_date_is_as_old_as_its_file(tmp_path: Path) -> None:
    site.write(tmp_path, [document("a")])
    assert abs((modified(tmp_path / "a") - datetime.now(UTC)).total_seconds()) < 60


def test_touches_only_what_changed(tmp_path: Path) -> None:
    site.write(tmp_path, [document("a"), document("b/c")])
    before = {path: path.stat() for path in (tmp_path / "a", tmp_path / "b" / "c")}
    time.sleep(0.01)
    assert site.write(tmp_path, [document("a", b"two\n"), document("b/c")]) == ("a",)
    assert (tmp_path / "a").stat().st_ino != before[tmp_path / "a"].st_ino
    unchanged = (tmp_path / "b" / "c").stat()
    assert unchanged.st_mtime_ns == before[tmp_path / "b" / "c"].st_mtime_ns
    assert unchanged.st_ino == before[tmp_path / "b" / "c"].st_ino


def test_bytes_of_the_same_length_are_compared(tmp_path: Path) -> None:
    site.write(tmp_path, [document("a", b"12345")])
    assert site.write(tmp_path, [document("a", b"12346")]) == ("a",)


def test_changes_are_told_without_touching_anything(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert site.changes(out, [document("a"), document("b/c")]) == ("a", "b/c")
    assert not out.exists()
    site.write(out, [document("a"), document("b/c")])
    assert site.changes(out, [document("a", b"two\n"), document("b/c")]) == ("a",)
    assert files(out) == {"a": b"one\n", "b/c": b"one\n"}


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", "../a", "a/../../b", "./a", "a/.", "a\0b", "..", "/etc/passwd"]
)
def test_a_path_that_leaves_the_folder_is_refused_before_anything_is_written(tmp_path: Path, path: str) -> None:
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="path"):
        site.write(out, [document("fine"), document(path)])
    assert not out.exists()


def test_a_path_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a"):
        site.write(tmp_path, [document("a"), document("a", b"two\n")])


def test_a_linked_folder_below_is_not_followed(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "tag").symlink_to(elsewhere)
    with pytest.raises(OSError, match=r"tag/syria\.atom"):
        site.write(out, [document("tag/syria.atom")])
    with pytest.raises(OSError, match=r"tag/syria\.atom"):
        site.changes(out, [document("tag/syria.atom")])
    assert files(elsewhere) == {}


def test_a_linked_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    out, precious = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    precious.write_bytes(b"precious")
    (out / "a").symlink_to(precious)
    assert site.write(out, [document("a", b"precious")]) == ("a",)
    assert not (out / "a").is_symlink()
    assert precious.read_bytes() == b"precious"


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    real, out = tmp_path / "real", tmp_path / "out"
    real.mkdir()
    out.symlink_to(real)
    assert site.write(out, [document("b/c")]) == ("b/c",)
    assert files(real) == {"b/c": b"one\n"}


def test_a_pipe_in_the_way_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    assert site.write(tmp_path, [document("a")]) == ("a",)
    assert files(tmp_path) == {"a": b"one\n"}


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="/a"):
        site.write(tmp_path, [document("a")])
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_inventory_tells_what_files_there_are(tmp_path: Path) -> None:
    assert not site.inventory(tmp_path / "none")("a")
    site.write(tmp_path, [document("a"), document("b/c")])
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    is_there = site.inventory(tmp_path)
    paths = ["a", "b/c", "b", "c", "b/a", "x/y", "a/x", "linked"]
    assert [path for path in paths if is_there(path)] == ["a", "b/c"]


def test_many_files_take_their_places_in_turns(tmp_path: Path) -> None:
    documents = [document(f"{number % 3}/{number}", str(number).encode()) for number in range(300)]
    assert site.write(tmp_path, documents) == tuple(each.path for each in documents)
    assert files(tmp_path) == {each.path: each.body for each in documents}
    changed = replace(documents[200], body=b"changed")
    assert site.write(tmp_path, [*documents[:200], changed, *documents[201:]]) == (changed.path,)
    assert files(tmp_path)[changed.path] == b"changed"


def test_what_cannot_be_written_leaves_files_whole_and_nothing_else(tmp_path: Path) -> None:
    old = [document(str(number), b"old") for number in range(300)]
    site.write(tmp_path, old)
    (tmp_path / "200").unlink()
    (tmp_path / "200").mkdir()
    with pytest.raises(OSError, match="/200"):
        site.write(tmp_path, [replace(each, body=b"new") for each in old])
    bodies = files(tmp_path)
    assert set(bodies) == {each.path for each in old} - {"200"}
    assert set(bodies.values()) == {b"old", b"new"}


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    site.write(tmp_path, [document("a"), document("b/c")])
    (tmp_path / ".feedhub-1.tmp").write_bytes(b"half")
    (tmp_path / "b" / ".feedhub-2.tmp").write_bytes(b"half")
    (tmp_path / "keep.tmp").write_bytes(b"mine")
    assert site.write(tmp_path, [document("a"), document("b/c")]) == ()
    assert files(tmp_path) == {"a": b"one\n", "b/c": b"one\n", "keep.tmp": b"mine"}


@pytest.mark.parametrize(("umask", "file_mode", "folder_mode"), [(0o022, 0o644, 0o755), (0o027, 0o640, 0o750)])
def test_permissions_follow_the_umask(tmp_path: Path, umask: int, file_mode: int, folder_mode: int) -> None:
    before = os.umask(umask)
    try:
        site.write(tmp_path, [document("b/c")])
    finally:
        os.umask(before)
    assert (tmp_path / "b" / "c").stat().st_mode & 0o777 == file_mode
    assert (tmp_path / "b").stat().st_mode & 0o777 == folder_mode


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the write fails half-way, as on a full one."""
    site.write(tmp_path, [document("a", b"old")])
    script = f"""
        import resource, signal
        from pathlib import Path
        from feedhub import site
        from feedhub.model import Document
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            site.write(Path({str(tmp_path)!r}), [Document(path="a", media_type="text/plain", body=b"x" * 5000)])
        except OSError as error:
            print(error.filename)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == str(tmp_path / "a")
    assert files(tmp_path) == {"a": b"old"}


def test_killed_at_any_moment_a_file_is_whole(tmp_path: Path) -> None:
    script = f"""
        from pathlib import Path
        from feedhub import site
        from feedhub.model import Document
        print("ready", flush=True)
        turn = 0
        while True:
            turn += 1
            body = str(turn % 10).encode() * 300_000
            site.write(Path({str(tmp_path)!r}), [Document(path="b/c", media_type="text/plain", body=body)])
    """
    for delay in (0.02, 0.05, 0.09):
        writer = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay)
        writer.kill()
        writer.communicate()
        for name, body in files(tmp_path).items():
            assert name.endswith(".tmp") or (len(body) == 300_000 and len(set(body)) == 1)
    site.write(tmp_path, [document("b/c")])
    assert files(tmp_path) == {"b/c": b"one\n"}
