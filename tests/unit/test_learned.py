from __future__ import annotations

from hashlib import blake2b
from math import inf

import msgspec
import pytest
from msgspec.structs import replace

from feedhub.model import Entry, Source, TagRule, Text
from feedhub.model import Rule as RuleRecord
from feedhub.stories.explain import describe
from feedhub.stories.learned import IDF, MAX_BYTES, WEIGHT, Learned, LearnedTag, Model, features, pack, unpack
from feedhub.stories.tagger import Tagger
from feedhub.stories.tags import Subject

SOURCE = Source(id="desk", url="https://desk.example/feed")


def subject(title: str = "", text: str = "", summary: str = "") -> Subject:
    return Subject(
        Entry(title=Text(value=title), content=Text(value=text), summary=Text(value=summary)),
        SOURCE,
    )


def word(rarity: float, **weights: float) -> bytes:
    """Return a packed word; ``t0=0.5`` is a weight of 0.5 for the first tag."""
    return IDF.pack(rarity) + b"".join(WEIGHT.pack(int(name[1:]), weight) for name, weight in weights.items())


def tag(name: str, threshold: float) -> LearnedTag:
    return LearnedTag(name=name, bias=-1.0, threshold=threshold, precision=0.9, recall=0.8, support=20)


MODEL = Model(
    tags=(tag("fruit", 0.25), tag("river", 0.0)),
    unknown=4.0,
    words={
        "apples": word(2.0, t0=3.0),
        "danube": word(2.0, t1=3.0, t0=-1.0),
        "the": word(1.0),
        "t:apples": word(3.0, t0=2.0),
        "#000": word(1.5, t0=0.5),
    },
)


def test_features_are_words_and_those_of_the_title_once_more_and_numbers_by_their_shape() -> None:
    assert features(subject("Apples 12", "Red apples, apples: 3.50 and 1,250")) == {
        "apples": 3,
        "t:apples": 1,
        "#00": 1,
        "t:#00": 1,
        "red": 1,
        "#0.00": 1,
        "and": 1,
        "#0,00": 1,
    }


def test_the_summary_counts_where_there_is_no_content() -> None:
    assert set(features(subject("a", "b", "c"))) == {"a", "t:a", "b"}
    assert set(features(subject("a", "", "c"))) == {"a", "t:a", "c"}


def test_a_tag_is_given_above_its_threshold_with_score_and_words() -> None:
    ((name, reason),) = Learned(MODEL).tags(subject("Apples", "the 100"))
    assert name == "fruit"
    # Weights: apples 2, t:apples 3, #000 1.5, the 1; length √16.25. Score: (3·2 + 2·3 + 0.5·1.5) / √16.25 - 1.
    assert (reason.rule, reason.score, reason.threshold) == ("learned", 2.163, 0.25)
    assert reason.words == ("apples", "apples (title)", "numbers like 000")
    assert describe(reason) == ("learned by the words apples, apples (title), numbers like 000 (2.16, 0.25 is enough)")


def test_unknown_words_make_a_score_smaller() -> None:
    learned = Learned(MODEL)
    known, diluted = learned.scores(subject("", "apples")), learned.scores(subject("", "apples whatever else"))
    assert known[0] == pytest.approx(2.0)
    assert diluted[0] < known[0]
    assert not list(learned.tags(subject("", "apples and a great many other things that are no fruit")))


def test_a_text_without_a_word_for_a_tag_never_gets_it() -> None:
    easy = replace(MODEL, tags=(tag("fruit", -5.0), tag("river", -5.0)))
    assert [name for name, _ in Learned(easy).tags(subject("", "the danube"))] == ["river"]
    assert list(Learned(easy).tags(subject())) == []


def test_learned_tags_stand_beside_others_and_imply_what_is_above_them() -> None:
    rules = [TagRule(tag="fruit", rule=RuleRecord(kind="words", values=("apples",)))]
    (given,) = Tagger(rules=rules, categories={}, learned=Learned(MODEL)).tags(subject("Apples"))
    assert [reason.rule for reason in given.reasons] == ["words", "learned"]


def test_a_model_is_the_same_after_it_was_written_and_read() -> None:
    assert unpack(pack(MODEL)) == MODEL
    assert Learned(unpack(pack(MODEL))).digest == Learned(MODEL).digest
    assert Learned(replace(MODEL, tags=(tag("fruit", 0.5), tag("river", 0)))).digest != Learned(MODEL).digest


def packed(**changes: object) -> bytes:
    return pack(replace(MODEL, **changes))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no model"),
        (b"\x80\x04K\x01.", "no model"),
        (pack(MODEL).replace(b"model 1", b"model 2", 1), "version 2.*train it again"),
        (pack(MODEL)[:-1], "checksum"),
        (pack(MODEL)[:-1] + b"x", "checksum"),
        (packed(words={"a": IDF.pack(1.0) + b"x"}), "weights"),
        (packed(words={"a": b""}), "weights"),
        (packed(words={"a": word(inf)}), "weights"),
        (packed(words={"a": word(1.0, t0=inf)}), "weights"),
        (packed(words={"a": word(1.0, t2=1.0)}), "weights"),
        (packed(unknown=inf), "tags"),
        (packed(tags=(tag("x", inf),), words={}), "tags"),
    ],
    ids=range(12),
)
def test_what_is_no_model_is_refused_with_a_reason(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unpack(data)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="larger"):
        unpack(pack(MODEL) + bytes(MAX_BYTES))


def test_a_well_formed_file_of_another_shape_is_damaged() -> None:
    body = msgspec.msgpack.encode({"tags": [1], "unknown": 1.0, "words": {}})
    checksum = blake2b(body, digest_size=16).hexdigest().encode()
    with pytest.raises(ValueError, match="damaged"):
        unpack(b"feedhub model 1 " + checksum + b"\n" + body)
