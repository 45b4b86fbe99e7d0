"""The segmenter gives jieba's words, and its probabilities to the last bit."""

from __future__ import annotations

import jieba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cross2stra.data.segmenter import Segmenter

OTHERS = "abZ09.%+# -，。㐀鿕𠀀é\n"
"""Letters, digits and signs, and characters that jieba's dictionary lacks."""


@pytest.fixture(scope="module")
def jiebas() -> jieba.Tokenizer:
    jieba.setLogLevel("ERROR")
    made = jieba.Tokenizer()
    made.initialize()
    return made


@pytest.fixture(scope="module")
def ours() -> Segmenter:
    return Segmenter()


def test_words_of_the_dictionary_in_chance_order(jiebas: jieba.Tokenizer, ours: Segmenter) -> None:
    rng = np.random.default_rng(1)
    words = np.asarray(sorted(jiebas.FREQ))
    for _ in range(2000):
        sentence = "".join(rng.choice(words, rng.integers(1, 9)))
        assert list(ours.cut(sentence)) == list(jiebas.cut(sentence)), sentence


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(
    st.text(st.one_of(st.characters(min_codepoint=0x4E00, max_codepoint=0x5300), st.sampled_from(OTHERS)), max_size=30)
)
def test_any_text(jiebas: jieba.Tokenizer, ours: Segmenter, sentence: str) -> None:
    assert list(ours.cut(sentence)) == list(jiebas.cut(sentence))
    routes: list[dict[int, tuple[float, int]]] = [{}, {}]
    for one, route in zip((jiebas, ours), routes, strict=True):
        one.calc(sentence, one.get_DAG(sentence), route)
    assert routes[0] == routes[1]
