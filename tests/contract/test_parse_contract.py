"""Holds the fast path against feedparser: on three corpora, on mutations of real feeds, on the project's fixtures."""

from __future__ import annotations

import csv
import secrets
from typing import TYPE_CHECKING

import pytest

from parse_contract import declined, documents, mutations, outcome, seeds
from shared import ROOT, shared

if TYPE_CHECKING:
    from pathlib import Path

    from parse_contract import Outcome

LEAST_ACCEPTED = 0.80
LEAST_ACCEPTED_OF_USUAL = 0.95
USUAL = "kagisearch+fastfeedparser/"
MUTATIONS = 300
ITUNES, MEDIA_RSS = "http://www.itunes.com/DTDs/PodCast-1.0.dtd", "http://search.yahoo.com/mrss/"
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "parse").glob("*.xml"))


def different(outcomes: list[Outcome]) -> dict[str, tuple[str, ...]]:
    return {each.name: each.differences for each in outcomes if each.differences}


@pytest.mark.parametrize("part", range(4))
def test_real_feeds_read_alike(part: int) -> None:
    folder = shared("corpora/real")
    assert not different([outcome(*each) for each in list(documents(folder))[part::4]])


def test_the_fast_path_reads_most_real_feeds() -> None:
    folder = shared("corpora/real")
    with (folder / "MANIFEST.tsv").open(newline="") as lines:
        origins = {row["file"]: row["source"] for row in csv.DictReader(lines, delimiter="\t")}
    accepted = {name for name, body in documents(folder) if not declined(body)}
    usual = {name for name, origin in origins.items() if origin.startswith(USUAL)}
    assert len(accepted) >= LEAST_ACCEPTED * len(origins)
    assert len(accepted & usual) >= LEAST_ACCEPTED_OF_USUAL * len(usual)


@pytest.mark.parametrize("folder", ["corpora/feedparser-6.0.14/tests", "corpora/feedvalidator/testcases"])
def test_test_suites_read_alike(folder: str) -> None:
    outcomes = [outcome(*each) for each in documents(shared(folder))]
    assert not different(outcomes)
    assert sum(each.accepted for each in outcomes) > len(outcomes) // 4


def test_mutations_read_alike() -> None:
    outcomes = list(mutations(seeds(shared("corpora/real")), secrets.token_hex(4), MUTATIONS))
    assert not different(outcomes)
    assert any(each.accepted for each in outcomes)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures(path: Path) -> None:
    """A fixture's name says what comes of it: ``accepted-what`` or ``declined-reason--what``; it says itself why."""
    kind, _, rest = path.stem.partition("-")
    assert kind in {"accepted", "declined"}
    found = outcome(path.stem, path.read_bytes())
    assert found.reason == (rest.partition("--")[0] if kind == "declined" else "")
    assert not found.differences


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<x>" * 3000 + "<y/>" + "</x>" * 3000, ""),
        ("<x>" * 10 + "<comments>http://harbour.example/</comments>" + "</x>" * 10, ""),
        ("<x>" * 3000 + "<comments>http://harbour.example/</comments>" + "</x>" * 3000, "depth"),
        (f"<category xmlns='{ITUNES}' text='ships'>" * 3000 + "</category>" * 3000, "depth"),
        (f"<group xmlns='{MEDIA_RSS}'>" * 3000 + "</group>" * 3000, "depth"),
        ("<description type='xhtml'>" + "<b>" * 200 + "tide" + "</b>" * 200 + "</description>", ""),
        ("<description type='xhtml'>" + "<b>" * 3000 + "tide" + "</b>" * 3000 + "</description>", "markup"),
    ],
    ids=["nothing", "container", "containers", "categories", "groups", "markup", "deep markup"],
)
def test_deep_documents(inside: str, reason: str) -> None:
    """The fast path goes no deeper than the interpreter can, nor through everything at each of many levels."""
    body = f"<rss version='2.0'><channel><item><title>Ferries</title>{inside}</item></channel></rss>"
    found = outcome("deep", body.encode())
    assert found.reason == reason
    assert not found.differences
