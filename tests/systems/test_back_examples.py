"""What back-translation goes through: each picture with its own gold caption, each scene with its own target sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from cross2stra.configuration import Profile
from cross2stra.evaluation.language_model import LanguageModel
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.model.decoding import greedy
from cross2stra.training import back_translation
from cross2stra.training.back_examples import BACK_CAPTIONS, BackExamples
from cross2stra.training.batches import stream
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_scenes, collate_trees, collate_words, word_ids
from cross2stra.training.loop import Plan
from cross2stra.training.pseudo import FlatTrees
from cross2stra.training.schedule import weights
from cross2stra.training.stages import PivotStage

ROWS = 4
"""Examples of an update."""


class Translator:
    """Stands for M, which is told its words and is not asked here."""

    def bind_vocabulary(self, words: list[str]) -> None:
        assert "狗" in words


@pytest.fixture
def profile(profile: Profile) -> Profile:
    changes = {"back_pairs": 6, "back_share": ROWS / profile.training.batch, "back_agreement": 0.5}
    return profile.model_copy(update={"training": profile.training.model_copy(update=changes)})


def examples_of(losses: set[str], data: TransferData, profile: Profile, shape: Shape, working: Path) -> BackExamples:
    torch.manual_seed(0)
    plan, translator = Plan("joint", 10, 20, 1), Translator()
    return BackExamples(Cross2StrA(shape), data, profile, plan, working, losses, FlatTrees(), translator, 1.0)


def watched(monkeypatch: pytest.MonkeyPatch, name: str) -> list[tuple]:
    """What the objective of this name is given."""
    seen: list[tuple] = []
    monkeypatch.setattr(back_translation, name, lambda *given: seen.append(given) or torch.zeros(()))
    return seen


def test_a_picture_of_l_ipb_has_its_own_gold_caption(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = examples_of({"ipb"}, data, profile, shape, tmp_path)
    back.prepare(0)
    seen = watched(monkeypatch, "image_to_pivot_loss")
    back.image_to_pivot(23)
    (given,) = seen
    rows = back.back_captions[stream(6, ROWS, 23, 1, BACK_CAPTIONS)]
    assert given[5] == [data.captions.tokens[row] for row in rows]
    shown = data.scenes(data.captions.picture[rows])
    assert torch.equal(given[2].words, shown.words)
    model = back.model.eval()
    h = model.scene(shown)
    said = greedy(model.captioner, model.pivot_embedding, h, profile.decoding.max_tokens)
    words = collate_words([np.asarray(sentence) for sentence in said], profile.decoding.max_tokens)
    assert torch.equal(given[3], words)


def test_a_scene_of_l_ptb_has_its_own_target_sentence_and_says_what_its_sentence_does(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model says of every scene that a dog is on grass: a third of what sentences about a cat on a road say."""
    data.pairs.generated[:] = data.pictures
    back = examples_of({"ptb"}, data, profile, shape, tmp_path)
    said = word_ids(["a", "dog", "on", "grass"], data.pivot_index)
    monkeypatch.setattr(
        back.own_pairs, "_decode", lambda model, scenes: [[back.own_pairs.words[i] for i in said] for _ in scenes]
    )
    back.prepare(0)
    agreeing = back.back_pairs[back.agreeing]
    assert [data.pairs.pivot_tokens[row] for row in back.back_pairs if row not in agreeing] == [
        sentence
        for row in back.back_pairs
        if "road" in (sentence := data.pairs.pivot_tokens[row]) and "cat" in sentence
    ]
    assert 0 < len(agreeing) < len(back.back_pairs)
    seen = watched(monkeypatch, "pivot_to_target_loss")
    back.pivot_to_target(23)
    (given,) = seen
    scene, target = given[1], given[4]
    by_words = {tuple(words.tolist()): row for row, words in enumerate(data.pairs.target_words)}
    rows = [by_words[tuple(word for word in line if word > 2)] for line in target.tolist()]
    assert {row % 4 for row in rows} <= {row % 4 for row in agreeing}
    assert torch.equal(scene.words, collate_scenes([data.pairs.generated[row] for row in rows], visual=True).words)


def test_l_ptb_weighs_as_much_as_scenes_agree(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.pairs.generated[:] = data.pictures
    plan, losses = Plan("joint", 10, 20, 1), ["tran", "ptb"]
    stage = PivotStage(Cross2StrA(shape), data, profile, losses, plan, tmp_path, FlatTrees(), None)
    monkeypatch.setattr(stage.back.own_pairs, "saying", lambda content: np.array([1.0, 0.5, 0.4, 0.0, 0.2, 0.1]))
    stage.prepare(0)
    expected = weights(profile.training, losses, "joint", 0.0)["ptb"] * 2 / 6
    assert stage.losses(0)[0]["ptb"][0] == pytest.approx(expected)


@pytest.mark.parametrize(("stage_2", "goes_on"), [(1e9, True), (1e-9, False)])
def test_l_ipb_is_left_out_once_target_captions_are_a_code(
    stage_2: float,
    goes_on: bool,
    data: TransferData,
    profile: Profile,
    shape: Shape,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And it is computed without dropout, after which the model goes on with it."""
    trained: list[bool] = []
    plan = Plan("joint", 10, 20, 1)
    stage = PivotStage(
        Cross2StrA(shape), data, profile, ["cap", "ipb"], plan, tmp_path, FlatTrees(), Translator(), stage_2
    )
    monkeypatch.setattr(
        back_translation,
        "image_to_pivot_loss",
        lambda model, *given: trained.append(model.training) or torch.zeros(()),
    )
    assert stage.prepare(0) is goes_on
    stage.model.train()
    assert ("ipb" in stage.losses(0)[0]) is goes_on
    assert trained == [False] * goes_on
    assert stage.model.training


def test_own_captions_are_renewed_refreshes_times(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path
) -> None:
    profile = profile.model_copy(update={"training": profile.training.model_copy(update={"refreshes": 2})})
    back = examples_of({"ipb"}, data, profile, shape, tmp_path)
    for step in range(11):
        back.prepare(step)
        assert back.refreshed == (step >= 5)


@torch.no_grad()
def test_the_guard_reads_what_is_said_of_each_picture_s_own_captions(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path
) -> None:
    back = examples_of({"ipb"}, data, profile, shape, tmp_path)
    back.prepare(0)
    model, target, said = back.model.eval(), data.vocabulary.target, []
    for picture, place in back.place.items():
        h = model.scene(collate_scenes([data.pictures[picture]], visual=True))
        e = model.syntax(collate_trees([back.own_captions.trees[place]]), h)
        (words,) = greedy(model.translator, model.target_embedding, e, profile.decoding.max_tokens)
        said.append([target[word] for word in words])
    text = LanguageModel([[target[word] for word in sentence] for sentence in data.unpaired])
    assert back._perplexity() == pytest.approx(text.perplexity(said, ends=2))
