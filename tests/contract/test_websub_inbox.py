from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.inbox import Inbox
from feedhub.model import Delivery
from feedhub.pushes import inbox_folder
from program import Program

if TYPE_CHECKING:
    from pathlib import Path

FEED = b"""<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
<item><guid>1</guid><title>Forged</title><link>https://a.example/1</link></item></channel></rss>"""


def delivery(body: bytes, source_id: str = "s0", topic: str = "https://a.example/feed") -> Delivery:
    return Delivery(source_id=source_id, topic=topic, content_type="application/rss+xml", body=body)


def test_deliveries_come_out_in_their_order_and_once(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "inbox")
    assert list(box.deliveries()) == []
    bodies = [b"%d" % number for number in range(20)]
    assert all(box.put(delivery(body)) for body in bodies)
    assert [waiting.body for waiting in box.deliveries()] == bodies
    assert list(box.deliveries()) == []


def test_a_delivery_stays_until_the_next_one_is_asked_for(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "inbox")
    box.put(delivery(b"1"))
    reading = box.deliveries()
    assert next(reading).body == b"1"
    reading.close()
    assert [waiting.body for waiting in box.deliveries()] == [b"1"]


def test_what_cannot_be_read_is_dropped_and_what_is_being_written_left_alone(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "inbox")
    box.put(delivery(b"1"))
    (box.folder / "0.delivery").write_bytes(b"\xc1 broken")
    (box.folder / ".new-1").write_bytes(b"half")
    assert [waiting.body for waiting in box.deliveries()] == [b"1"]
    assert [path.name for path in box.folder.iterdir()] == [".new-1"]


def test_only_so_much_may_wait(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "inbox", max_files=3, max_bytes=1000)
    assert not box.put(delivery(b"x" * 2000))
    assert [box.put(delivery(b"x")) for _ in range(4)] == [True, True, True, False]


def test_a_delivery_for_no_source_or_of_another_topic_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.rss").write_bytes(FEED.replace(b"Forged", b"True"))
    program = Program(tmp_path)
    program.configure(["a.rss"], extra="[websub]\nenabled = true\n")
    program.run("refresh")
    box = Inbox(inbox_folder(tmp_path / "var" / "feedhub.sqlite"))
    box.put(delivery(FEED))
    box.put(delivery(FEED, source_id="nobody"))
    program.run("refresh")
    assert list(box.folder.iterdir()) == []
    assert b"Forged" not in (tmp_path / "published" / "all.atom").read_bytes()
