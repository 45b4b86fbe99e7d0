"""M: the straight-through input has the value of the hard words, a gradient, and leaves M alone."""

from pathlib import Path

import pytest
import torch

from cross2stra.configuration import BackTranslator as Settings
from cross2stra.training.back_translator import BackTranslator, _coverage, padded, train_back_translator

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
