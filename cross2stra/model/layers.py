"""Transformer blocks with cached keys and values (Vaswani et al. 2017; layer norm first)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

KeysValues = tuple[Tensor, Tensor]
"""Keys and values of an attention, each (B, heads, M, D / heads)."""


def sinusoids(length: int, width: int) -> Tensor:
    """Position encodings (length, width) of Vaswani et al. 2017, section 3.5."""
    position = torch.arange(length)[:, None]
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    table = torch.zeros(length, width)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)[:, : width // 2]
    return table


class Attention(nn.Module):
    """Multi-head attention; query (B, T, D), memory (B, M, D), mask broadcastable to (B, 1, T, M), True may be read."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"model.d_model {width} is not a multiple of model.heads {heads}; change one of them")
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    def keys_values(self, memory: Tensor) -> KeysValues:
        """Projected keys and values, each (B, heads, M, D / heads)."""
        key, value = self.key_value(memory).chunk(2, dim=-1)
        return self._split(key), self._split(value)

    def forward(self, query: Tensor, keys_values: KeysValues, mask: Tensor | None) -> Tensor:
        """Attend from `query` to keys and values that `keys_values` made; -> (B, T, D)."""
        # No dropout on the weights: with it torch leaves its fused kernel, which costs a tenth of a training step.
        attended = functional.scaled_dot_product_attention(self._split(self.query(query)), *keys_values, attn_mask=mask)
        return self.output(attended.transpose(1, 2).flatten(2))

    def weights(self, query: Tensor, keys_values: KeysValues, mask: Tensor | None) -> Tensor:
        """The weights that `forward` gives the values, which its fused kernel never shows: (B, heads, T, M), rows sum to 1."""
        key = keys_values[0]
        scores = self._split(self.query(query)) @ key.transpose(2, 3) / math.sqrt(key.shape[-1])
        return (scores if mask is None else scores.masked_fill(~mask, float("-inf"))).softmax(-1)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class FeedForward(nn.Sequential):
    """Position-wise feed-forward layer, (…, D) -> (…, D)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, (B, T, D) -> (B, T, D)."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.feed_forward = FeedForward(width, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask`: (B, T), True at real positions."""
        normed = self.norms[0](x)
        x = x + self.dropout(self.attention(normed, self.attention.keys_values(normed), mask[:, None, None]))
        return x + self.dropout(self.feed_forward(self.norms[1](x)))


