"""The references counted once give what pycocoevalcap counts each time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocoevalcap.bleu.bleu_scorer import BleuScorer
from pycocoevalcap.cider.cider_scorer import CiderScorer
from pycocoevalcap.rouge.rouge import Rouge

from cross2stra.evaluation.counted import References

Words = list[str]


def by_pycocoevalcap(references: list[list[Words]], captions: list[Words]) -> list[np.ndarray]:
    """BLEU's counts, ROUGE-L and CIDEr-D of each picture."""
    bleu, cider, rouge = BleuScorer(n=4), CiderScorer(n=4, sigma=6.0), []
    for said, meant in zip(captions, references, strict=True):
        texts = [" ".join(words) for words in meant]
        bleu += (" ".join(said), texts)
        cider += (" ".join(said), texts)
        rouge.append(Rouge().calc_score([" ".join(said)], texts))
    counts = [
        [*one["correct"], *one["guess"], one["testlen"], min((abs(n - one["testlen"]), n) for n in one["reflen"])[1]]
        for one in bleu.ctest
    ]
    return [np.array(counts, dtype=float), np.array(rouge), cider.compute_score()[1]]


def sentences(fewest: int, words: str = "abcde") -> st.SearchStrategy[Words]:
    return st.lists(st.sampled_from(words), min_size=fewest, max_size=7)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.lists(sentences(1), min_size=1, max_size=4), sentences(0, "abcdexyz")), min_size=1, max_size=8
    )
)
def test_equal_to_pycocoevalcap(pictures: list[tuple[list[Words], Words]]) -> None:
    references, captions = [meant for meant, _ in pictures], [said for _, said in pictures]
    counted = References(references)
    for _ in range(2):  # what a system says leaves no trace
        for own, other in zip(counted.measured(captions), by_pycocoevalcap(references, captions), strict=True):
            np.testing.assert_allclose(own, other, rtol=0, atol=1e-9)


def test_long_sentences_and_many_pictures() -> None:
    rng = np.random.default_rng(1)

    def drawn(longest: int) -> Words:
        return [f"w{word}" for word in rng.zipf(1.5, rng.integers(1, longest))]

    references = [[drawn(30) for _ in range(rng.integers(1, 6))] for _ in range(300)]
    references[7] = [drawn(200)]
    captions = [drawn(30) for _ in references]
    for own, other in zip(
        References(references).measured(captions), by_pycocoevalcap(references, captions), strict=True
    ):
        np.testing.assert_allclose(own, other, rtol=0, atol=1e-9)


def test_no_pictures() -> None:
    assert [len(table) for table in References([]).measured([])] == [0, 0, 0]


def test_by_hand() -> None:
    """One word of two is right, with two references of other lengths."""
    bleu, rouge, cider = References([[["a", "b", "c"], ["a"]], [["d"]]]).measured([["a", "x"], ["d"]])
    assert bleu[0].tolist() == [1, 0, 0, 0, 2, 1, 0, 0, 2, 1]
    assert rouge[0] == pytest.approx((1 + 1.2**2) * 0.5 * 1 / (1 + 1.2**2 * 0.5))
    assert cider[1] == pytest.approx(10 / 4)  # the same, in 1-grams alone
