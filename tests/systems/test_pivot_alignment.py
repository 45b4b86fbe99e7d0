"""PivotAlign: the two ties are what the paper writes, and without them two models apart are left."""

from pathlib import Path

import pytest
import torch

from cross2stra.configuration import PivotAlignment, Profile
from cross2stra.data.vocabulary import EOS, MASK
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.systems import pivot_alignment
from cross2stra.systems.pivot_alignment import PivotAligned, PivotAlignStage, embedding_distance
from cross2stra.training.batches import stream
from cross2stra.training.examples import collate_words, prefixes
from cross2stra.training.loop import Plan, optimizer_of, run
from cross2stra.training.pseudo import FlatTrees
from cross2stra.training.stages import PivotStage


@pytest.fixture
def shape(shape: Shape) -> Shape:
    return shape.model_copy(update={"tied": False})


def stage_of(kind: type, model: Cross2StrA, data, profile: Profile, working: Path) -> PivotStage:
    plan = Plan("caption_translate", 40, 0, 1)
    model.captioner.restrict(torch.tensor(data.vocabulary.captioner_words))
    return kind(model, data, profile, ["cap", "tran"], plan, working, FlatTrees(), None)


def with_settings(profile: Profile, settings: PivotAlignment) -> Profile:
    return profile.model_copy(update={"compared": profile.compared.model_copy(update={"pivot_alignment": settings})})


def test_distance_is_the_sum_of_each_words_euclidean_distance() -> None:
    a, b = torch.tensor([[0.0, 0.0], [1.0, 2.0]], requires_grad=True), torch.tensor([[3.0, 4.0], [1.0, 2.0]])
    distance = embedding_distance(a, b)
    assert float(distance.detach()) == pytest.approx(5.0, abs=1e-5)
    distance.backward()
    torch.testing.assert_close(a.grad, torch.tensor([[-0.6, -0.8], [0.0, 0.0]]))


