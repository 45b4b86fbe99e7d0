"""The parser: learns, is saved and read without pickles, and has an answer to everything."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from nltk import Tree

from cross2stra.configuration import Parser as Settings
from cross2stra.data.files import read_json, write_json
from cross2stra.structures.syntax.backends import trees as trees_of
from cross2stra.structures.syntax.parser import LONGEST, Parser, _bracketed, part_of
from cross2stra.structures.syntax.scores import bracket_score, brackets
from cross2stra.structures.syntax.training import split_held_out, train_parser
from cross2stra.structures.tree import flat_tree, read_tree, to_arrays

SETTINGS = Settings(trees=250, updates=60, d_model=64)


@pytest.fixture(scope="module")
def trained(trees: list[Tree], tmp_path_factory: pytest.TempPathFactory) -> tuple[Parser, dict, Parser]:
    """(parser, scores, the same parser read from its folder)."""
    torch.set_num_threads(1)
    parser, scores = train_parser(trees, SETTINGS, seed=1)
    folder = tmp_path_factory.mktemp("parsers") / "en"
    parser.save(folder, scores)
    assert read_json(folder / "scores.json")["f1"] == scores["f1"]
    assert not [file for file in folder.iterdir() if file.suffix not in (".json", ".safetensors")]
    return parser, scores, Parser.load(folder)


def test_learns_a_small_grammar(trained: tuple[Parser, dict, Parser]) -> None:
    scores = trained[1]
    assert scores["f1"] > 85
    assert scores["sentences"] == 30
    assert scores["training_trees"] == 250


def test_a_saved_parser_gives_the_same_trees(trained: tuple[Parser, dict, Parser], trees: list[Tree]) -> None:
    parser, _, loaded = trained
    sentences = [tree.leaves() for tree in trees[:50]]
    assert loaded.parse(sentences) == parser.parse(sentences)


def test_trees_do_not_depend_on_the_batch(trained: tuple[Parser, dict, Parser], trees: list[Tree]) -> None:
    sentences = [tree.leaves() for tree in trees[:20]]
    together = Parser(trained[0].models).parse(sentences)
    alone = [Parser(trained[0].models).parse([sentence])[0] for sentence in sentences]
    assert together == alone


def test_leaves_are_kept_in_order(trained: tuple[Parser, dict, Parser]) -> None:
    sentences = [["a", "dog"], ["cat"], ["(", "unheard-of", ")", "dog", "sits"], ["狗", "sees", "a", "红色", "cat"]]
    for sentence, tree in zip(sentences, trained[2].parse(sentences), strict=True):
        assert to_arrays(tree).tokens == tuple(sentence)


def test_what_cannot_be_parsed_is_flat(trained: tuple[Parser, dict, Parser]) -> None:
    endless = ["dog"] * (LONGEST + 1)
    assert trained[2].try_parse([[], endless, ["a", ""]]) == [None, None, None]
    assert trained[2].parse([[], endless]) == ["(S (X <unk>))", flat_tree(endless)]


def test_the_same_seed_gives_the_same_parser(trees: list[Tree]) -> None:
    small = Settings(trees=100, updates=3, d_model=32)
    first, second = (train_parser(trees[:120], small, seed=3)[0].models[0].state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_jackknife_parsers_have_not_seen_their_sentences(trees: list[Tree], monkeypatch: pytest.MonkeyPatch) -> None:
    from cross2stra.structures.syntax import training

    seen: list[list[Tree]] = []
    train = training._train
    monkeypatch.setattr(training, "_train", lambda own, *rest: seen.append(own) or train(own, *rest))
    parser, _ = train_parser(trees, Settings(trees=250, updates=1, d_model=32, jackknife=2), seed=1)
    assert len(parser.models) == 2
    for part, own in enumerate(seen):
        assert own
        assert all(part_of(tree.leaves(), 2) != part for tree in own)


def test_too_few_trees(trees: list[Tree]) -> None:
    with pytest.raises(ValueError, match="too few"):
        train_parser(trees[:20], SETTINGS, seed=1)


def test_a_folder_without_a_parser(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"expected parser\.json"):
        Parser.load(tmp_path)


def test_held_out_trees_do_not_train(trees: list[Tree]) -> None:
    training, held_out = split_held_out(trees, seed=1)
    assert len(held_out) == 30
    assert not {tuple(t.leaves()) for t in training} & {tuple(t.leaves()) for t in held_out}


def test_brackets_and_score() -> None:
    gold = read_tree("(S (NP (D a) (N b)) (VP (V c) (NP (D d) (N e))))")
    other = read_tree("(S (NP (D a) (N b)) (V c) (NP (D d) (N e)))")
    assert brackets(gold) == {("S", 0, 5): 1, ("NP", 0, 2): 1, ("VP", 2, 5): 1, ("NP", 3, 5): 1}
    score = bracket_score([(gold, other), (gold, gold)])
    assert score.precision == 100
    assert score.recall == pytest.approx(100 * 7 / 8)
    assert score.f1 == pytest.approx(2 * 100 * 7 / 15)
    assert score.exact == 50
    assert bracket_score([]).f1 == 0


def test_spans_to_brackets() -> None:
    spans = [(0, 3, "S::VP"), (0, 1, ""), (1, 3, "NP"), (1, 2, ""), (2, 3, "NP")]
    starts, ends, labels = zip(*spans, strict=True)
    assert _bracketed(["see", "a", "dog"], starts, ends, labels, ["V", "D", "N"]) == "(S (V see) (NP (D a) (N dog)))"


def test_annotated_first_then_parsed_then_flat(trained: tuple[Parser, dict, Parser]) -> None:
    texts = {
        "a dog sits": ["A dog sits.", "A dog sits!"],
        "the cat sees a bird": ["The cat sees a bird."],
        "": ["!!!"],
    }
    gold = {"A dog sits!": "(S (NP (DT a) (NN dog)) (VP (VBZ sits)) (. !))"}
    rows, counts = trees_of(texts, gold, trained[2], "annotated")
    assert rows[0] == ("a dog sits", "(S (NP (DT a) (NN dog)) (VBZ sits))", False)
    assert rows[2] == ("", "(S (X <unk>))", True)
    assert (counts.annotated, counts.parsed, counts.flat) == (1, 1, 1)
    assert trees_of(texts, gold, trained[2], "benepar")[1].annotated == 0
    with pytest.raises(ValueError, match="no backend 'stanza'"):
        trees_of(texts, gold, trained[2], "stanza")


def test_published_weights_are_read_as_tensors(trees: list[Tree], tmp_path: Path) -> None:
    own, _ = train_parser(trees[:120], Settings(trees=100, updates=3, d_model=32), seed=3)
    model, sentences = own.models[0], [tree.leaves() for tree in trees[:4]]
    write_json(tmp_path / "weights" / "config.json", {"benepar": model.config})
    torch.save(model.state_dict(), tmp_path / "weights" / "benepar_model.bin")
    write_json(tmp_path / "named" / "parser.json", {"published": str(tmp_path / "weights")})
    for folder in ("weights", "named"):
        assert Parser.load(tmp_path / folder).parse(sentences) == own.parse(sentences)
