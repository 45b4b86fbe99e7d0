"""Explicit attention weights are those that the fused kernels used; the residual is Eq. 4, computed by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from cross2stra.configuration import Model
from cross2stra.data.vocabulary import BOS
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.model.fusion import SceneResidual
from cross2stra.model.layers import Attention, Decoder
from cross2stra.structures.graph import GraphBuilder
from cross2stra.training.examples import collate_scenes, collate_trees, encode_scene, encode_tree

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def again(attention: Attention, weights: Tensor, value: Tensor) -> Tensor:
    """The output of an attention from its weights (B, heads, T, M)."""
    return attention.output((weights @ value).transpose(1, 2).flatten(2))


@pytest.mark.parametrize("masked", [False, True])
def test_weights_reproduce_the_fused_kernel(masked: bool) -> None:
    torch.manual_seed(0)
    attention, query, memory = Attention(24, 3), torch.randn(2, 5, 24), torch.randn(2, 7, 24)
    mask = torch.arange(7)[None] < torch.tensor([[7], [4]]) if masked else None
    mask = None if mask is None else mask[:, None, None]
    pair = attention.keys_values(memory)
    weights = attention.weights(query, pair, mask)
    assert weights.shape == (2, 3, 5, 7)
    torch.testing.assert_close(again(attention, weights, pair[1]), attention(query, pair, mask), **CLOSE)
    if masked:
        assert not weights[1, :, :, 4:].any()


def test_a_decoder_s_weights_are_those_of_its_own_forward_pass() -> None:
    torch.manual_seed(0)
    decoder = Decoder(2, 16, 2, 24, dropout=0.0).eval()
    x, memory = torch.randn(2, 4, 16), torch.randn(2, 3, 16)
    mask = torch.tensor([[True, True, True], [True, False, False]])
    calls: list[tuple[Attention, tuple, Tensor]] = []
    for layer in decoder.stack:
        layer.memory_attention.register_forward_hook(lambda own, given, made: calls.append((own, given, made)))
    decoder(x, memory, mask)
    used = list(calls)
    weights = decoder.memory_weights(x, memory, mask)
    assert weights.shape == (2, 2, 2, 4, 3)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 2, 4))
    for index, (attention, (_, pair, _), output) in enumerate(used):
        torch.testing.assert_close(again(attention, weights[:, index], pair[1]), output, **CLOSE)


@pytest.mark.parametrize("form", ["residual", "printed"])
@torch.no_grad()
def test_the_residual_is_the_equation(form: str) -> None:
    torch.manual_seed(0)
    residual = SceneResidual(4, True, form)  # type: ignore[arg-type]
    r, h = 3 * torch.randn(1, 3, 4), 3 * torch.randn(1, 3, 4)
    states = States(r, torch.ones(1, 3, dtype=torch.bool)), States(h, torch.ones(1, 3, dtype=torch.bool))
    asking, asked = (r[0], h[0]) if form == "residual" else (h[0], r[0])
    for place, (x, found) in enumerate(zip(asking, residual(*states).values[0], strict=True)):
        powers = [math.exp(float((residual.query.weight @ x) @ (residual.key.weight @ y)) / 2) for y in asked]
        shares = torch.tensor(powers) / sum(powers)
        torch.testing.assert_close(residual.weights(*states)[0, place], shares, **CLOSE)
        read = sum(share * (residual.value.weight @ y) for share, y in zip(shares, asked, strict=True))
        torch.testing.assert_close(found, residual.norm(x + 0.1 * residual.output.weight @ read), **CLOSE)


def test_the_residual_does_not_read_padding() -> None:
    torch.manual_seed(0)
    residual = SceneResidual(8, True, "residual")
    r = States(torch.randn(1, 4, 8), torch.ones(1, 4, dtype=torch.bool))
    h = torch.randn(1, 3, 8)
    padded = residual(r, States(h, torch.tensor([[True, True, False]]))).values
    torch.testing.assert_close(
        padded, residual(r, States(h[:, :2], torch.ones(1, 2, dtype=torch.bool))).values, **CLOSE
    )


def made(**switches: bool) -> Cross2StrA:
    torch.manual_seed(0)
    model = Model(d_model=16, heads=2, feed_forward=24)
    return Cross2StrA(Shape(model=model, pivot_words=9, target_words=9, feature_size=0, **switches)).eval()


def test_target_words_read_scene_nodes_through_the_tree() -> None:
    model, index = made(), {"dog": 5, "on": 6, "grass": 7}
    builder = GraphBuilder()
    builder.add_relation(builder.add_object("dog", (0, 0, 5, 5)), "on", builder.add_object("grass", (0, 5, 9, 9)))
    other = GraphBuilder()
    other.add_object("dog", (0, 0, 5, 5))
    scenes = [encode_scene(graph.build((9, 9)), index, 0) for graph in (builder, other)]
    h = model.scene(collate_scenes(scenes, visual=True))
    syntax = collate_trees([encode_tree("(S (NP (N dog)) (PP (P on) (NP (N grass) (N grass))))", index)] * 2)
    tokens = torch.tensor([[BOS, 5, 6]] * 2)
    weights = model.scene_weights(tokens, syntax, h)
    assert weights.shape == (2, 3, 3)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))
    torch.testing.assert_close(weights[1], torch.tensor([[1.0, 0, 0]] * 3))  # one node takes it all, padding nothing
    e = model.syntax(syntax, h)
    words = model.translator.memory_weights(tokens, e, model.target_embedding)
    r = model.sentence_encoder(syntax, model.embed_pivot(syntax.tokens))
    by_hand = torch.einsum("btn,bnm->btm", words, model.residual.weights(r, h))
    torch.testing.assert_close(weights, by_hand)


def test_without_residual_no_word_reads_the_scene() -> None:
    model = made(residual=False)
    h = States(torch.zeros(1, 1, 16), torch.ones(1, 1, dtype=torch.bool))
    syntax = collate_trees([encode_tree("(S (N dog) (N dog))", {"dog": 5})])
    with pytest.raises(ValueError, match="without residual"):
        model.scene_weights(torch.tensor([[BOS]]), syntax, h)
