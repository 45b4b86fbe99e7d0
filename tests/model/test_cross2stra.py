"""The whole model on small hand-made batches: sharing, masking, padding, the ablation switches, saving."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hand_made import INDEX, SMALL, TREE, WORDS, batch, model, scene, trees

from cross2stra.configuration import Model
from cross2stra.data.vocabulary import BOS, EOS
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import Cross2StrA, Shape, load_weights, parts
from cross2stra.training.examples import collate_scenes, collate_words, encode_tree, prefixes
from cross2stra.training.objectives import word_loss


def test_captioner_output_and_translator_input_are_one_tensor() -> None:
    made = model()
    tokens = torch.tensor([[5, 7]])
    assert made.embed_pivot(tokens).grad_fn is not None
    made.caption(torch.tensor([[BOS]]), made.scene(batch(1))).sum().backward()
    assert made.pivot_embedding.weight.grad[5].any()
    pointers = [p.data_ptr() for n, p in made.named_parameters() if tuple(p.shape) == (len(WORDS), SMALL.d_model)]
    assert len(pointers) == 1


def test_words_that_captions_never_say_get_no_gradient_from_the_caption_loss() -> None:
    made = model()
    words = collate_words([np.array([5, 11])], 9)
    h = States(torch.randn(1, 2, SMALL.d_model), torch.ones(1, 2, dtype=torch.bool))
    word_loss(made.caption(prefixes(words), h), words, made.captioner.output_index).backward()
    gradient = made.pivot_embedding.weight.grad
    assert not gradient[[6, 10]].any()
    assert gradient[[5, 7, 8, 9, 11]].any(1).all()


def test_padding_changes_nothing() -> None:
    made = model()
    alone, together = made.scene(batch(2)), made.scene(batch(3, 2, 1))
    torch.testing.assert_close(together.values[1][together.mask[1]], alone.values[0], rtol=1e-5, atol=1e-6)
    e_alone = made.syntax(trees("(S (NP (N dog)))"), alone)
    row = States(together.values[1:2], together.mask[1:2])
    one = made.syntax(trees("(S (NP (N dog)))"), row)
    torch.testing.assert_close(one.values, e_alone.values, rtol=1e-5, atol=1e-6)
    both = made.syntax(trees(TREE, "(S (NP (N dog)))"), States(row.values.repeat(2, 1, 1), row.mask.repeat(2, 1)))
    torch.testing.assert_close(both.values[1][both.mask[1]], e_alone.values[0], rtol=1e-5, atol=1e-5)
    tokens = torch.tensor([[BOS, 5]])
    torch.testing.assert_close(
        made.translate(tokens, States(both.values[1:], both.mask[1:])),
        made.translate(tokens, e_alone),
        rtol=1e-4,
        atol=1e-5,
    )


def test_tree_arrays() -> None:
    syntax = encode_tree(TREE, INDEX)
    assert syntax.tokens.tolist() == [INDEX[w] for w in ("a", "dog", "sits", "on", "grass")]
    assert syntax.spans[5].tolist() == [0, 5]  # the root, first of the phrases
    assert sorted(map(tuple, syntax.spans[5:].tolist()))[:2] == [(0, 2), (0, 5)]


def test_nodes_enter_by_what_they_are_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the networks: label words, kind, box and features of scene nodes; words of the span and label of tree nodes."""
    made, pictures = model(), batch(3)
    scenes, syntax = made.scene_encoder, made.sentence_encoder
    for encoder in (scenes, syntax):
        monkeypatch.setattr(encoder.network, "forward", lambda x, edges, kinds: x)
    found = scenes.nodes(pictures, made.pivot_embedding)
    features = torch.tensor([[1.0] * 3] * 3 + [[0.0] * 3] * (len(found) - 3))
    labels = ["dog", "grass", "cat", "red", "on"]
    for node, label in enumerate(labels):
        word = scenes.picture(made.pivot_embedding.weight[INDEX[label]]) + scenes.kind(pictures.kinds[node])
        expected = scenes.picture_norm(word + scenes.geometry(pictures.geometry[node]) + scenes.feature(features[node]))
        torch.testing.assert_close(found[node], expected)
    sentences = collate_scenes([scene(3)], visual=False)
    for state, label, kind in zip(scenes.nodes(sentences, made.pivot_embedding), labels, sentences.kinds, strict=True):
        word = scenes.sentence(made.pivot_embedding.weight[INDEX[label]]) + scenes.kind(kind)
        torch.testing.assert_close(state, scenes.sentence_norm(word))
    assert pictures.kinds.tolist() == [0, 0, 0, 1, 2]
    assert len(pictures.geometry[:3].unique(dim=0)) == 3

    tree = trees(TREE)
    embedded = torch.randn(1, tree.tokens.shape[1], SMALL.d_model)
    words = syntax.pivot_projection(syntax.pivot_words(embedded, tree.tokens > 0))[0]
    found = syntax.nodes(tree, embedded)
    for state, (first, last), label in zip(found, tree.spans.tolist(), tree.labels, strict=True):
        torch.testing.assert_close(state, words[first:last].mean(0) + syntax.label(label), rtol=1e-4, atol=1e-5)


