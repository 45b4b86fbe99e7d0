"""Greedy, beam and sampled decoding with cached keys and values; a batch of memories at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cross2stra.data.vocabulary import BOS, EOS, UNK
from cross2stra.model.batch import WHOLE, Share, States
from cross2stra.model.cross2stra import WordDecoder
from cross2stra.model.layers import Cache

NEVER = -1e9


@dataclass
class Sample:
    """Sampled sentences: `tokens` (B, T) word ids with <eos> and padding, `noise` (B, T, V) the Gumbel noise used."""

    tokens: Tensor
    noise: Tensor


def _log_probabilities(decoder: WordDecoder, embedding: nn.Embedding, tokens: Tensor, cache: Cache) -> Tensor:
    """Of what follows the last words (B, P) of each memory's prefixes: (B, P, V)."""
    first = cache.length == 0
    states = decoder.decoder.step(decoder.embed(tokens, embedding), cache)
    scores = decoder.project(states, embedding).log_softmax(-1)
    scores[..., decoder.output_index[UNK]] = NEVER
    if first:
        scores[..., decoder.output_index[EOS]] = NEVER
    return scores


def as_drawn(scores: Tensor, decoder: WordDecoder) -> Tensor:
    """Scores (B, T, V) of whole sentences without what is never said: <unk>, and <eos> as the first word."""
    banned = torch.zeros_like(scores)
    banned[..., decoder.output_index[UNK]] = NEVER
    banned[:, 0, decoder.output_index[EOS]] = NEVER
    return scores + banned


@torch.no_grad()
def greedy(decoder: WordDecoder, embedding: nn.Embedding, memory: States, max_tokens: int) -> list[list[int]]:
    """The most probable word at each step: a list of word ids for each of the B memories, <eos> left out."""
    cache = decoder.decoder.start(memory.values, memory.mask, max_tokens)
    size = len(memory.values)
    tokens = torch.full((size,), BOS, device=memory.values.device)
    done = torch.zeros(size, dtype=torch.bool, device=tokens.device)
    said = []
    for _ in range(max_tokens):
        scores = _log_probabilities(decoder, embedding, tokens[:, None], cache)[:, 0]
        tokens = decoder.output_words[scores.argmax(-1)].masked_fill(done, EOS)
        said.append(tokens)
        done = done | (tokens == EOS)
        if bool(done.all()):
            break
    return [_until_end(row) for row in torch.stack(said, 1).tolist()]


@torch.no_grad()
def beam_search(
    decoder: WordDecoder,
    embedding: nn.Embedding,
    memory: States,
    max_tokens: int,
    beam: int,
    length_penalty: float = 1.0,
) -> list[list[int]]:
    """Beam search; a hypothesis' score is its log probability divided by length ** length_penalty, <eos> counted.

    A memory is done when it has `beam` finished hypotheses. Those cut at `max_tokens` count only where none
    has finished.
    """
    if beam == 1:
        return greedy(decoder, embedding, memory, max_tokens)
    size, device = len(memory.values), memory.values.device
    cache = decoder.decoder.start(memory.values, memory.mask, max_tokens, beam)
    tokens = torch.full((size, beam), BOS, device=device)
    totals = torch.full((size, beam), NEVER, device=device)
    totals[:, 0] = 0.0
    said = torch.zeros(size, beam, 0, dtype=torch.long, device=device)
    finished: list[list[tuple[float, list[int]]]] = [[] for _ in range(size)]
    going = list(range(size))  # memories that are not done
    end = int(decoder.output_index[EOS])
    for step in range(max_tokens):
        scores = _log_probabilities(decoder, embedding, tokens, cache)
        words = scores.shape[-1]
        best, index = (totals[..., None] + scores).flatten(1).topk(2 * beam)  # enough to go on if beam of them end
        source, word = index // words, index % words
        ends = word == end
        for row, column in torch.nonzero(ends[:, :beam] & (best[:, :beam] > NEVER / 2)).tolist():
            done = finished[going[row]]
            if len(done) < beam:
                prefix = said[row, source[row, column]].tolist()
                done.append((best[row, column].item() / (step + 1) ** length_penalty, prefix))
        kept = [row for row, memory_row in enumerate(going) if len(finished[memory_row]) < beam]
        if not kept:
            break
        some = torch.tensor(kept, device=device)
        keep = best.masked_fill(ends, 2 * NEVER)[some].topk(beam)
        totals, source = keep.values, source[some].gather(1, keep.indices)
        tokens = decoder.output_words[word[some].gather(1, keep.indices)]
        said = torch.cat([said[some].gather(1, source[..., None].expand(-1, -1, step)), tokens[..., None]], 2)
        if len(kept) < len(going):
            cache.keep(some)
            going = [going[row] for row in kept]
        cache.select(source)
    for row, memory_row in enumerate(going):
        if not finished[memory_row]:
            finished[memory_row] = [
                (totals[row, b].item() / said.shape[-1] ** length_penalty, said[row, b].tolist()) for b in range(beam)
            ]
    return [max(row, key=lambda item: item[0])[1] for row in finished]


@torch.no_grad()
def sample(
    decoder: WordDecoder,
    embedding: nn.Embedding,
    memory: States,
    max_tokens: int,
    generator: torch.Generator,
    share: Share = WHOLE,
) -> Sample:
    """Draw sentences word by word by Gumbel noise, and keep the noise, so that a relaxation can use the same draw.

    `share`: which rows of a batch the memories are; noise is drawn for all of it. `generator` is the CPU's.
    """
    cache = decoder.decoder.start(memory.values, memory.mask, max_tokens)
    size = len(memory.values)
    tokens = torch.full((size,), BOS, device=memory.values.device)
    done = torch.zeros(size, dtype=torch.bool, device=tokens.device)
    said, noises = [], []
    for _ in range(max_tokens):
        scores = _log_probabilities(decoder, embedding, tokens[:, None], cache)[:, 0]
        drawn = torch.rand((size * share.of, scores.shape[1]), generator=generator, device="cpu")
        noise = -torch.log(-torch.log(share.rows(drawn).to(scores.device).clamp(1e-9, 1 - 1e-7)))
        tokens = decoder.output_words[(scores + noise).argmax(-1)].masked_fill(done, 0)
        said.append(tokens)
        noises.append(noise)
        done = done | (tokens == EOS)
        if bool(done.all()):
            break
    return Sample(torch.stack(said, 1), torch.stack(noises, 1))


def _until_end(tokens: list[int]) -> list[int]:
    return tokens[: tokens.index(EOS)] if EOS in tokens else tokens
