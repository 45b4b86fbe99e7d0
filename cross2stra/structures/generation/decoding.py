"""Greedy decoding of the scene generator: cached keys and values, and a grammar that keeps sequences well formed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from cross2stra.structures.generation.sequences import ATTRIBUTE, OBJECT, RELATION

_KINDS = ("<eos>", OBJECT, RELATION, ATTRIBUTE, "n:", "b:", "a:", "o:", "p:")
START, DONE = "start", "done"
_AFTER_OBJECT = {OBJECT: "name", ATTRIBUTE: "attribute", RELATION: "subject", "<eos>": DONE}
_GRAMMAR: dict[str, dict[str, str]] = {
    START: {OBJECT: "name"},
    "name": {"n:": "left"},
    "left": {"b:": "top"},
    "top": {"b:": "right"},
    "right": {"b:": "bottom"},
    "bottom": {"b:": "described"},
    "described": _AFTER_OBJECT,
    "attribute": {"a:": "described"},
    "subject": {"o:": "predicate"},
    "predicate": {"p:": "object"},
    "object": {"o:": "related"},
    "related": {RELATION: "subject", "<eos>": DONE},
    DONE: {},
}
"""State -> kind of the next token -> state; the sequences of `write_sequence`, with at least one object."""


class Grammar:
    """Which tokens of a vocabulary may follow, for B sequences at once."""

    def __init__(self, tokens: Sequence[str], count: int) -> None:
        states = {name: i for i, name in enumerate(_GRAMMAR)}
        kinds = [token if token in _KINDS else token[:2] for token in tokens]
        self.next = torch.full((len(states), len(tokens)), -1)
        for state, followers in _GRAMMAR.items():
            for token, kind in enumerate(kinds):
                if kind in followers:
                    self.next[states[state], token] = states[followers[kind]]
        self.done_state = states[DONE]
        self.state = torch.full((count,), states[START])

    def forbidden(self) -> Tensor:
        """(B, V): True where a token may not follow; nothing is forbidden where a sequence is complete."""
        return (self.next[self.state] < 0) & (self.state != self.done_state)[:, None]

    def take(self, tokens: Tensor) -> None:
        """Go on by the chosen tokens (B,)."""
        self.state = torch.where(self.done, self.state, self.next[self.state, tokens])

    @property
    def done(self) -> Tensor:
        """(B,): whose sequence is complete."""
        return self.state == self.done_state


class CachedDecoder:
    """One position at a time through an nn.TransformerDecoder (norm first, batch first), for evaluation."""

    def __init__(self, decoder: nn.TransformerDecoder, memory: Tensor, memory_padding: Tensor) -> None:
        self.decoder = decoder
        self.mask = ~memory_padding[:, None, None]  # (B, 1, 1, S)
        self.memory = [self._project(layer.multihead_attn, memory, slice(1, 3)) for layer in decoder.layers]
        self.past: list[tuple[Tensor, Tensor] | None] = [None] * len(decoder.layers)

    @staticmethod
    def _project(attention: nn.MultiheadAttention, x: Tensor, parts: slice) -> list[Tensor]:
        """The chosen of queries, keys, values of (B, T, D), each (B, H, T, D / H)."""
        width, heads = attention.embed_dim, attention.num_heads
        weights = attention.in_proj_weight.view(3, width, width)[parts]
        biases = attention.in_proj_bias.view(3, width)[parts]
        return [
            functional.linear(x, weight, bias).unflatten(-1, (heads, -1)).transpose(1, 2)
            for weight, bias in zip(weights, biases, strict=True)
        ]

    def step(self, x: Tensor) -> Tensor:
        """Embedded tokens of one position (B, 1, D) -> the decoder's states (B, 1, D)."""
        for index, layer in enumerate(self.decoder.layers):
            query, key, value = self._project(layer.self_attn, layer.norm1(x), slice(0, 3))
            past = self.past[index]
            if past is not None:
                key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
            self.past[index] = key, value
            x = x + self._attend(layer.self_attn, query, key, value, None)
            (query,) = self._project(layer.multihead_attn, layer.norm2(x), slice(0, 1))
            key, value = self.memory[index]
            x = x + self._attend(layer.multihead_attn, query, key, value, self.mask)
            x = x + layer.linear2(layer.activation(layer.linear1(layer.norm3(x))))
        return x if self.decoder.norm is None else self.decoder.norm(x)

    @staticmethod
    def _attend(
        attention: nn.MultiheadAttention, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None
    ) -> Tensor:
        read = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return attention.out_proj(read.transpose(1, 2).flatten(2))
