"""A transfer of a few pictures, captions and sentence pairs, made by hand, for systems that are trained on one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cross2stra.configuration import STAGES, Fluency, Model, Profile, Rewards
from cross2stra.data.vocabulary import SPECIALS, Vocabulary
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.graph import GraphBuilder
from cross2stra.training.corpus import Pairs, PicturedCaptions, TransferData
from cross2stra.training.examples import encode_flat, encode_scene, word_ids
from cross2stra.training.loop import Plan

PIVOT = [*SPECIALS, "a", "dog", "cat", "on", "grass", "road", "sits"]
TARGET = [*SPECIALS, "一", "狗", "猫", "在", "草", "路", "坐", "上"]
SAID = {"dog": "狗", "cat": "猫", "grass": "草", "road": "路"}
SMALL = Model(d_model=16, heads=2, feed_forward=24, decoder_layers=1, dropout=0.0)


@pytest.fixture
def profile() -> Profile:
    return Profile.model_validate(
        {
            "profile": "hand",
            "transfers": {},
            "systems": [],
            "model": SMALL.model_dump(),
            "training": {"updates": dict.fromkeys(STAGES, 0), "batch": 4, "label_smoothing": 0.0},
            "compared": {
                "fluency": Fluency(pairs=100, width=16, updates=60).model_dump(),
                "rewards": Rewards(width=16, updates=60, share=0.5).model_dump(),
            },
            "decoding": {"max_tokens": 6},
        }
    )


@pytest.fixture
def data() -> TransferData:
    """Eight pictures: a dog or a cat on grass or a road, each twice, with a caption and a sentence pair of the same."""
    index, target = ({word: i for i, word in enumerate(words)} for words in (PIVOT, TARGET))
    pictures, words, tokens, graphs = [], [], [], []
    for animal, place in 2 * [(a, p) for a in ("dog", "cat") for p in ("grass", "road")]:
        builder = GraphBuilder()
        nodes = [builder.add_object(animal, (1, 1, 4, 4)), builder.add_object(place, (0, 3, 9, 9))]
        builder.add_relation(nodes[0], "on", nodes[1])
        pictures.append(encode_scene(builder.build((10, 10)), index, 0))
        words.append(word_ids(["一", SAID[animal], "在", SAID[place], "上"], target))
        tokens.append(f"a {animal} on grass" if place == "grass" else f"a {animal} sits on road")
        graphs.append(encode_scene(builder.build(), index, 0))
    trees = [encode_flat(sentence.split(), index) for sentence in tokens]
    return TransferData(
        Vocabulary(PIVOT, TARGET, list(range(5, len(PIVOT)))),
        0,
        pictures,
        PicturedCaptions(np.arange(8), [word_ids(s.split(), index) for s in tokens], graphs, tokens),
        Pairs(words, trees, trees, graphs, [None] * 8, tokens),
    )


@pytest.fixture
def shape() -> Shape:
    return Shape(
        model=SMALL,
        pivot_words=len(PIVOT),
        target_words=len(TARGET),
        feature_size=0,
        scene_graph=False,
        constituency=False,
        residual=False,
    )


@pytest.fixture
def captioner(shape: Shape) -> TargetCaptioner:
    torch.manual_seed(0)
    return TargetCaptioner(shape)


@pytest.fixture
def translator(shape: Shape) -> Cross2StrA:
    torch.manual_seed(1)
    return Cross2StrA(shape)


@pytest.fixture
def plan() -> Plan:
    return Plan("caption", 20, 0, 1)
