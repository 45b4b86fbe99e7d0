"""FG: the classifier learns, its probability weighs or draws sentences as written, and without it EarlyTranslation is left."""

from pathlib import Path

import numpy as np
import pytest
import torch

from cross2stra.configuration import Fluency
from cross2stra.data.files import write_json
from cross2stra.data.vocabulary import UNK
from cross2stra.model.cross2stra import Shape
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.systems import early as early_module
from cross2stra.systems import fluency as fluency_module
from cross2stra.systems.early import EarlyStage, translated
from cross2stra.systems.fluency import (
    FluencyClassifier,
    FluencyStage,
    accepted,
    fluencies,
    loss_weights,
    train_classifier,
)
from cross2stra.training.examples import collate_words, prefixes
from cross2stra.training.objectives import word_loss


def stage_with(fluency: list[float], rejection: bool, parts: tuple, working: Path) -> FluencyStage:
    model, data, profile, plan, translator = parts
    write_json(working / "fluency.json", {"accuracy": 80.0, "unknown": 0, "fluency": fluency})
    return FluencyStage(model, data, data.pairs.target_words, profile, plan, translator, working, rejection)


@pytest.fixture
def parts(captioner, data, profile, plan, translator) -> tuple:
    return captioner, data, profile, plan, translator


def test_the_classifier_tells_word_order_apart() -> None:
    rng = np.random.default_rng(0)
    human = [np.sort(rng.integers(5, 15, 6)) for _ in range(400)]
    machine = [rng.permutation(sentence) for sentence in human]
    classifier, accuracy = train_classifier(human, machine, 15, Fluency(updates=150, width=32), 1)
    assert accuracy > 85
    assert fluencies(classifier, human).mean() > 0.6 > 0.4 > fluencies(classifier, machine).mean()


def test_fluency_does_not_depend_on_what_a_sentence_is_batched_with() -> None:
    torch.manual_seed(0)
    classifier = FluencyClassifier(15, 16)
    sentences = [np.array([5, 6]), np.arange(5, 15), np.array([7])]
    alone = np.concatenate([fluencies(classifier, [sentence]) for sentence in sentences])
    np.testing.assert_allclose(fluencies(classifier, sentences), alone, rtol=1e-5)
    assert len(set(alone.round(4).tolist())) == 3


def test_too_few_different_translations_are_an_error() -> None:
    same = [np.array([5, 6])] * 30
    with pytest.raises(ValueError, match="0 translations differ"):
        train_classifier(same, same, 9, Fluency(), 1)


def test_a_fluent_sentence_counts_in_full_and_another_as_much_as_it_is_fluent() -> None:
    assert loss_weights(np.array([0.9, 0.5, 0.25], dtype=np.float32)).tolist() == [1.0, 1.0, 0.25]


def test_rejection_keeps_sentences_in_proportion_to_their_fluency() -> None:
    rng = np.random.default_rng(1)
    kept = np.stack([accepted(np.array([0.7, 0.4, 0.1]), rng) for _ in range(4000)]).mean(0)
    np.testing.assert_allclose(kept, [1.0, 0.8, 0.2], atol=0.03)


def test_weighted_loss_is_the_mean_over_words_of_weighted_sentence_losses() -> None:
    torch.manual_seed(0)
    logits, words = torch.randn(2, 3, 4), torch.tensor([[1, 2, 3], [3, 0, 0]])
    index = torch.tensor([-100, 0, 1, 2])
    each = [-logits[0].log_softmax(-1)[[0, 1, 2], [0, 1, 2]].sum(), -logits[1, 0].log_softmax(-1)[2]]
    weighted = word_loss(logits, words, index, weights=torch.tensor([1.0, 0.25]))
    torch.testing.assert_close(weighted, (each[0] + 0.25 * each[1]) / 4)
    torch.testing.assert_close(word_loss(logits, words, index, weights=torch.ones(2)), word_loss(logits, words, index))


def test_with_all_sentences_fluent_it_is_early_translation(parts, shape: Shape, tmp_path: Path) -> None:
    model, data, profile, plan, _ = parts
    early = EarlyStage(model, data, data.pairs.target_words, profile, plan)
    guided = stage_with([0.5] * 8, False, parts, tmp_path)
    for step in range(3):
        torch.testing.assert_close(guided.losses(step)[0]["cap"][1], early.losses(step)[0]["cap"][1])
    assert isinstance(guided.model, TargetCaptioner)
    rejecting = stage_with([0.5] * 8, True, parts, tmp_path)
    rows = early.rows(0, 8)[: len(early.rows(0))]  # it draws from more captions, and takes the first here
    torch.testing.assert_close(rejecting.losses(0)[0]["cap"][1], early.caption_loss(rows))


