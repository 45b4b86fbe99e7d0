"""L_IPB (Eq. 9) and L_PTB (Eq. 10): where their gradients go, and that nothing but the drawn words enters M."""

import hand_made
import pytest
import torch

from cross2stra.data.vocabulary import BOS, EOS, UNK
from cross2stra.model.batch import States
from cross2stra.training import back_translation
from cross2stra.training.back_translation import image_to_pivot_loss, pivot_states, pivot_to_target_loss
from cross2stra.training.examples import collate_words, prefixes

OWN = "(S (NP dog) (VP sits))"


class CountingTranslator:
    """Stands for M: the loss is a fixed weight of each word, and what came in is kept."""

    def negative_log_likelihood(self, word_ids, one_hot, word_mask, pivot_sentences, share):
        self.seen = word_ids, one_hot, word_mask, pivot_sentences
        weight = torch.arange(one_hot.shape[-1], dtype=one_hot.dtype)
        return ((one_hot @ weight) * word_mask).sum() / word_mask.sum()


@pytest.fixture
def parts():
    made = hand_made.model()
    words = collate_words([torch.tensor([5, 11]).numpy()] * 2, 9)
    return made, hand_made.batch(2, 3), words, hand_made.trees(OWN, OWN)


def parts_with_gradient(model) -> set[str]:
    return {
        name
        for name, child in model.named_children()
        if any(p.grad is not None and bool(p.grad.any()) for p in child.parameters())
    }


def test_the_forward_value_is_that_of_the_decoded_words(parts) -> None:
    made, scene, words, syntax = parts
    h = made.scene(scene)
    torch.testing.assert_close(pivot_states(made, h, words, syntax).values, made.syntax(syntax, h).values)


def test_the_pivot_embedding_learns_by_the_decoded_words_and_by_those_that_were_expected(parts) -> None:
    """The row of "red", decoded but never said by the captioner (and last, so in no prefix), learns as a decoded word alone;
    that of "grass", which it could have said, as an expected one; that of "cat" not at all."""
    made, scene, _, _ = parts
    states = made.scene(scene)
    h = States(states.values.detach(), states.mask)
    red, grass, cat = (hand_made.INDEX[word] for word in ("red", "grass", "cat"))
    syntax = hand_made.trees(*["(S (NP sits) (VP red))"] * 2)
    words = collate_words([torch.tensor([11, red]).numpy()] * 2, 9)
    weight = torch.randn(made.syntax(syntax, h).values.shape)
    (pivot_states(made, h, words, syntax).values * weight).sum().backward()
    learned = made.pivot_embedding.weight.grad

    embedded = made.embed_pivot(syntax.tokens).detach().requires_grad_()
    (made.syntax(syntax, h, embedded).values * weight).sum().backward()
    torch.testing.assert_close(learned[red], embedded.grad[:, 1].sum(0) * made.captioner.scale, rtol=1e-4, atol=1e-5)
    assert learned[grass].any()
    assert not learned[cat].any()

    slope = embedded.grad  # of the decoded words' embeddings; the expected ones have the same
    made.zero_grad()
    said = made.captioner.output_words
    expected = made.caption(prefixes(words), h).softmax(-1) @ made.pivot_embedding.weight[said] * made.captioner.scale
    ((made.embed_pivot(syntax.tokens) + expected[:, : slope.shape[1]]) * slope).sum().backward()
    torch.testing.assert_close(learned, made.pivot_embedding.weight.grad, rtol=1e-4, atol=1e-5)


def test_pivot_to_target_trains_captioner_and_both_encoders(parts) -> None:
    made, scene, words, syntax = parts
    pivot_to_target_loss(
        made, scene, words, syntax, collate_words([torch.tensor([5, 6]).numpy()] * 2, 9), 0.1
    ).backward()
    assert {"captioner", "scene_encoder", "sentence_encoder", "residual", "translator"} <= parts_with_gradient(made)


def test_image_to_pivot_trains_the_whole_road_through_the_drawn_words(parts) -> None:
    made, scene, words, syntax = parts
    fake = CountingTranslator()
    generator = torch.Generator().manual_seed(1)
    loss = image_to_pivot_loss(made, fake, scene, words, syntax, ["a dog", "a cat"], 6, 1.0, generator)
    loss.backward()
    word_ids, one_hot, mask, gold = fake.seen
    hard = torch.nn.functional.one_hot(word_ids, one_hot.shape[-1]).to(one_hot)
    torch.testing.assert_close(one_hot, hard)
    assert mask.any(1).all()
    assert gold == ["a dog", "a cat"]
    assert {"captioner", "scene_encoder", "sentence_encoder", "translator"} <= parts_with_gradient(made)