def test_without_the_ties_it_is_captioner_and_translator_apart(shape, data, profile, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = PivotAligned(shape)
    off = with_settings(profile, PivotAlignment(embeddings=0, autoencoder=0))
    stage, plain = (stage_of(kind, model, data, off, tmp_path) for kind in (PivotAlignStage, PivotStage))
    with_ties, without = stage.losses(3)[0], plain.losses(3)[0]
    assert with_ties.keys() - without.keys() == {"embeddings", "autoencoder"}
    for name, (weight, value) in without.items():
        assert with_ties[name][0] == weight
        torch.testing.assert_close(with_ties[name][1], value)
    assert with_ties["embeddings"][0] == with_ties["autoencoder"][0] == 0
    without["cap"][1].backward()
    assert model.source_embedding.weight.grad is None  # nothing of the translator is the captioner's
    model.zero_grad()
    without["tran"][1].backward()
    assert model.pivot_embedding.weight.grad is None


def test_the_ties_have_their_weights(shape, data, profile, tmp_path: Path) -> None:
    tied = with_settings(profile, PivotAlignment(embeddings=0.3, autoencoder=0.7))
    found, _ = stage_of(PivotAlignStage, PivotAligned(shape), data, tied, tmp_path).losses(3)
    assert {name: found[name][0] for name in ("embeddings", "autoencoder")} == {"embeddings": 0.3, "autoencoder": 0.7}


def test_only_words_that_both_know_are_tied(shape, data, profile, tmp_path: Path) -> None:
    stage = stage_of(PivotAlignStage, PivotAligned(shape), data, profile, tmp_path)
    shared = {data.vocabulary.pivot[i] for i in stage._shared.tolist()}
    assert shared == {"a", "dog", "cat", "on", "grass", "road", "sits"} & set(" ".join(data.pairs.pivot_tokens).split())
    index = data.pivot_index
    stage.model.captioner.restrict(torch.tensor([index["dog"]]))
    fresh = stage_of(PivotAlignStage, stage.model, data, profile, tmp_path)
    fresh.model.captioner.restrict(torch.tensor([index["dog"]]))
    assert fresh._shared.tolist() == [index["dog"]]


def test_the_ties_draw_embeddings_together_and_say_hidden_words(shape, data, profile, tmp_path: Path) -> None:
    fast = profile.training.model_copy(update={"warm_up": 1, "learning_rate": 1e-2})
    after = {}
    for weight in (0.0, 0.5):
        torch.manual_seed(0)
        settings = with_settings(profile, PivotAlignment(embeddings=weight)).model_copy(update={"training": fast})
        stage = stage_of(PivotAlignStage, PivotAligned(shape), data, settings, tmp_path / str(weight))
        before = stage.losses(0)
        run(stage, stage.plan, fast, tmp_path / str(weight), optimizer_of(stage.model, fast))
        losses, numbers = stage.losses(0)
        assert float(losses["autoencoder"][1].detach()) < 0.7 * float(before[0]["autoencoder"][1].detach())
        after[weight] = numbers["embedding_distance"]
    assert after[0.5] < 0.7 * after[0.0]


def test_what_is_saved_is_a_captioner(shape, data, tmp_path: Path) -> None:
    model = PivotAligned(shape)
    model.captioner.restrict(torch.tensor(data.vocabulary.captioner_words))
    model.save_pretrained(tmp_path / "model")
    kept = Cross2StrA.from_pretrained(tmp_path / "model")
    assert not kept.shape.tied
    words = torch.tensor([[5, 6, EOS]])
    torch.testing.assert_close(kept.embed_pivot(words), model.embed_pivot(words))
    assert not torch.equal(kept.embed_pivot(words), kept.pivot_embedding(words) * kept.captioner.scale)


def test_hidden_words_are_those_of_the_sentence_alone(shape, data, profile, tmp_path: Path, monkeypatch) -> None:
    stage = stage_of(PivotAlignStage, PivotAligned(shape), data, profile, tmp_path)
    seen = []
    autoencode = stage.model.autoencode
    monkeypatch.setattr(
        stage.model, "autoencode", lambda tokens, hidden: seen.append(hidden) or autoencode(tokens, hidden)
    )
    for step in range(30):
        stage.losses(step)
    hidden = torch.cat([rows.flatten() for rows in seen])
    share = float((hidden == MASK).sum() / (hidden > EOS).sum())
    assert 0.1 < share < 0.35
    assert all((rows == EOS).sum(1).eq(1).all() for rows in seen)


def test_both_ties_of_an_update_by_hand(shape: Shape, data, profile: Profile, tmp_path: Path, monkeypatch) -> None:
    torch.manual_seed(0)
    data.pairs.target_words[::2] = [words[:3] for words in data.pairs.target_words[::2]]
    stage, read = stage_of(PivotAlignStage, PivotAligned(shape), data, profile, tmp_path), []
    model, autoencode = stage.model, stage.model.autoencode
    monkeypatch.setattr(model, "autoencode", lambda tokens, hidden: read.append(hidden) or autoencode(tokens, hidden))
    found = stage.losses(3)[0]
    tied = [data.pivot_index[word] for word in set(" ".join(data.pairs.pivot_tokens).split())]
    apart = [(model.pivot_embedding.weight[i] - model.source_embedding.weight[i]).norm() for i in tied]
    torch.testing.assert_close(found["embeddings"][1], torch.stack(apart).sum())

    (hidden,), lost, said = read, 0.0, 0
    for row, shown in zip(stream(len(data.unpaired), len(hidden), 3, 1, pivot_alignment._TARGETS), hidden, strict=True):
        words = collate_words([data.unpaired[row]], 20)
        read_words = model.target_embedding(shown[None, : words.shape[1]]) * model.translator.scale
        states = States(model.reader(read_words, words > 0), words > 0)
        scores = model.translate(prefixes(words), states)[0].log_softmax(-1)
        expected = model.translator.output_index[words[0]]
        lost -= float(scores[torch.arange(words.shape[1]), expected].sum().detach())
        said += words.shape[1]
    assert float(found["autoencoder"][1].detach()) == pytest.approx(lost / said, rel=1e-4)
