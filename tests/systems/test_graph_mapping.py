"""UNISON: gate, adversary and cycle as written; phases train what they should; without mapping a picture reads as its labels."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from cross2stra.configuration import GraphMapping, Profile
from cross2stra.model.batch import pad
from cross2stra.model.cross2stra import Shape
from cross2stra.systems.graph_mapping import (
    Adversary,
    GraphCaptioner,
    GraphMapper,
    GraphMappingStage,
    KindMapping,
    LanguageMapping,
    told_apart,
)
from cross2stra.training.batches import stream
from cross2stra.training.examples import collate_scenes, collate_words, prefixes
from cross2stra.training.loop import Plan, optimizer_of, run
from cross2stra.training.objectives import word_loss
from cross2stra.training.pivot_batches import CAPTIONS, PAIRS


@pytest.fixture
def shape(shape: Shape) -> Shape:
    return shape.model_copy(update={"scene_graph": True})


@pytest.fixture
def model(shape: Shape) -> GraphMapper:
    torch.manual_seed(0)
    return GraphMapper(shape)


def stage_of(model: GraphMapper, data, profile: Profile, paired: bool, updates: int = 20) -> GraphMappingStage:
    return GraphMappingStage(model, data, profile, Plan("caption", updates, 0, 1), paired)


def test_the_gate_weighs_node_neighbours_and_graph(data, shape: Shape) -> None:
    mapping = LanguageMapping(shape.model).eval()
    scene = collate_scenes(data.pictures[:2], visual=True)
    nodes = torch.randn(len(scene.words), shape.model.d_model)
    torch.nn.init.zeros_(mapping.gate.weight)
    with torch.no_grad():
        mapping.gate.bias.copy_(torch.tensor([50.0, 0.0, 0.0]))
    alone = mapping(nodes, scene)
    torch.testing.assert_close(alone.values[alone.mask], mapping.node(nodes), atol=1e-5, rtol=1e-4)
    with torch.no_grad():
        mapping.gate.bias.copy_(torch.tensor([0.0, 50.0, 0.0]))
    near = mapping(nodes, scene)
    expected = mapping.local(nodes, scene.edges, scene.edge_types)
    torch.testing.assert_close(near.values[near.mask], expected, atol=1e-5, rtol=1e-4)
    with torch.no_grad():
        mapping.gate.bias.copy_(torch.tensor([0.0, 0.0, 50.0]))
    changed = nodes.clone()
    changed[scene.graph == 1] += 1.0
    first = [mapping(each, scene).values[0] for each in (nodes, changed)]
    torch.testing.assert_close(*first)  # the whole graph, and no other


def test_each_kind_has_its_own_network_and_a_residual_is_the_identity_at_first() -> None:
    nodes, kinds = torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
    torch.testing.assert_close(KindMapping(4, 4, residual=True)(nodes, kinds), nodes)
    mapping = KindMapping(4, 3)
    expected = torch.stack([mapping.networks[kind](node) for node, kind in zip(nodes, kinds.tolist(), strict=True)])
    torch.testing.assert_close(mapping(nodes, kinds), expected)


def test_judge_and_mapping_have_a_loss_each() -> None:
    """The judge's is cross-entropy, the mapping's that of the other label; neither trains the other's side."""
    torch.manual_seed(0)
    judge, kinds = KindMapping(4, 1), torch.zeros(5, dtype=torch.long)
    real, mapped = torch.randn(5, 4), torch.randn(5, 4, requires_grad=True)
    judged, fooling = told_apart(judge, real, kinds, mapped, kinds)
    logits = torch.cat([judge(real, kinds), judge(mapped, kinds)])
    labels = torch.tensor([1.0] * 5 + [0.0] * 5)[:, None]
    plain = 2 * functional.binary_cross_entropy_with_logits(logits, labels)
    other = functional.binary_cross_entropy_with_logits(judge(mapped, kinds), torch.ones(5, 1))
    torch.testing.assert_close((judged, fooling), (plain, other))
    weight = judge.networks[0][0].weight
    of_mapping, of_judge = torch.autograd.grad(judged + fooling, [mapped, weight])
    torch.testing.assert_close(of_mapping, *torch.autograd.grad(other, [mapped], retain_graph=True))
    torch.testing.assert_close(of_judge, *torch.autograd.grad(plain, [weight]))


