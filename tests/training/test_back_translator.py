"""M: the straight-through input has the value of the hard words, a gradient, and leaves M alone."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import MT5Config, MT5ForConditionalGeneration
from typer.testing import CliRunner

from cross2stra.cli.external import app
from cross2stra.configuration import BackTranslator as Settings
from cross2stra.training.back_translator import END, BackTranslator, _coverage, padded, train_back_translator

WORDS = ["狗", "猫", "红色", "坐", "草地", "大大的"]


@pytest.fixture(scope="module")
def translator(tmp_path_factory) -> BackTranslator:
    folder: Path = tmp_path_factory.mktemp("m") / "translator"
    pairs = [
        (f"{a} 坐 {b} {n}", f"{c} sits {d} {n}")
        for a, c in (("狗", "dog"), ("猫", "cat"))
        for b, d in (("草地", "grass"), ("红色", "red"))
        for n in range(60)
    ]
    settings = Settings(pieces=40, d_model=16, layers=1, updates=4, batch=4)
    train_back_translator(settings, pairs, folder)
    found = BackTranslator.load(folder)
    found.bind_vocabulary(WORDS)
    return found


def test_value_is_the_plain_loss_of_the_hard_sentence(translator: BackTranslator) -> None:
    ids, mask = torch.tensor([[0, 3, 4], [1, 5, 0]]), torch.tensor([[True, True, True], [True, True, False]])
    one_hot = torch.nn.functional.one_hot(ids, len(WORDS)).float()
    gold = ["dog sits grass", "cat sits red"]
    found = translator.negative_log_likelihood(ids, one_hot, mask, gold)
    sources = [[p for w in row for p in translator.word_pieces[w]] + [1] for row in ([0, 3, 4], [1, 5])]
    labels = padded([[*translator.pieces.encode(g), 1] for g in gold])
    pieces = padded(sources)
    plain = translator.model(
        input_ids=pieces, attention_mask=(pieces != 0).long(), labels=labels.masked_fill(labels == 0, -100)
    ).loss
    assert float(found) == pytest.approx(float(plain), rel=1e-5)


def test_gradient_reaches_the_words_and_not_the_translator(translator: BackTranslator) -> None:
    ids, mask = torch.tensor([[0, 3]]), torch.ones(1, 2, dtype=torch.bool)
    one_hot = torch.nn.functional.one_hot(ids, len(WORDS)).float().requires_grad_()
    translator.negative_log_likelihood(ids, one_hot, mask, ["dog sits"]).backward()
    assert one_hot.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in translator.model.parameters())

    pieces = padded([[*translator.pieces.encode("狗 坐"), END]])
    owners = [word for word, i in enumerate(ids[0].tolist()) for _ in translator.word_pieces[i]]
    embedded = translator.model.get_input_embeddings()(pieces).detach().requires_grad_()
    labels = padded([[*translator.pieces.encode("dog sits"), END]])
    translator.model(inputs_embeds=embedded, attention_mask=torch.ones_like(pieces), labels=labels).loss.backward()
    for word in (0, 1):
        own = sum(embedded.grad[0, piece] for piece, owner in enumerate(owners) if owner == word)
        torch.testing.assert_close(one_hot.grad[0, word], translator.word_means @ own, rtol=1e-4, atol=1e-6)


def test_translates_every_sentence(translator: BackTranslator) -> None:
    assert len(translator.translate(["狗 坐", "猫"])) == 2


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sentencepiece"):
        BackTranslator.load(tmp_path)


def test_vocabulary_grows_where_its_characters_need_it() -> None:
    many = [("".join(chr(0x4E00 + i) for i in range(200)), "a dog")] * 3
    coverage, size = _coverage(many, 100)
    assert 0.98 <= coverage <= 1
    assert size > 200
    assert _coverage([("狗 坐", "dog sits")], 100) == (1.0, 108)


PAIRS = [(f"狗 坐 {n}", f"dog sits {n}") for n in range(300)]


@pytest.fixture(scope="module", params=["t5", "mt5"])
def pretrained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published T5 or mT5, tiny and with random weights: its pieces are named as such releases name them."""
    folder: Path = tmp_path_factory.mktemp("published") / request.param
    train_back_translator(Settings(pieces=40, d_model=16, layers=1, updates=1, batch=4), PAIRS, folder)
    (folder / "sentencepiece.model").rename(folder / "spiece.model")
    if request.param == "mt5":
        torch.manual_seed(7)
        sizes = {"d_model": 16, "d_kv": 4, "d_ff": 32, "num_layers": 1, "num_heads": 2, "vocab_size": 400}
        MT5ForConditionalGeneration(MT5Config(**sizes)).save_pretrained(folder)
    return folder


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_training_begins_at_pretrained_weights(pretrained: Path, tmp_path: Path) -> None:
    begun = weights_of(pretrained)
    settings = Settings(folder=str(pretrained), batch=4, learning_rate=1e-3)
    train_back_translator(settings.model_copy(update={"updates": 0}), PAIRS, tmp_path / "as_it_is")
    assert all(torch.equal(tensor, begun[name]) for name, tensor in weights_of(tmp_path / "as_it_is").items())
    train_back_translator(settings.model_copy(update={"updates": 3}), PAIRS, tmp_path / "trained")
    moved = {
        name: float((tensor - begun[name]).abs().max()) for name, tensor in weights_of(tmp_path / "trained").items()
    }
    assert moved.keys() == begun.keys()
    assert 0 < max(moved.values()) < 0.1  # not drawn again
    found = BackTranslator.load(tmp_path / "trained")
    assert type(found.model) is type(BackTranslator.load(pretrained).model)
    assert (tmp_path / "trained" / "sentencepiece.model").read_bytes() == (pretrained / "spiece.model").read_bytes()
    assert len(found.translate(["狗 坐 1"])) == 1


def test_what_is_no_pretrained_translator_is_named(pretrained: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"back_translator\.folder: expected a folder.*sentencepiece\.model"):
        train_back_translator(Settings(folder=str(tmp_path), updates=1), PAIRS, tmp_path / "out")
    (tmp_path / "spiece.model").write_bytes((pretrained / "spiece.model").read_bytes())
    with pytest.raises(ValueError, match=r"back_translator\.folder: .* has no weights of a T5 or mT5"):
        train_back_translator(Settings(folder=str(tmp_path), updates=1), PAIRS, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_translator_that_is_taken_as_it_is_translates_one_way(tmp_path: Path) -> None:
    profile = (
        "profile: x\ntransfers: {a: {pivot: en, target: zh, corpus: world}}\nsystems: []\n"
        "training: {updates: {caption_translate: 1, align: 1, back_translate: 1, joint: 1}}\n"
    )
    (tmp_path / "x.yaml").write_text(profile + "back_translator: {folder: weights/m, updates: 0}\n", encoding="utf-8")
    options = {"config": tmp_path / "x.yaml", "transfer": "a", "parallel": tmp_path, "output": tmp_path / "out"}
    command = [
        "train-back-translator",
        *(str(part) for name, value in options.items() for part in (f"--{name}", value)),
    ]
    done = CliRunner().invoke(app, [*command, "--reverse"])
    assert isinstance(done.exception, ValueError)
    assert "back_translator.updates is 0, so weights/m is taken as it is" in str(done.exception)
