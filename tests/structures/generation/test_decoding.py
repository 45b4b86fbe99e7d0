"""Cached decoding against the whole decoder, and the grammar against what training writes."""

import torch
from torch import nn

from cross2stra.structures.generation.decoding import CachedDecoder, Grammar
from cross2stra.structures.generation.sequences import ATTRIBUTE, OBJECT, RELATION, graph_of

VOCABULARY = [
    "<pad>",
    "<bos>",
    "<eos>",
    "<unknown>",
    OBJECT,
    RELATION,
    ATTRIBUTE,
    "n:dog",
    "b:1",
    "b:9",
    "a:red",
    "o:0",
    "p:on",
]


def test_cached_states_are_those_of_the_whole_decoder() -> None:
    torch.manual_seed(0)
    layer = nn.TransformerDecoderLayer(16, 4, 32, 0.0, batch_first=True, norm_first=True)
    decoder = nn.TransformerDecoder(layer, 2, nn.LayerNorm(16)).eval()
    memory, words = torch.randn(3, 5, 16), torch.randn(3, 6, 16)
    padding = torch.tensor([[False] * 5, [False] * 3 + [True] * 2, [False] + [True] * 4])
    causal = torch.ones(6, 6, dtype=torch.bool).triu(1)
    with torch.no_grad():
        whole = decoder(words, memory, tgt_mask=causal, memory_key_padding_mask=padding)
        cached = CachedDecoder(decoder, memory, padding)
        steps = torch.cat([cached.step(words[:, t : t + 1]) for t in range(6)], 1)
    torch.testing.assert_close(steps, whole, rtol=1e-4, atol=1e-5)


def test_whatever_the_scores_the_sequence_is_a_graph() -> None:
    torch.manual_seed(1)
    grammar, rows = Grammar(VOCABULARY, 20), [[] for _ in range(20)]
    while not bool(grammar.done.all()):
        chosen = torch.rand(20, len(VOCABULARY)).masked_fill(grammar.forbidden(), -1).argmax(-1)
        for row, token, done in zip(rows, chosen.tolist(), grammar.done.tolist(), strict=True):
            if not done:
                row.append(VOCABULARY[token])
        grammar.take(chosen)
    for row in rows:
        assert row.pop() == "<eos>"
        graph = graph_of(row, None, (10, 10))
        assert graph.node_labels.count("dog") == row.count(OBJECT) > 0
        assert graph.node_labels.count("red") == row.count(ATTRIBUTE)
