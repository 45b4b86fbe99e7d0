"""Training data of the paper's sizes, drawn by seed: what an update costs does not depend on what the words are."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from inputs import bracketed, sentences, vocabulary
from transformers import T5Config, T5ForConditionalGeneration

from cross2stra.configuration import Profile
from cross2stra.data.vocabulary import SPECIALS, Vocabulary
from cross2stra.model.cross2stra import Cross2StrA, Shape, made_on_cpu
from cross2stra.structures.graph import GraphBuilder
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.corpus import Pairs, PicturedCaptions, TransferData
from cross2stra.training.examples import Scene, Syntax, encode_scene, encode_tree, word_ids

REGIONS, RELATIONS = 36, 24
"""Of a picture: the paper's features (A.1), and Table 5's lengths."""
LENGTHS = (6, 18)
"""Words of a sentence, shortest and longest."""


def corpus(
    profile: Profile,
    rows: int,
    features: int,
    regions: int = REGIONS,
    seed: int = 1,
    lengths: tuple[int, int] = LENGTHS,
) -> TransferData:
    """So many pictures with a caption each, and sentence pairs, over vocabularies of `text.max_words` words."""
    rng = np.random.default_rng(seed)
    distinct = profile.text.max_words - len(SPECIALS)
    index = vocabulary(distinct)
    words = list(index)
    listed = [*SPECIALS, *words]

    def trees(said: Sequence[list[str]]) -> list[Syntax]:
        return [encode_tree(bracketed(sentence, rng), index) for sentence in said]

    def pictures() -> list[Scene]:
        return [_picture(words, index, regions, features, rng) for _ in range(rows)]

    captions, pivots, targets = (sentences(rows, seed + part, *lengths, distinct) for part in range(3))
    return TransferData(
        Vocabulary(listed, listed, list(range(len(SPECIALS), len(listed)))),
        features,
        pictures(),
        PicturedCaptions(
            np.arange(rows),
            [word_ids(sentence, index) for sentence in captions],
            [_sentence(sentence, index) for sentence in captions],
            [" ".join(sentence) for sentence in captions],
        ),
        Pairs(
            [word_ids(sentence, index) for sentence in targets],
            trees(pivots),
            trees(targets),
            [_sentence(sentence, index) for sentence in pivots],
            pictures(),
            [" ".join(sentence) for sentence in pivots],
        ),
    )


def model_of(settings: Profile, data: TransferData) -> Cross2StrA:
    """The captioner with random weights, the same on every device."""
    torch.manual_seed(1)
    words = len(data.vocabulary.pivot)
    shape = Shape(model=settings.model, pivot_words=words, target_words=words, feature_size=data.feature_size)
    return made_on_cpu(lambda: Cross2StrA(shape))


def _picture(words: list[str], index: dict[str, int], regions: int, features: int, rng: np.random.Generator) -> Scene:
    builder = GraphBuilder()
    corners = rng.integers(0, 300, (regions, 2))
    nodes = [builder.add_object(words[rng.integers(len(words))], (x, y, x + 99, y + 99)) for x, y in corners.tolist()]
    for first, second in list(pairwise(nodes))[: RELATIONS * regions // REGIONS]:
        builder.add_relation(first, words[rng.integers(len(words))], second)
    numbers = rng.standard_normal((len(builder.kinds), features)).astype(np.float16)
    return encode_scene(builder.build((400, 400), numbers), index, features)


def _sentence(sentence: list[str], index: dict[str, int]) -> Scene:
    """A graph of a sentence's own words: half of them objects, each in relation to the next."""
    builder = GraphBuilder()
    nodes = [builder.add_object(word) for word in sentence[::2]]
    for (first, second), word in zip(pairwise(nodes), sentence[1::2], strict=False):
        builder.add_relation(first, word, second)
    return encode_scene(builder.build(), index, 0)


def back_translator(data: TransferData, small: bool) -> BackTranslator:
    """M of the size of mT5-base with random weights, and pieces of the drawn words; `small`: a tiny one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pieces.model"
        with path.open("wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(data.captions.tokens), model_writer=file, vocab_size=500,
                hard_vocab_limit=False, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2,
            )  # fmt: skip
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
    sizes = (
        {"vocab_size": 600, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 1, "num_heads": 4}
        if small
        else {"vocab_size": 250_112, "d_model": 768, "d_kv": 64, "d_ff": 2048, "num_layers": 12, "num_heads": 12}
    )
    config = T5Config(feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, **sizes)
    return BackTranslator(made_on_cpu(lambda: T5ForConditionalGeneration(config)), pieces)
