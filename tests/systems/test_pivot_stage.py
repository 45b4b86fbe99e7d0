"""A stage of Cross2StrA's own training: what its objectives are given (Eq. 6 to 8)."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cross2stra.configuration import Profile
from cross2stra.data.vocabulary import MASK
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.training import stages
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_trees, encode_flat
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import contrast
from cross2stra.training.pseudo import FlatTrees
from cross2stra.training.stages import PivotStage


def with_training(profile: Profile, **changes: object) -> Profile:
    return profile.model_copy(update={"training": profile.training.model_copy(update=changes)})


def test_alignments_have_their_thresholds_their_pictures_and_the_nearest_at_first(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    model = Cross2StrA(shape.model_copy(update={"scene_graph": True, "constituency": True, "residual": True}))
    alignment = profile.training.alignment.model_copy(update={"rho_m": 0.61, "rho_l": 0.31})
    profile, seen = with_training(profile, alignment=alignment), []

    def kept(left, right, threshold, settings, nearest):
        seen.append((left, right, threshold, nearest))
        return contrast(left, right, threshold, settings, nearest)

    monkeypatch.setattr(stages, "contrast_of_all", kept)
    for name, step, early in (("align", 0, True), ("align", 9, False), ("joint", 0, False)):
        seen.clear()
        stage = PivotStage(model, data, profile, ["cma", "cla"], Plan(name, 10, 0, 1), tmp_path, FlatTrees(), None)
        stage.losses(step)
        (left, right, rho_m, nearest_m), (_, _, rho_l, nearest_l) = seen
        assert (rho_m, rho_l, nearest_m, nearest_l) == (0.61, 0.31, early, early)
    pictures = stage.batches(0, {"cma"}, stage.plan.share).captions.picture
    for side in (left, right):
        assert side.origin.tolist() == pictures[side.pair].tolist()


def test_the_translator_reads_hidden_words(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, read = Cross2StrA(shape), []
    plan, masked = Plan("caption_translate", 4, 0, 1), with_training(profile, word_mask=(1.0, 1.0))
    stage = PivotStage(model, data, masked, ["tran"], plan, tmp_path, FlatTrees(), None)
    embed = model.embed_pivot
    monkeypatch.setattr(model, "embed_pivot", lambda tokens: read.append(tokens) or embed(tokens))
    stage.losses(0)
    content = torch.tensor([data.pivot_index[word] for word in ("dog", "cat", "on", "grass", "road")])
    assert not torch.isin(read[0], content).any()
    assert (read[0] == MASK).sum() == 3 * 4


def test_the_target_side_of_the_alignment_has_words_and_a_projection_of_its_own(shape: Shape) -> None:
    torch.manual_seed(0)
    encoder = Cross2StrA(shape.model_copy(update={"constituency": True})).sentence_encoder
    trees = collate_trees([encode_flat(["a", "dog"], {"a": 5, "dog": 6})])
    encoder.nodes(trees, torch.randn(1, 2, shape.model.d_model), target=True).sum().backward()
    learned = {name.split(".")[0] for name, p in encoder.named_parameters() if p.grad is not None}
    assert learned == {"target_words", "target_projection", "label", "network"}
