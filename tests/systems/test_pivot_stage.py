"""A stage of Cross2StrA's own training: what its objectives are given (Eq. 6 to 8)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from cross2stra.configuration import Profile
from cross2stra.data.vocabulary import MASK
from cross2stra.model.batch import WHOLE
from cross2stra.model.cross2stra import Cross2StrA, Shape, WordDecoder
from cross2stra.training import stages
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_scenes, collate_trees, collate_words, encode_flat, prefixes
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import Side, contrast, word_loss
from cross2stra.training.pivot_batches import CAPTIONS, PAIRS, PivotBatches
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


def test_each_objective_is_that_of_the_rows_of_its_update(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path
) -> None:
    """L_Cap, L_CMA, L_Tran and L_CLA (Eq. 5 to 8) of an update, once more by hand from the captions and pairs themselves."""
    torch.manual_seed(0)
    model = Cross2StrA(shape.model_copy(update={"scene_graph": True, "constituency": True, "residual": True}))
    model.residual.gate.data.fill_(10.0)  # so that another sentence's scene would show
    profile = with_training(profile, word_mask=(0.0, 0.0), null_scene=0.0, flat_share=0.0)
    plan = Plan("joint", 10, 20, 1)
    stage = PivotStage(model, data, profile, ["cap", "cma", "tran", "cla"], plan, tmp_path, FlatTrees(), None)
    found = {name: float(value.detach()) for name, (_, value) in stage.losses(3)[0].items()}

    def words_said(logits: torch.Tensor, words: torch.Tensor, decoder: WordDecoder) -> float:
        return float(word_loss(logits, words, decoder.output_index, 0.0).detach())

    def contrasted(
        left: torch.Tensor, right: torch.Tensor, pairs: tuple[torch.Tensor, torch.Tensor], rho: float
    ) -> float:
        sides = [Side(x - x.mean(0), pair, pair) for x, pair in zip((left, right), pairs, strict=True)]
        return float(contrast(*sides, rho, profile.training.alignment).loss.detach())

    rows, captions = stage.batches.rows(CAPTIONS, 23), data.captions
    pictures = data.scenes(captions.picture[rows])
    words = collate_words([captions.words[i] for i in rows], profile.text.max_tokens)
    assert found["cap"] == pytest.approx(
        words_said(model.caption(prefixes(words), model.scene(pictures)), words, model.captioner), rel=1e-5
    )
    sentences = collate_scenes([captions.sentence[i] for i in rows], visual=False)
    nodes = [model.scene_encoder.nodes(scene, model.pivot_embedding) for scene in (pictures, sentences)]
    rho_m, rho_l = profile.training.alignment.rho_m, profile.training.alignment.rho_l
    assert found["cma"] == pytest.approx(contrasted(*nodes, (pictures.graph, sentences.graph), rho_m), rel=1e-5)

    rows, pairs = stage.batches.rows(PAIRS, 23), data.pairs
    pivot, target = collate_trees([pairs.pivot[i] for i in rows]), collate_trees([pairs.target[i] for i in rows])
    scene = model.scene(collate_scenes([pairs.sentence[i] for i in rows], visual=False))
    words = collate_words([pairs.target_words[i] for i in rows], profile.text.max_tokens)
    e = model.syntax(pivot, scene)
    assert found["tran"] == pytest.approx(
        words_said(model.translate(prefixes(words), e), words, model.translator), rel=1e-5
    )
    trees = [
        model.sentence_encoder.nodes(pivot, model.embed_pivot(pivot.tokens)),
        model.sentence_encoder.nodes(
            target, model.target_embedding(target.tokens) * model.translator.scale, target=True
        ),
    ]
    assert found["cla"] == pytest.approx(contrasted(*trees, (pivot.graph, target.graph), rho_l), rel=1e-5)


def test_without_scene_graphs_the_translator_reads_the_objects_of_a_sentence(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path
) -> None:
    """Else it would meet regions at test that its training never showed it."""
    torch.manual_seed(0)
    model = Cross2StrA(shape.model_copy(update={"residual": True}))
    shown = with_training(profile, null_scene=0.0)
    stage = PivotStage(model, data, shown, ["tran"], Plan("joint", 4, 0, 1), tmp_path, FlatTrees(), None)
    rows = stage.batches.rows(PAIRS, 0)
    scenes = collate_scenes([data.pairs.sentence[i] for i in rows], visual=False)
    read: list[torch.Tensor] = []
    model.residual.register_forward_hook(lambda _, given, __: read.append(given[1].mask))
    (_, loss), *_ = stage.losses(0)[0].values()
    loss.backward()
    (mask,) = read
    assert mask.sum(1).tolist() == torch.bincount(scenes.graph[scenes.regions]).tolist()
    assert all(part.grad.abs().sum() > 0 for part in model.scene_encoder.sentence.parameters())


def test_some_sentences_read_the_null_scene_and_some_trees_are_flat(
    data: TransferData, profile: Profile, shape: Shape
) -> None:
    shape = shape.model_copy(update={"scene_graph": True, "constituency": True, "residual": True})
    for share in (0.0, 0.4, 1.0):
        changed = with_training(profile, null_scene=share, word_mask=(0.0, 0.0), flat_share=share)
        batches, flat = PivotBatches(data, changed, shape, 1), []
        batches._tree = lambda row, as_flat, flat=flat: flat.append(as_flat) or data.pairs.pivot[row]
        null = torch.cat([batches(step, {"tran"}, WHOLE).pairs.null for step in range(100)])
        assert float(null.float().mean()) == pytest.approx(share, abs=0.1)
        assert np.mean(flat) == pytest.approx(share, abs=0.1)


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


def test_without_the_other_objectives_a_stage_is_late_translation_s(
    data: TransferData, profile: Profile, shape: Shape, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = Cross2StrA(shape.model_copy(update={"scene_graph": True, "constituency": True, "residual": True}))
    found = {}
    for name, losses in (("all", ["cap", "tran", "cma", "cla"]), ("late", ["cap", "tran"])):
        stage = PivotStage(model, data, profile, losses, Plan("joint", 10, 0, 1), tmp_path, FlatTrees(), None)
        found[name] = stage.losses(3)[0]
    assert found["late"].keys() == {"cap", "tran"}
    for key, (weight, value) in found["late"].items():
        assert weight == found["all"][key][0]
        torch.testing.assert_close(value, found["all"][key][1])
