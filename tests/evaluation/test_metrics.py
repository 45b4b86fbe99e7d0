"""Metrics against pycocoevalcap, the METEOR jar, sacrebleu, and numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cross2stra.evaluation import chrf, meteor
from cross2stra.evaluation.meteor import Meteor
from cross2stra.evaluation.metrics import COLUMNS, METRICS, Segments, scores, statistics

REFERENCES = [
    ["a man is riding a horse on the beach", "someone rides horses near the sea"],
    ["two dogs play in the snow", "dogs playing on white snow"],
    ["a red bus is parked at the station", "the red bus waits"],
    ["a girl holds a small umbrella", "a child with an umbrella in the rain"],
]
CAPTIONS = ["a man rides a horse at the beach", "two dogs play in the snow", "", "a girl with a big hat"]


@pytest.fixture(scope="module")
def table(scorer: Meteor) -> np.ndarray:
    segments = Segments(tuple("abcd"), tuple(tuple(tuple(text.split()) for text in texts) for texts in REFERENCES))
    return statistics(segments, [text.split() for text in CAPTIONS], scorer, with_chrf=True)


def peers() -> dict[str, float]:
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    meant = dict(enumerate(REFERENCES))
    said = {key: [text] for key, text in enumerate(CAPTIONS)}
    found = {f"BLEU-{n}": 100 * value for n, value in enumerate(Bleu(4).compute_score(meant, said, verbose=0)[0], 1)}
    return found | {
        "ROUGE-L": 100 * Rouge().compute_score(meant, said)[0],
        "CIDEr-D": 100 * Cider().compute_score(meant, said)[0],
    }


def test_scores_are_those_of_pycocoevalcap(table: np.ndarray) -> None:
    found = scores(table)
    for metric, value in peers().items():
        assert found[metric][0] == pytest.approx(value, abs=1e-6), metric


def test_meteor_from_statistics_is_the_jars(scorer: Meteor) -> None:
    rows = [
        scorer.statistics(text.split(), [r.split() for r in refs])
        for text, refs in zip(CAPTIONS, REFERENCES, strict=True)
    ]
    for row in rows:
        assert meteor.score(row) == pytest.approx(100 * scorer.evaluate(row[None]), abs=1e-9)
    assert meteor.score(np.sum(rows, axis=0)) == pytest.approx(100 * scorer.evaluate(np.stack(rows)), abs=1e-9)


def test_meteor_by_hand(scorer: Meteor) -> None:
    """Two of three words found, two of four, in one chunk; none is a function word."""
    row = scorer.statistics(["horse", "table", "red"], [["horse", "table", "window", "white"]])
    mean = 1 / (0.15 / (2 / 3) + 0.85 / (2 / 4))
    assert meteor.score(row) == pytest.approx(100 * mean * (1 - 0.6 * (1 / 2) ** 0.2), abs=1e-9)
    assert meteor.score(scorer.statistics(["cat"], [["cat"]])) == pytest.approx(100)


def test_meteor_cuts_chinese_words_into_characters(scorer: Meteor) -> None:
    words = scorer.statistics(["桌子", "红"], [["桌子", "上面", "白"]])
    np.testing.assert_array_equal(words, scorer.statistics(list("桌子红"), [list("桌子上面白")]))


def test_empty_captions_get_a_placeholder_and_are_counted(scorer: Meteor) -> None:
    before = scorer.placeholders
    row = scorer.statistics([], [["a", "cat"]])
    assert scorer.placeholders == before + 1
    assert meteor.score(row) == 0
    assert row[0] == 1


def test_meteor_says_when_java_is_gone() -> None:
    with Meteor() as running:
        assert running._process is not None
        running._process.kill()
        running._process.wait()
        with pytest.raises(OSError, match="Java process ended"):
            running.statistics(["a"], [["a"]])


def test_bleu_of_sums_by_hand(table: np.ndarray) -> None:
    correct, guess = 7 + 6 + 0 + 4, 8 + 6 + 0 + 6
    length, closest = 20, 9 + 6 + 4 + 6
    assert scores(table)["BLEU-1"][0] == pytest.approx(100 * correct / guess * math.exp(1 - closest / length), abs=1e-6)


def test_weights_repeat_pictures(table: np.ndarray) -> None:
    weights = np.array([[2, 0, 0, 1], [1, 1, 1, 1]], dtype=float)
    found = scores(table, weights)
    repeated = scores(table[[0, 0, 3]])
    for metric in METRICS:
        assert found[metric].shape == (2,)
        assert found[metric][0] == pytest.approx(repeated[metric][0])
        assert found[metric][1] == pytest.approx(scores(table)[metric][0])


def test_statistics_have_a_name_each(table: np.ndarray) -> None:
    assert table.shape == (4, len(COLUMNS))
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert (table[:, COLUMNS.index("length")] == [8, 6, 0, 6]).all()
    assert (table[:, COLUMNS.index("mean_reference_length")] == [7.5, 5.5, 6.0, 7.0]).all()


def test_captions_must_match_pictures(scorer: Meteor) -> None:
    with pytest.raises(ValueError, match="expected 1 captions"):
        statistics(Segments(("a",), ((("x",),),)), [["x"], ["y"]], scorer)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("一只猫坐在桌子上", ["桌子上有一只猫", "一只白猫"]),
        ("a cat", ["a cat"]),
        ("狗", ["猫"]),
        ("一只猫", ["一只猫在睡觉的房间里"]),
    ],
)
def test_chrf_is_sacrebleus(said: str, meant: list[str]) -> None:
    from sacrebleu.metrics.chrf import CHRF

    assert chrf.score(chrf.statistics(said, meant)) == pytest.approx(
        CHRF().corpus_score([said], [[m] for m in meant]).score
    )


def test_chrf_of_a_corpus_is_sacrebleus() -> None:
    from sacrebleu.metrics.chrf import CHRF

    said, meant = (
        ["一只猫坐在桌子上", "两只狗", "一辆红色的车"],
        [["桌子上有一只猫", "两只狗在雪地里", "车"], ["一只白猫", "狗", "红车停着"]],
    )
    rows = [chrf.statistics(text, [one[i] for one in meant]) for i, text in enumerate(said)]
    assert chrf.score(np.sum(rows, axis=0)) == pytest.approx(CHRF().corpus_score(said, meant).score)