class Recomputing(nn.Module):
    """A stack whose layers may compute what they keep for the backward pass a second time, in place of keeping it."""

    recompute = False

    def through(self, layer: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
        """The layer's output; numbers are the same either way, dropout's included."""
        if self.recompute and torch.is_grad_enabled():
            return checkpoint(layer, *inputs, use_reentrant=False)
        return layer(*inputs)


class Encoder(Recomputing):
    """Transformer encoder, (B, T, D) -> (B, T, D); `positions`: add position encodings to the input."""

    def __init__(self, layers: int, width: int, heads: int, hidden: int, dropout: float, positions: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(width, heads, hidden, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.positions = positions

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask`: (B, T), True at real positions."""
        if self.positions:
            x = x + sinusoids(x.shape[1], x.shape[2]).to(x)
        for layer in self.layers:
            x = self.through(layer, x, mask)
        return self.norm(x)


@dataclass
class Cache:
    """Keys and values of one decoder: those of the memories once, and those of their prefixes, P a memory, step by step.

    `prefix`: of each layer (B, heads, steps * P, D / heads), filled as far as `length` steps. `reads`: (B, P, steps * P),
    which of them each prefix is made of: where beams are reordered, it is, and no keys and values move.
    """

    memory: list[KeysValues]
    memory_mask: Tensor
    positions: Tensor
    prefix: list[KeysValues]
    reads: Tensor
    length: int = 0

    def select(self, source: Tensor) -> None:
        """Prefix p of memory b goes on from its prefix `source[b, p]`, (B, P)."""
        self.reads = self.reads.gather(1, source[..., None].expand_as(self.reads))

    def keep(self, memories: Tensor) -> None:
        """Go on with these memories alone."""
        self.memory = [(key[memories], value[memories]) for key, value in self.memory]
        self.prefix = [(key[memories], value[memories]) for key, value in self.prefix]
        self.memory_mask, self.reads = self.memory_mask[memories], self.reads[memories]


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the memory, feed-forward."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.self_attention = Attention(width, heads)
        self.memory_attention = Attention(width, heads)
        self.feed_forward = FeedForward(width, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def prefix(self, x: Tensor) -> KeysValues:
        """Keys and values of self-attention, of x (B, T, D)."""
        return self.self_attention.keys_values(self.norms[0](x))

    def with_prefix(self, x: Tensor, own: KeysValues, own_mask: Tensor | None) -> Tensor:
        """x after self-attention, (B, T, D) -> (B, T, D): what asks the memory, once it is normed."""
        return x + self.dropout(self.self_attention(self.norms[0](x), own, own_mask))

    def whole(self, x: Tensor, causal: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """All positions at once: x (B, T, D), `causal` (T, T), memory (B, M, D) and its mask (B, M) -> (B, T, D)."""
        return self(x, self.prefix(x), causal, self.memory_attention.keys_values(memory), mask)

    def forward(self, x: Tensor, own: KeysValues, own_mask: Tensor | None, memory: KeysValues, mask: Tensor) -> Tensor:
        """`own`: keys and values of the prefix; `mask`: (B, M) of the memory; x (B, T, D) -> (B, T, D)."""
        x = self.with_prefix(x, own, own_mask)
        x = x + self.dropout(self.memory_attention(self.norms[1](x), memory, mask[:, None, None]))
        return x + self.dropout(self.feed_forward(self.norms[2](x)))


class Decoder(Recomputing):
    """Transformer decoder without embeddings: input (B, T, D) and memory (B, M, D) -> (B, T, D)."""

    def __init__(self, layers: int, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.stack = [DecoderLayer(width, heads, hidden, dropout) for _ in range(layers)]
        self.layers = nn.ModuleList(self.stack)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, memory: Tensor, memory_mask: Tensor) -> Tensor:
        """All positions at once; position t reads positions <= t."""
        length = x.shape[1]
        x = x + sinusoids(length, x.shape[2]).to(x)
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        for layer in self.stack:
            x = self.through(layer.whole, x, causal, memory, memory_mask)
        return self.norm(x)

    def memory_weights(self, x: Tensor, memory: Tensor, memory_mask: Tensor) -> Tensor:
        """How much each position reads of each memory row, input as for `forward`: (B, layers, heads, T, M), rows sum to 1.

        Each layer's self-attention is computed twice, so this is for looking at few sentences.
        """
        length = x.shape[1]
        x = x + sinusoids(length, x.shape[2]).to(x)
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        weights = []
        for layer in self.stack:
            own, read = layer.prefix(x), layer.memory_attention.keys_values(memory)
            asking = layer.norms[1](layer.with_prefix(x, own, causal))
            weights.append(layer.memory_attention.weights(asking, read, memory_mask[:, None, None]))
            x = layer(x, own, causal, read, memory_mask)
        return torch.stack(weights, 1)

    def start(self, memory: Tensor, memory_mask: Tensor, steps: int, prefixes: int = 1) -> Cache:
        """A cache for at most so many steps from every memory row, with one prefix or several side by side."""
        read = [layer.memory_attention.keys_values(memory) for layer in self.stack]
        positions = steps * prefixes
        size, heads, _, width = read[0][0].shape
        room = (size, heads, positions, width)
        return Cache(
            read,
            memory_mask,
            sinusoids(steps, memory.shape[-1]).to(memory),
            [(key.new_empty(room), key.new_empty(room)) for key, _ in read],
            memory_mask.new_zeros(size, prefixes, positions),
        )

    def step(self, x: Tensor, cache: Cache) -> Tensor:
        """One position of each prefix, x (B, P, D) -> (B, P, D); the cache grows by it."""
        prefixes = x.shape[1]
        begin, end = cache.length * prefixes, (cache.length + 1) * prefixes
        cache.reads[:, :, begin:end] = torch.eye(prefixes, dtype=torch.bool, device=x.device)
        mask = cache.reads[:, None, :, :end] if prefixes > 1 else None
        x = x + cache.positions[cache.length]
        for layer, (keys, values), memory in zip(self.stack, cache.prefix, cache.memory, strict=True):
            keys[:, :, begin:end], values[:, :, begin:end] = layer.prefix(x)
            x = layer(x, (keys[:, :, :end], values[:, :, :end]), mask, memory, cache.memory_mask)
        cache.length += 1
        return self.norm(x)
