from __future__ import annotations

import random

import pytest

from feedhub.model import Entry, Source, Text
from feedhub.stories.learned import Example, Learned, features, pack
from feedhub.stories.tags import Subject

training = pytest.importorskip("feedhub.stories.training", reason="scikit-learn is not installed (feedhub[learn])")

SOURCE = Source(id="desk", url="https://desk.example/feed")
WORDS = {
    "fruit": ("apple", "pear", "plum", "orchard", "harvest", "juice"),
    "river": ("flood", "water", "bank", "bridge", "boat", "delta"),
}
OTHERS = tuple(f"word{number}" for number in range(60))


def stories(count: int, *, noise: float = 0.0, seed: int = 1) -> list[tuple[Subject, frozenset[str]]]:
    """Return stories about one, both or none of the tags; of a share of ``noise`` the tags are wrong."""
    chance = random.Random(seed)  # noqa: S311 - the same stories each time
    made = []
    for _ in range(count):
        tags = frozenset(tag for tag in WORDS if chance.random() < 0.4)
        words = chance.sample(OTHERS, 20) + [chance.choice(WORDS[tag]) for tag in sorted(tags) for _ in range(5)]
        chance.shuffle(words)
        entry = Entry(title=Text(value=" ".join(words[:5])), content=Text(value=" ".join(words[5:])))
        said = frozenset(tag for tag in WORDS if (tag in tags) != (chance.random() < noise))
        made.append((Subject(entry, SOURCE), said))
    return made


def examples(told: list[tuple[Subject, frozenset[str]]]) -> list[Example]:
    return [Example(features=dict(features(subject)), tags=tags) for subject, tags in told]


def test_what_can_be_learned_is_learned_and_found_in_new_stories() -> None:
    done = training.train(examples(stories(300)))
    assert {each.name for each in done.judged if each.kept} == {"fruit", "river"}
    learned = Learned(done.model)
    new = stories(100, seed=2)
    wrong = sum({name for name, _ in learned.tags(subject)} != set(tags) for subject, tags in new)
    assert wrong <= 3


def test_the_same_stories_give_the_same_file() -> None:
    told = examples(stories(150))
    assert pack(training.train(told).model) == pack(training.train(told).model)


def test_applying_a_model_gives_the_scores_that_training_saw() -> None:
    told = stories(200)
    given = examples(told)
    done = training.train(given)
    words = training._vocabulary(given)  # noqa: SLF001 - what training computes is compared with the plain Python
    assert list(words) == sorted(done.model.words)
    rarities = [training._rarity(count, len(given)) for count in words.values()]  # noqa: SLF001
    vectors = training._vectors(given, list(words), rarities, done.model.unknown)  # noqa: SLF001
    learned = Learned(done.model)
    for number, tag in enumerate(done.model.tags):
        wanted = [tag.name in each.tags for each in given]
        expected = training._Fitted(vectors, training.np.array(wanted)).scores(vectors)  # noqa: SLF001
        scores = [learned.scores(subject)[number] for subject, _ in told]
        assert scores == pytest.approx(list(expected), abs=1e-4)


def test_a_tag_that_cannot_be_told_precisely_is_left_out() -> None:
    chance = random.Random(3)  # noqa: S311
    told = examples(stories(200))
    shuffled = [
        Example(features=each.features, tags=each.tags | ({"chance"} if chance.random() < 0.3 else set()))
        for each in told
    ]
    done = training.train(shuffled, precision=0.9)
    judged = {each.name: each for each in done.judged}
    assert not judged["chance"].kept
    assert judged["chance"].precision < 0.9
    assert {tag.name for tag in done.model.tags} == {"fruit", "river"}


def test_more_precision_costs_recall() -> None:
    told = examples(stories(400, noise=0.15))
    loose, strict = (training.train(told, precision=precision).judged for precision in (0.5, 0.85))
    for before, after in zip(loose, strict, strict=True):
        assert after.name == before.name
        assert not after.kept or (after.precision >= 0.85 and after.recall <= before.recall)


def test_rare_tags_and_those_of_every_story_are_not_tried() -> None:
    told = examples(stories(100))
    more = [
        Example(features=each.features, tags=each.tags | {"every"} | ({"rare"} if place < 4 else set()))
        for place, each in enumerate(told)
    ]
    assert {each.name for each in training.train(more).judged} == {"fruit", "river"}


@pytest.mark.parametrize("told", [[], examples(stories(4)), [Example(features={}, tags=frozenset())] * 30])
def test_where_there_is_nothing_to_learn_it_says_so(told: list[Example]) -> None:
    with pytest.raises(ValueError, match="no tag has 5 stories"):
        training.train(told)


def test_examples_of_a_tag_in_one_fold_only_do_not_stop_training() -> None:
    told = examples(stories(200))
    lopsided = [
        Example(features=each.features, tags=each.tags | ({"fifth"} if place % 5 == 0 else set()))
        for place, each in enumerate(told)
    ]
    assert "fifth" in {each.name for each in training.train(lopsided).judged}