def test_a_mapping_learns_although_its_judge_is_sure() -> None:
    """The loss of the judge turned round would have next to no gradient here."""
    judge, kinds = KindMapping(4, 1), torch.zeros(5, dtype=torch.long)
    torch.nn.init.constant_(judge.networks[0][2].bias, -20.0)
    mapped = torch.randn(5, 4, requires_grad=True)
    judged, fooling = told_apart(judge, torch.randn(5, 4), kinds, mapped, kinds)
    assert judged.grad_fn is not None
    (learned,) = torch.autograd.grad(fooling, [mapped])
    (turned,) = torch.autograd.grad(functional.softplus(judge(mapped, kinds)).mean(), [mapped])
    assert learned.norm() > 1e6 * turned.norm()


def test_adversary_and_cycle_by_hand() -> None:
    """Both discriminators' cross-entropies; the absolute differences of there and back."""
    torch.manual_seed(0)
    adversary, there = Adversary(4), KindMapping(4, 4, residual=True)
    pictures, sentences = torch.randn(3, 4), torch.randn(5, 4)
    kinds, sentence_kinds = torch.tensor([0, 1, 2]), torch.tensor([0, 0, 1, 2, 2])
    for mapping in (adversary.to_picture, there):
        for network in mapping.networks:
            torch.nn.init.normal_(network[2].weight)
    found = adversary(pictures, kinds, sentences, sentence_kinds, there)
    expected, fooling = torch.zeros(()), torch.zeros(())
    for judge, real, its_kinds, mapped, their_kinds in (
        (adversary.of_sentences, sentences, sentence_kinds, there(pictures, kinds), kinds),
        (adversary.of_pictures, pictures, kinds, adversary.to_picture(sentences, sentence_kinds), sentence_kinds),
    ):
        expected = expected - judge(real, its_kinds).sigmoid().log().mean()
        expected = expected - (1 - judge(mapped, their_kinds).sigmoid()).log().mean()
        fooling = fooling - judge(mapped, their_kinds).sigmoid().log().mean()
    torch.testing.assert_close(found["adversary"], expected)
    torch.testing.assert_close(found["fooling"], fooling)
    a = adversary.to_picture(there(pictures, kinds), kinds) - pictures
    b = there(adversary.to_picture(sentences, sentence_kinds), sentence_kinds) - sentences
    torch.testing.assert_close(found["cycle"], a.abs().mean() + b.abs().mean())


def test_the_cycle_trains_the_mappings_and_does_not_draw_its_goal_to_them() -> None:
    adversary, constant = Adversary(4), KindMapping(4, 4)
    for network in constant.networks:
        torch.nn.init.zeros_(network[2].weight)
    pictures, kinds = torch.randn(3, 4, requires_grad=True), torch.tensor([0, 1, 2])
    cycle = adversary(pictures, kinds, torch.randn(3, 4), kinds, constant)["cycle"]
    (learned,) = torch.autograd.grad(cycle, pictures)
    assert not learned.any()  # what a constant mapping gives does not depend on the picture


@pytest.mark.parametrize("paired", [False, True])
def test_phases_train_what_they_should(model: GraphMapper, data, profile: Profile, paired: bool) -> None:
    stage = stage_of(model, data, profile, paired)
    for step, names in [
        (0, {"tran", "autoencoder"}),
        (stage.first, {"adversary", "fooling", "cycle", *(["cap"] if paired else [])}),
    ]:
        stage.prepare(step)
        model.zero_grad()
        found = stage.losses(step)[0]
        assert found.keys() == names
        sum(weight * value for weight, value in found.values()).backward()
        moved = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None}
        if step:
            assert moved == {"scene_encoder", "to_sentence", "adversary"}
            assert model.scene_encoder.network.layers[0].transform.weight.grad is None
            assert model.scene_encoder.geometry.weight.grad is not None
        else:
            assert moved == {
                "pivot_embedding", "target_embedding", "scene_encoder", "captioner", "mapping", "pivot_decoder",
            }  # fmt: skip
            assert model.scene_encoder.geometry.weight.grad is None


def test_before_the_mapping_is_learnt_a_picture_reads_as_a_sentence_of_its_labels(model: GraphMapper, data) -> None:
    model.eval()
    model.read_pictures_as_sentences()
    picture, sentence = (collate_scenes(data.pictures, visual=visual) for visual in (True, False))
    torch.testing.assert_close(model.scene(picture).values, model.scene(sentence).values)


