from __future__ import annotations

import pytest

from feedhub.model import Category, Entry, Reason, Rule, Source, TagRule, Text
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject, compile_rule

SOURCE = Source(id="desk", url="https://desk.example/feed", tags=("europe",))
ENTRY = Entry(
    title=Text(value="Daesh has collapsed, it’s confirmed"),
    link="https://news.desk.example/a",
    summary=Text(value="<p>Five leaders were arrested in <b>Deir</b> Ezzor.</p>", type="text/html"),
    categories=(Category(term="middle-east", label="Middle East"), Category(term="Sport")),
    language="en-GB",
)


def match(rule: Rule, entry: Entry = ENTRY, tags: tuple[str, ...] = ()) -> tuple[Reason, ...] | None:
    return compile_rule(rule).match(Subject(entry, SOURCE, tags))


def words(*values: str) -> Rule:
    return Rule(kind="words", values=values)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (words("nothing", "DAESH"), Reason(rule="words", field="title", found="DAESH")),
        (words("deir ezzor"), Reason(rule="words", field="summary", found="deir ezzor")),
        (Rule(kind="phrases", values=("Deir Ezzor",)), Reason(rule="phrases", field="summary", found="Deir Ezzor")),
        (Rule(kind="regex", values=(r"arrest\w+",)), Reason(rule="regex", field="summary", found="arrested")),
        (Rule(kind="source", values=("DESK",)), Reason(rule="source", field="source", found="desk")),
        (Rule(kind="host", values=("desk.example",)), Reason(rule="host", field="host", found="desk.example")),
        (
            Rule(kind="category", values=("middle east",)),
            Reason(rule="category", field="category", found="Middle East"),
        ),
        (Rule(kind="language", values=("fr", "en")), Reason(rule="language", field="language", found="en-GB")),
        (Rule(kind="tag", values=("iraq",)), Reason(rule="tag", field="tag", found="iraq")),
    ],
    ids=lambda value: value.kind if isinstance(value, Rule) else "",
)
def test_each_kind_says_what_it_found(rule: Rule, found: Reason) -> None:
    assert match(rule, tags=("iraq",)) == (found,)


@pytest.mark.parametrize(
    "rule",
    [
        words("dae"),
        words("collapsed confirmed"),
        Rule(kind="regex", values=("daesh",)),
        Rule(kind="source", values=("des",)),
        Rule(kind="host", values=("esk.example", "other.news.desk.example")),
        Rule(kind="category", values=("middle",)),
        Rule(kind="tag", values=("iraq",)),
    ],
    ids=lambda rule: rule.kind,
)
def test_what_does_not_match_has_no_reasons(rule: Rule) -> None:
    assert match(rule) is None


def test_combinations() -> None:
    yes, no = words("daesh"), words("football")
    assert match(Rule(kind="all", rules=(yes, yes))) == 2 * (Reason(rule="words", field="title", found="daesh"),)
    assert match(Rule(kind="all", rules=(yes, no))) is None
    assert match(Rule(kind="any", rules=(no, yes))) == (Reason(rule="words", field="title", found="daesh"),)
    assert match(Rule(kind="any", rules=(no, no))) is None
    assert match(Rule(kind="not", rules=(no,))) == ()
    assert match(Rule(kind="not", rules=(no, yes))) is None


def test_the_apostrophe_of_a_text_may_be_written_either_way() -> None:
    assert match(words("it's confirmed")) is not None
    assert match(words("it’s confirmed")) is not None


def test_bad_values_are_named() -> None:
    with pytest.raises(ValueError, match="'!!' holds no word"):
        compile_rule(words("!!"))
    with pytest.raises(ValueError, match="RE2"):
        compile_rule(Rule(kind="regex", values=("(a",)))


def test_a_hostile_pattern_takes_linear_time() -> None:
    entry = Entry(title=Text(value="a" * 50_000 + "!"))
    assert match(Rule(kind="regex", values=("(a+)+$",)), entry) is None


def test_tags_come_from_source_categories_and_rules_with_all_their_reasons() -> None:
    rules = [TagRule(tag="isis", rule=words("daesh")), TagRule(tag="europe", rule=words("ezzor"))]
    tags = Tagger(rules=rules, categories={"middle east": "mideast"}).tags(Subject(ENTRY, SOURCE))
    assert [(tag.name, [reason.rule for reason in tag.reasons]) for tag in tags] == [
        ("europe", ["source", "words"]),
        ("isis", ["words"]),
        ("mideast", ["category"]),
    ]


def test_categories_outside_the_map_are_dropped_or_kept() -> None:
    assert [tag.name for tag in Tagger(categories={}).tags(Subject(ENTRY, SOURCE))] == ["europe"]
    assert [tag.name for tag in Tagger(categories={}, keep_unmapped=True).tags(Subject(ENTRY, SOURCE))] == [
        "europe",
        "middle-east",
        "sport",
    ]


@pytest.mark.parametrize(
    ("said", "wanted", "matches"),
    [
        ("en", "en", True),
        ("en-GB", "en", True),
        ("en-GB", "EN_gb", True),
        ("en", "en-GB", False),
        ("eng", "en", False),
        ("", "en", False),
        ("", "und", True),
        ("en", "und", False),
    ],
)
def test_languages(said: str, wanted: str, *, matches: bool) -> None:
    found = match(Rule(kind="language", values=(wanted,)), Entry(title=Text(value="a"), language=said))
    assert (found is not None) == matches


def test_what_is_no_language_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="'english!' is no language tag"):
        compile_rule(Rule(kind="language", values=("english!",)))