def test_the_relaxation_draws_the_very_words_that_were_sampled(parts) -> None:
    """The arg max of the relaxed distribution is the sampled word: both use the same noise."""
    made, scene, words, syntax = parts
    fake = CountingTranslator()
    softs = []
    original = torch.Tensor.softmax

    def spy(self, *arguments, **named):
        value = original(self, *arguments, **named)
        softs.append(value.detach())
        return value

    torch.Tensor.softmax = spy
    try:
        image_to_pivot_loss(made, fake, scene, words, syntax, ["a", "b"], 6, 1.0, torch.Generator().manual_seed(4))
    finally:
        torch.Tensor.softmax = original
    word_ids, _, mask, _ = fake.seen
    soft = next(
        s
        for s in reversed(softs)
        if s.shape[:2] == word_ids.shape and s.shape[-1] == made.translator.output_words.numel()
    )
    assert (soft.argmax(-1) == word_ids)[mask].all()


@torch.no_grad()
def test_pivot_to_target_is_the_likelihood_of_the_gold_sentence(parts) -> None:
    """Word by word: each is asked for after those before it alone (Eq. 10)."""
    made, scene, words, syntax = parts
    gold = [[5, 6, EOS], [7, EOS]]
    found = pivot_to_target_loss(made, scene, words, syntax, torch.tensor([gold[0], [*gold[1], 0]]), 0.0)
    e, total = made.syntax(syntax, made.scene(scene)), 0.0
    for row, sentence in enumerate(gold):
        one = States(e.values[row : row + 1], e.mask[row : row + 1])
        for place, word in enumerate(sentence):
            scores = made.translate(torch.tensor([[BOS, *sentence[:place]]]), one)[0, -1].log_softmax(-1)
            total -= float(scores[made.translator.output_index[word]])
    assert float(found) == pytest.approx(total / 5, rel=1e-5)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_the_relaxation_is_the_softmax_of_the_noisy_scores_at_a_temperature(
    parts, temperature: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, scene, words, syntax = parts
    kept, relaxed = [], []
    sample, through = back_translation.sample, back_translation.straight_through
    monkeypatch.setattr(back_translation, "sample", lambda *given: kept.append(sample(*given)) or kept[-1])
    monkeypatch.setattr(
        back_translation, "straight_through", lambda hard, soft: relaxed.append(soft) or through(hard, soft)
    )
    fake, generator = CountingTranslator(), torch.Generator().manual_seed(1)
    image_to_pivot_loss(made, fake, scene, words, syntax, ["a", "b"], 6, temperature, generator)
    drawn, soft, e = kept[0], relaxed[-1], made.syntax(syntax, made.scene(scene))
    for row in range(2):  # the second word, of which nothing but <unk> is barred
        one = States(e.values[row : row + 1], e.mask[row : row + 1])
        scores = made.translate(torch.tensor([[BOS, int(drawn.tokens[row, 0])]]), one)[0, 1]
        scores[made.translator.output_index[UNK]] = -1e9
        expected = ((scores.log_softmax(-1) + drawn.noise[row, 1]) / temperature).softmax(-1)
        torch.testing.assert_close(soft[row, 1], expected, rtol=1e-4, atol=1e-5)


def test_m_reads_the_drawn_words_and_not_their_end(parts, monkeypatch: pytest.MonkeyPatch) -> None:
    made, scene, words, syntax = parts
    kept, sample = [], back_translation.sample
    monkeypatch.setattr(back_translation, "sample", lambda *given: kept.append(sample(*given)) or kept[-1])
    for seed in range(5):
        fake = CountingTranslator()
        image_to_pivot_loss(made, fake, scene, words, syntax, ["a", "b"], 6, 1.0, torch.Generator().manual_seed(seed))
        word_ids, _, mask, _ = fake.seen
        for row, tokens in enumerate(kept[-1].tokens.tolist()):
            said = [word for word in tokens if word not in (0, EOS)]
            assert made.translator.output_words[word_ids[row][mask[row]]].tolist() == said
    assert any(EOS in drawn.tokens for drawn in kept)