def test_each_switch_changes_its_part_alone() -> None:
    full = parts(model())
    for switch, changed in (
        ("scene_graph", {"scene_encoder"}),
        ("constituency", {"sentence_encoder"}),
        ("residual", {"residual"}),
    ):
        other = parts(model(**{switch: False}))
        assert {name for name in other if other[name] != full[name]} == changed


def test_no_residual_ignores_the_scene_and_is_a_layer_norm() -> None:
    made = model(residual=False)
    syntax = trees(TREE)
    h = made.scene(batch(2))
    torch.testing.assert_close(made.syntax(syntax, h).values, made.syntax(syntax, None).values)
    torch.nn.init.normal_(made.residual.norm.weight)
    r = made.sentence_encoder(syntax, made.embed_pivot(syntax.tokens))
    torch.testing.assert_close(made.syntax(syntax, None).values, made.residual.norm(r.values))
    full = model()
    assert not torch.allclose(full.syntax(syntax, h).values, full.syntax(syntax, full.nowhere(1)).values)


def test_no_sg_reads_regions_but_no_attribute_and_no_relation() -> None:
    made = model(scene_graph=False)
    regions = made.scene(batch(2)).values
    assert regions.shape[1] == 2
    assert model().scene(batch(2)).values.shape[1] == 4
    other = batch(2)
    other.words[2:], other.edges = INDEX["the"], other.edges.flip(0)
    torch.testing.assert_close(made.scene(other).values, regions)
    other.features = other.features + 1
    assert not torch.allclose(made.scene(other).values, regions)


def test_no_sc_ignores_the_tree() -> None:
    made = model(constituency=False)
    flat = "(S (X a) (X dog) (X sits) (X on) (X grass))"
    h = made.scene(batch(2))
    torch.testing.assert_close(made.syntax(trees(TREE), h).values, made.syntax(trees(flat), h).values)
    full = model()
    assert full.syntax(trees(TREE), h).values.shape != full.syntax(trees(flat), h).values.shape


@pytest.mark.parametrize("switch", ["scene_graph", "constituency"])
def test_replacements_are_within_five_per_cent(switch: str) -> None:
    large = Model(d_model=64, heads=4, feed_forward=128)

    def network(value: bool) -> int:
        made = Cross2StrA(Shape(model=large, pivot_words=50, target_words=50, feature_size=8, **{switch: value}))
        encoder = made.scene_encoder if switch == "scene_graph" else made.sentence_encoder
        return sum(p.numel() for name, p in encoder.network.named_parameters() if p.dim() > 1 and "bias" not in name)

    # Label biases of the gated edges are lookups, not weights of the transformation.
    assert network(False) == pytest.approx(network(True), rel=0.05)


def test_null_scene_replaces_the_chosen_rows() -> None:
    made = model()
    torch.nn.init.normal_(made.null_scene)
    h = made.scene(batch(2, 3))
    mixed = made.without_scene(h, torch.tensor([True, False]))
    assert mixed.mask[0].sum() == 1
    torch.testing.assert_close(mixed.values[0, 0], made.null_scene)
    torch.testing.assert_close(mixed.values[1], h.values[1])


def test_saved_and_read_again(tmp_path: Path) -> None:
    made = model()
    made.save_pretrained(tmp_path / "model")
    again = Cross2StrA.from_pretrained(tmp_path / "model").eval()
    tokens, h = torch.tensor([[BOS, 5]]), made.scene(batch(2))
    torch.testing.assert_close(again.caption(tokens, again.scene(batch(2))), made.caption(tokens, h), rtol=0, atol=0)
    assert again.captioner.output_words.tolist() == made.captioner.output_words.tolist()


def test_weights_of_another_model_or_none_at_all_name_their_file(tmp_path: Path) -> None:
    model().save_pretrained(tmp_path / "model")
    file, said = tmp_path / "model" / "model.safetensors", r"model\.safetensors: not the weights of this model"
    with pytest.raises(ValueError, match=said):
        load_weights(model(residual=False), file)
    with pytest.raises(ValueError, match=said):
        load_weights(torch.nn.Sequential(), file)
    file.write_bytes(b"damaged")
    with pytest.raises(ValueError, match=said):
        Cross2StrA.from_pretrained(tmp_path / "model")


def test_end_of_sentence_can_always_be_said() -> None:
    assert EOS in model().captioner.output_words.tolist()