@torch.no_grad()
def test_each_caption_s_loss_is_weighed_by_its_own_fluency(parts, tmp_path: Path) -> None:
    model, data, *_ = parts
    fluency = [0.05 * (row + 1) for row in range(8)]
    stage = stage_with(fluency, False, parts, tmp_path)
    lost, said = 0.0, 0
    for row in stage.rows(0):
        own = collate_words([data.pairs.target_words[row]], 20)
        scores = model.caption(prefixes(own), model.scene(data.scenes([data.captions.picture[row]])))[0].log_softmax(-1)
        words = model.captioner.output_index[own[0]]
        lost -= fluency[row] * float(scores[torch.arange(len(words)), words].sum())
        said += len(words)
    assert float(stage.losses(0)[0]["cap"][1]) == pytest.approx(lost / said, rel=1e-5)


def test_a_sentence_of_no_fluency_is_never_drawn(parts, tmp_path: Path) -> None:
    fluency = [1.0, 0.0] * 4
    guided = stage_with(fluency, True, parts, tmp_path)
    assert all(guided.losses(step)[1]["fluency"] == 1.0 for step in range(5))


def test_the_stage_trains_its_own_classifier_once(parts, tmp_path: Path) -> None:
    model, data, profile, plan, translator = parts
    for rows in (data.pairs.target_words, data.pairs.pivot_tokens):
        rows.extend(rows[i % 8] for i in range(8, 40))
    captions = translated(translator, data.captions.tokens, data, profile)
    first = FluencyStage(model, data, captions, profile, plan, translator, tmp_path, False)
    again = FluencyStage(model, data, captions, profile, plan, translator, tmp_path, False)
    assert first.account["fluency_accuracy"] == 100.0  # an untrained translator is told from people at once
    np.testing.assert_array_equal(first.fluency, again.fluency)
    assert len(first.fluency) == len(captions)


def test_a_caption_s_fluency_is_what_the_classifier_says_of_it(
    parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data, profile, plan, translator = parts
    torch.manual_seed(0)
    classifier = FluencyClassifier(model.shape.target_words, 16)
    monkeypatch.setattr(fluency_module, "train_classifier", lambda *given: (classifier, 80.0))
    stage = FluencyStage(model, data, data.pairs.target_words, profile, plan, translator, tmp_path, False)
    np.testing.assert_allclose(stage.fluency, fluencies(classifier, data.pairs.target_words), atol=1e-6)
    with torch.no_grad():
        logit = float(classifier(collate_words(data.pairs.target_words[:1], 9))[0])
    assert float(stage.fluency[0]) == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-5)


def test_the_classifier_reads_no_sentence_with_an_unknown_word(
    parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data, profile, plan, translator = parts
    for rows in (data.pairs.target_words, data.pairs.pivot_tokens):
        rows.extend(rows[i % 8] for i in range(8, 40))
    data.pairs.target_words[:15] = [np.append(words, UNK) for words in data.pairs.target_words[:15]]
    read = []

    def watched(human, *others):
        read.extend(human)
        return train_classifier(human, *others)

    monkeypatch.setattr(fluency_module, "train_classifier", watched)
    captions = translated(translator, data.captions.tokens, data, profile)
    stage = FluencyStage(model, data, captions, profile, plan, translator, tmp_path, False)
    assert len(read) == 25
    assert not any(UNK in words for words in read)
    assert stage.account["fluency_pairs_unknown"] == 15


def test_a_caption_of_no_picture_is_told_from_a_translated_caption(
    parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data, profile, plan, translator = parts
    pairs = {tuple(words) for words in data.pairs.target_words}
    data.unpaired_captions = [np.array([5, 6, 7, 8 + n % 2]) for n in range(40)]
    captions = translated(translator, data.captions.tokens, data, profile)
    made = {tuple(words) for words in captions}
    read: list[tuple[tuple, tuple]] = []

    def watched(human, machine, *others):
        read.extend((tuple(a), tuple(b)) for a, b in zip(human, machine, strict=True))
        raise InterruptedError

    monkeypatch.setattr(fluency_module, "train_classifier", watched)
    with pytest.raises(InterruptedError):
        FluencyStage(model, data, captions, profile, plan, translator, tmp_path, False)
    alone = [(a, b) for a, b in read if a not in pairs]
    assert (len(read), len(alone)) == (48, 40)
    assert {b for _, b in alone} == made


def test_each_caption_gets_its_own_translation(translator, data, profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a translator that says each word again."""
    monkeypatch.setattr(translator, "syntax", lambda trees, h: trees)
    monkeypatch.setattr(
        early_module,
        "greedy",
        lambda decoder, embedding, trees, most: [[i for i in row if i] for row in trees.tokens.tolist()],
    )
    found = translated(translator, data.captions.tokens, data, profile)
    assert [words.tolist() for words in found] == [
        [data.pivot_index[word] for word in sentence.split()] for sentence in data.captions.tokens
    ]
