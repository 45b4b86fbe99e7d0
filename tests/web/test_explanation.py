"""What words read: rows that sum to 1 for every system, at the words that were said."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from cross2stra.data.vocabulary import Vocabulary
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.structures.graph import GraphBuilder
from cross2stra.systems.explanation import _prefix, shares
from cross2stra.systems.photos import PhotoCaptioner
from cross2stra.training.examples import collate_trees, encode_scene
from cross2stra.web.answer import answer

GREY, BLACK = Image.new("RGB", (80, 40), "grey"), Image.new("RGB", (80, 40), "black")


def test_a_node_is_shown_on_the_regions_it_is_about() -> None:
    builder = GraphBuilder()
    dog, grass = builder.add_object("dog"), builder.add_object("grass")
    builder.add_attribute(dog, "red")
    builder.add_relation(dog, "on", grass)
    builder.add_relation(grass, "grows", None)
    table = shares(builder.build())
    assert table.tolist() == [[1, 0], [0, 1], [1, 0], [0.5, 0.5], [0, 1]]


@pytest.mark.parametrize(
    "switches",
    [{}, {"scene_graph": False}, {"constituency": False}, {"residual": False}, {"early": True}, {"target": True}],
    ids=lambda switches: next(iter(switches), "whole"),
)
def test_rows_sum_to_one_over_nodes_and_over_regions(
    bundled: Callable[..., PhotoCaptioner], switches: dict[str, bool]
) -> None:
    captioner = bundled(**switches)
    made = captioner.explain(GREY)
    said = json.loads(json.dumps(answer(made, GREY, captioner.card)))
    assert said["target"]["words"]
    assert said["target"]["text"] == captioner.caption([GREY])[0].target == "".join(said["target"]["words"])
    assert (said["target"]["attention"] is None) == ("residual" in switches)
    assert (said["pivot"] is None) == ("early" in switches)
    assert (said["target"]["tree"] is None) == ("target" not in switches)
    for side in ("target", "pivot"):
        read = (said[side] or {}).get("attention")
        if read:
            for name, width in (("nodes", 4), ("regions", 2)):
                table = np.asarray(read[name])
                assert table.shape == (len(said[side]["words"]), width)
                assert (table >= 0).all()
                np.testing.assert_allclose(table.sum(1), 1, atol=1e-5)
    if "scene_graph" in switches:  # attribute and relation are not seen
        assert not np.asarray(said["target"]["attention"]["nodes"])[:, 2:].any()


def test_row_t_is_of_the_position_that_said_word_t(bundled: Callable[..., PhotoCaptioner]) -> None:
    own = bundled().captioner
    own.decoding = own.decoding.model_copy(update={"beam": 1})
    graph = bundled().reader.graphs([GREY])[0]
    (said,) = own.caption([graph])
    assert isinstance(own.model, Cross2StrA)
    assert said.pivot is not None
    h = own.states([encode_scene(graph, own.index, 0)])
    prefix = _prefix(said.target, own.vocabulary.target)
    with torch.no_grad():
        e = own.model.syntax(collate_trees(own.trees([said.pivot])), h)
        best = own.model.translate(prefix, e)[0]
    best[:, own.model.translator.output_index[3]] = -torch.inf  # <unk> is never said
    best[0, own.model.translator.output_index[2]] = -torch.inf  # nor <eos> first
    words = own.model.translator.output_words[best.argmax(-1)]
    assert [own.vocabulary.target[i] for i in words.tolist()] == said.target


def test_a_sentence_without_a_word_has_no_row() -> None:
    vocabulary = Vocabulary(["<pad>"], ["<pad>"], [])
    assert _prefix([], vocabulary.target).shape == (1, 0)


def test_nothing_seen_is_said_so(captioner: PhotoCaptioner) -> None:
    said = answer(captioner.explain(BLACK), BLACK, captioner.card)
    assert said["empty"]
    assert [region["box"] for region in said["regions"]] == [[0, 0, 1, 1]]
    assert said["target"]["attention"]["regions"][0] == [1]


def test_the_answer_has_boxes_graph_and_trees(captioner: PhotoCaptioner) -> None:
    said = answer(captioner.explain(GREY), GREY, captioner.card)
    assert not said["empty"]
    assert [region["label"] for region in said["regions"]] == ["dog", "<b>& grass"]
    assert said["regions"][0]["box"] == [0.25, 0.25, 0.25, 0.5]
    assert said["attributes"] == [(0, 2)]
    assert said["relations"] == [(0, 3, 1)]
    assert said["photo"]["preview"].startswith("data:image/jpeg;base64,/9j/")

    def leaves(node: dict) -> list[str]:
        return [node["word"]] if "word" in node else [word for child in node["children"] for word in leaves(child)]

    for side in ("pivot", "target"):
        assert leaves(said[side]["tree"]) == said[side]["words"]
        assert said[side]["no_tree"] is None
