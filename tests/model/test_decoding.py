"""Decoding with cached keys and values against the decoder run anew, and beam search against exhaustive search."""

import itertools

import pytest
import torch

from cross2stra.configuration import Model
from cross2stra.data.vocabulary import BOS, EOS, PAD, UNK
from cross2stra.model.batch import Share, States
from cross2stra.model.cross2stra import WordDecoder
from cross2stra.model.decoding import beam_search, greedy, sample

SMALL = Model(d_model=8, heads=2, feed_forward=16, dropout=0.0)


@pytest.fixture
def parts() -> tuple[WordDecoder, torch.nn.Embedding, States]:
    torch.manual_seed(5)
    decoder = WordDecoder(SMALL, 8).eval()
    embedding = torch.nn.Embedding(8, 8)
    mask = torch.tensor([[True, True, False], [True, True, True]])
    return decoder, embedding, States(torch.randn(2, 3, 8), mask)


def log_probability(parts, row: int, words: list[int]) -> torch.Tensor:
    """Log probabilities of the words of one sentence, by the uncached decoder, <unk> and an empty sentence barred."""
    decoder, embedding, memory = parts
    one = States(memory.values[row : row + 1], memory.mask[row : row + 1])
    scores = decoder(torch.tensor([[BOS, *words[:-1]]]), one, embedding)[0].log_softmax(-1)
    return scores[torch.arange(len(words)), decoder.output_index[torch.tensor(words)]]


def test_cached_steps_equal_the_whole_decoder(parts) -> None:
    decoder, embedding, memory = parts
    tokens = torch.tensor([[BOS, 5, 6, 7], [BOS, 7, 5, 5]])
    whole = decoder(tokens, memory, embedding)
    cache = decoder.decoder.start(memory.values, memory.mask, 4)
    for step in range(4):
        states = decoder.decoder.step(decoder.embed(tokens[:, step : step + 1], embedding), cache)
        torch.testing.assert_close(decoder.project(states, embedding)[:, 0], whole[:, step], rtol=1e-5, atol=1e-5)


def test_greedy_takes_the_best_word_each_time(parts) -> None:
    decoder, embedding, memory = parts
    for row, words in enumerate(greedy(decoder, embedding, memory, 4)):
        prefix: list[int] = []
        for word in words:
            options = {w: float(log_probability(parts, row, [*prefix, w])[-1]) for w in (EOS, 5, 6, 7)}
            if not prefix:
                del options[EOS]
            assert word == max(options, key=options.__getitem__)
            prefix.append(word)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_beam_as_wide_as_the_tree_is_exhaustive_search(parts, penalty: float) -> None:
    decoder, embedding, memory = parts
    found = beam_search(decoder, embedding, memory, 3, beam=60, length_penalty=penalty)
    for row in range(2):
        scored = {}
        for length in (1, 2):
            for words in itertools.product((5, 6, 7), repeat=length):
                total = float(log_probability(parts, row, [*words, EOS]).sum())
                scored[words] = total / (length + 1) ** penalty
        assert tuple(found[row]) == max(scored, key=scored.__getitem__)


def plain_beam(decoder: WordDecoder, embedding, memory: States, most: int, beam: int) -> list[int]:
    """Beam search in lists: every prefix is decoded whole, and an end counts if it is among the `beam` best options."""
    prefixes, finished = [((), 0.0)], []
    for length in range(1, most + 1):
        options = []
        for prefix, total in prefixes:
            scores = decoder(torch.tensor([[BOS, *prefix]]), memory, embedding)[0, -1].log_softmax(-1)
            words = (EOS, 5, 6, 7) if prefix else (5, 6, 7)
            options += [(total + scores[decoder.output_index[word]].item(), (*prefix, word)) for word in words]
        options.sort(reverse=True)
        finished += [(total / length, said[:-1]) for total, said in options[:beam] if said[-1] == EOS]
        if len(finished) >= beam:
            break
        prefixes = [(said, total) for total, said in options if said[-1] != EOS][:beam]
    return list(max(finished[:beam] or [(total, said) for said, total in prefixes])[1])


@pytest.mark.parametrize("beam", [2, 3])
@pytest.mark.parametrize("seed", range(15))
def test_a_narrow_beam_keeps_what_a_plain_search_over_prefixes_keeps(parts, seed: int, beam: int) -> None:
    decoder, embedding, memory = parts
    torch.manual_seed(seed)
    for parameter in (*decoder.parameters(), *embedding.parameters()):
        parameter.data.normal_(0, 0.5)  # what was said shall tell what follows
    rows = [States(memory.values[row : row + 1], memory.mask[row : row + 1]) for row in range(2)]
    found = beam_search(decoder, embedding, memory, 6, beam=beam)
    assert found == [plain_beam(decoder, embedding, row, 6, beam) for row in rows]


def test_a_batch_decodes_as_its_rows_do(parts) -> None:
    decoder, embedding, memory = parts
    together = beam_search(decoder, embedding, memory, 6, beam=3)
    for row in range(2):
        one = States(memory.values[row : row + 1], memory.mask[row : row + 1])
        assert beam_search(decoder, embedding, one, 6, beam=3) == [together[row]]


def test_sampling_is_seeded_and_never_says_unknown(parts) -> None:
    decoder, embedding, memory = parts
    first, again = (sample(decoder, embedding, memory, 9, torch.Generator().manual_seed(2)) for _ in range(2))
    assert torch.equal(first.tokens, again.tokens)
    assert not (first.tokens == UNK).any()
    assert first.noise.shape == (*first.tokens.shape, len(decoder.output_words))
    ended = (first.tokens == EOS).cumsum(1)
    assert ((first.tokens == PAD) == ((ended > 0) & (first.tokens != EOS))).all()


def test_a_share_of_a_batch_draws_what_it_does_in_the_whole(parts) -> None:
    decoder, embedding, memory = parts
    whole = sample(decoder, embedding, memory, 9, torch.Generator().manual_seed(2))
    for index in (0, 1):
        share = Share(index, 2)
        own = States(share.rows(memory.values), share.rows(memory.mask))
        drawn = sample(decoder, embedding, own, 9, torch.Generator().manual_seed(2), share)
        length = drawn.tokens.shape[1]
        assert torch.equal(drawn.tokens, share.rows(whole.tokens)[:, :length])
        assert torch.equal(drawn.noise, share.rows(whole.noise)[:, :length])
        assert not share.rows(whole.tokens)[:, length:].any()