def test_the_first_phase_says_target_words_of_the_mapped_graph_and_pivot_words_of_the_graph_itself(
    model: GraphMapper, data, profile: Profile
) -> None:
    stage = stage_of(model, data, profile, paired=True)
    stage.prepare(0)
    found = stage.losses(0)[0]
    rows, pairs = stream(8, 4, 0, 1, PAIRS), data.pairs
    sentences = collate_scenes([pairs.sentence[i] for i in rows], visual=False)
    nodes = model.nodes(sentences)
    for name, decoder, embedding, states, said in (
        ("tran", model.captioner, model.target_embedding, model.mapping(nodes, sentences), pairs.target_words),
        ("autoencoder", model.pivot_decoder, model.pivot_embedding, pad(nodes, sentences), pairs.pivot),
    ):
        words = collate_words([getattr(said[i], "tokens", said[i]) for i in rows], 20)
        expected = word_loss(decoder(prefixes(words), states, embedding), words, decoder.output_index)
        torch.testing.assert_close(found[name][1], expected)


def test_only_the_paired_version_reads_pivot_captions(model: GraphMapper, data, profile: Profile) -> None:
    stage = stage_of(model, data, profile, paired=False)
    data.captions.words, data.captions.tokens = [None] * 8, [None] * 8
    stage.prepare(stage.first)
    assert stage.losses(stage.first)[0].keys() == {"adversary", "fooling", "cycle"}


def test_it_learns_to_say_target_sentences_and_keeps_what_captions(
    model: GraphMapper, data, profile: Profile, tmp_path: Path
) -> None:
    fast = profile.training.model_copy(update={"warm_up": 1, "learning_rate": 5e-3})
    late = profile.compared.model_copy(update={"graph_mapping": GraphMapping(share=0.25)})
    profile = profile.model_copy(update={"training": fast, "compared": late})
    stage = stage_of(model, data, profile, paired=True, updates=160)
    before = float(stage.losses(0)[0]["tran"][1].detach())
    run(stage, stage.plan, profile.training, tmp_path / "working", optimizer_of(model, profile.training))
    stage.prepare(0)
    assert float(stage.losses(0)[0]["tran"][1].detach()) < 0.3 * before
    model.save_pretrained(tmp_path / "model")
    kept = GraphCaptioner.from_pretrained(tmp_path / "model").eval()
    scene = collate_scenes(data.pictures, visual=True)
    torch.testing.assert_close(kept.scene(scene).values, model.eval().scene(scene).values)
    assert not any(name.startswith(("adversary", "pivot_decoder")) for name, _ in kept.named_parameters())


def test_the_paired_version_says_pivot_captions_of_mapped_pictures(model: GraphMapper, data, profile: Profile) -> None:
    for network in model.to_sentence.networks:
        torch.nn.init.normal_(network[2].weight)
    stage = stage_of(model, data, profile, paired=True)
    found = stage.losses(stage.first)[0]
    weights = {name: weight for name, (weight, _) in found.items()}
    assert weights == {"adversary": 1.0, "fooling": 1.0, "cycle": profile.compared.graph_mapping.cycle, "cap": 1.0}
    rows = stream(8, 4, stage.first, 1, CAPTIONS)
    scene, words = data.scenes(data.captions.picture[rows]), collate_words([data.captions.words[i] for i in rows], 20)
    mapped = pad(model.to_sentence(model.nodes(scene), scene.kinds), scene)
    logits = model.pivot_decoder(prefixes(words), mapped, model.pivot_embedding)
    torch.testing.assert_close(found["cap"][1], word_loss(logits, words, model.pivot_decoder.output_index))


def test_without_a_share_pictures_read_as_sentences_and_are_never_mapped(
    model: GraphMapper, data, profile: Profile, tmp_path: Path
) -> None:
    off = profile.compared.model_copy(update={"graph_mapping": GraphMapping(share=0.0)})
    profile = profile.model_copy(update={"compared": off})
    stage, seen = stage_of(model, data, profile, paired=True, updates=4), []
    losses = stage.losses
    stage.losses = lambda step: seen.append(losses(step)) or seen[-1]  # type: ignore[method-assign]
    run(stage, stage.plan, profile.training, tmp_path, optimizer_of(model, profile.training))
    assert [found.keys() for found, _ in seen] == 4 * [{"tran", "autoencoder"}]
    model.eval()
    picture, sentence = (collate_scenes(data.pictures, visual=visual) for visual in (True, False))
    torch.testing.assert_close(model.scene(picture).values, model.scene(sentence).values)
