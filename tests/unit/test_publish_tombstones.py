"""Stories that were taken back (RFC 6721)."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree
from msgspec.structs import replace

from feedhub.model import Deleted, Entry, Part, Text
from feedhub.publish import document
from feedhub.publish.tombstones import deleted, withdrawn
from publishing import EDITION, NOON, SITE, item, member, story
from shared import shared

ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
LATER = NOON + timedelta(hours=5)
TELLING = replace(EDITION, deletions=True)
ONE, TWO = member("herald", key="1"), member("gazette", key="2")


def test_a_story_is_withdrawn_when_all_who_told_it_took_it_back() -> None:
    both = story(ONE, TWO)
    assert withdrawn(both, {}) is None
    assert withdrawn(both, {("herald", "1"): NOON}) is None
    assert withdrawn(both, {("herald", "1"): LATER, ("gazette", "2"): NOON}) == LATER
    assert withdrawn(story(ONE, replace(TWO, removed=True)), {("herald", "1"): NOON}) == NOON


def test_only_editions_that_ask_for_it_tell() -> None:
    entries = {("herald", "1"): NOON}
    assert deleted(EDITION, [story(ONE)], entries) == ()
    assert deleted(TELLING, [story(ONE), story(TWO, id="urn:x-test:2")], entries) == (
        Deleted(id="https://herald.example/1", at=NOON),
    )
    assert deleted(TELLING, [story(ONE, id="no iri")], entries)[0].id.startswith("urn:uuid:")


def test_as_many_as_the_edition_shows_stories_the_newest_first() -> None:
    stories = [story(member(key=str(number)), id=f"urn:x-test:{number}") for number in range(9)]
    entries = {("herald", str(number)): NOON + timedelta(minutes=number % 4) for number in range(9)}
    found = deleted(replace(TELLING, limit=4), stories, entries)
    assert [each.id for each in found] == [f"urn:x-test:{number}" for number in (3, 7, 2, 6)]


def test_atom_carries_them() -> None:
    part = Part(deleted=(Deleted(id="urn:x-test:<&>", at=LATER),))
    told = [item(Entry(title=Text(value="Bread"), link="https://herald.example/1"))]
    made = document("atom", TELLING, SITE, told, part)
    root = etree.fromstring(made.body)
    (tombstone,) = root.findall("at:deleted-entry", ATOM)
    assert dict(tombstone.attrib) == {"ref": "urn:x-test:<&>", "when": "2018-05-10T17:00:00Z"}
    assert root.findtext("a:updated", namespaces=ATOM) == "2018-05-10T17:00:00Z"
    assert made.modified == LATER
    etree.RelaxNG(etree.parse(str(shared("hostile/output_checks") / "atom.rng"))).assertValid(root)


def test_other_formats_and_documents_without_any_do_not_name_them() -> None:
    part = Part(deleted=(Deleted(id="urn:x-test:gone", at=LATER),))
    for name in ("rss", "json"):
        assert b"urn:x-test:gone" not in document(name, TELLING, SITE, [], part).body
    assert b"tombstones" not in document("atom", TELLING, SITE, []).body
