"""Treebanks in their own formats, made small here, and the rule of what may train a parser."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from cross2stra.data.files import write_table
from cross2stra.structures.syntax.treebanks import (
    chinese_trees,
    corpus_trees,
    gold_trees,
    held_out_texts,
    penn_trees,
    sinica_trees,
    training_trees,
)
from cross2stra.structures.tree import one_line


def make_zip(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def test_penn_trees_are_normalised(tmp_path: Path) -> None:
    text = """
( (S
    (NP-SBJ-1 (DT The) (NN Dog) (, ,) )
    (VP (VBZ wants)
      (S (NP-SBJ (-NONE- *-1) ) (VP (TO to) (VP (VB eat) (NP (NN 1\\/2) (NN cake) )))))
    (. .) ))
( (NP (`` ``) ('' '') ))
"""
    archive = make_zip(tmp_path / "treebank.zip", {"treebank/combined/wsj_0001.mrg": text, "treebank/README": "x"})
    left_out: Counter[str] = Counter()
    assert [one_line(tree) for tree in penn_trees(archive, left_out)] == [
        "(S (NP (DT the) (NN dog)) (VP (VBZ wants) (S (TO to) (VP (VB eat) (NP (NN 1/2) (NN cake))))))"
    ]
    assert left_out == {"no word": 1}


def test_chinese_trees_of_old_and_new_releases(tmp_path: Path) -> None:
    old = """<DOC>
<HEADER>
1994-01-01 (one of two)
</HEADER>
<S ID=1>
( (IP-HLN (NP-SBJ (PN 我们))
          (VP (VC 是)
              (NP-PRD (DNP (NP (NN 邻居)) (DEG 的))
                      (NP (NN 朋友))))
          (PU 。)) )
</S>
<S ID=2>
( (FRAG (PU （) (PU ）)) )
</S>
</DOC>
"""
    new = """<seg id="1">
( (IP (NP-SBJ (-NONE- *pro*))
      (VP (VV 喜欢)
          (NP-OBJ (NN 朋友)))) )
</seg>
<seg id="2">
( (IP (NP (NN 朋友))
</seg>
<seg id="3">
( (IP (NN 朋友 们)) )
</seg>
"""
    archive = make_zip(
        tmp_path / "ctb.zip",
        {
            "ctb/bracketed/": "",
            "ctb/bracketed/chtb_001.fid": old.encode("gb18030"),
            "ctb/bracketed/chtb_2001.nw": new.encode(),
            "ctb/postagged/chtb_001.fid.pos": "我们_PN",
        },
    )
    left_out: Counter[str] = Counter()
    assert [one_line(tree) for tree in chinese_trees(archive, left_out)] == [
        "(S (PN 我们) (VP (VC 是) (NP (ADJP (NN 邻居) (DEG 的)) (NN 朋友))))",
        "(S (VV 喜欢) (NN 朋友))",
    ]
    assert left_out == {"no word": 1, "no tree": 2}


def test_the_treebank_that_is_there_is_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no ptb\.zip or treebank\.zip there.*config/sources\.csv"):
        training_trees(tmp_path, "en", Counter())
    make_zip(tmp_path / "ctb.zip", {"bracketed/chtb_0001.nw": "( (IP (NN 邻居) (VP (VV 喜欢) (NN 朋友))) )"})
    assert [tree.leaves() for tree in training_trees(tmp_path, "zh", Counter())] == [["邻居", "喜欢", "朋友"]]
    make_zip(tmp_path / "treebank.zip", {"treebank/combined/wsj_0001.mrg": "( (S (DT a) (NN sample)) )"})
    assert [tree.leaves() for tree in training_trees(tmp_path, "en", Counter())] == [["a", "sample"]]
    make_zip(tmp_path / "ptb.zip", {"WSJ/00/WSJ_0001.MRG": "( (S (DT the) (NN whole)) )"})  # as its disc has it
    assert [tree.leaves() for tree in training_trees(tmp_path, "en", Counter())] == [["the", "whole"]]
    with pytest.raises(ValueError, match=r"ctb\.zip: expected files \*bracketed/\*"):
        chinese_trees(make_zip(tmp_path / "ctb.zip", {"chtb_0001.nw": ""}), Counter())


def test_sinica_trees_are_simplified_and_on_our_tokens(tmp_path: Path) -> None:
    lines = [
        "#1:1.[1] S(theme:NP(Head:Nhaa:我們)|Head:V_11:是|range:NP(property:N‧的(head:Nab:鄰居|Head:DE:的)|Head:Nab:朋友))#，(COMMA)",
        "#2:2.[2] NP(Head:Nad:(broken#。(PERIOD)",
        "#3:3.[3] S(-NONE-(Head:Na:球))#。(PERIOD)",  # as a trace: no word is left
    ]
    archive = make_zip(tmp_path / "sinica_treebank.zip", {"sinica_treebank/parsed": "\n".join(lines)})
    left_out: Counter[str] = Counter()
    trees = sinica_trees(archive, left_out)
    assert left_out == {"no tree": 2}
    assert [one_line(tree) for tree in trees] == [
        "(S (Nh 我们) (V 是) (NP (ADJP (Na 邻居) (DE 的)) (Na 朋友)))",
    ]


def test_absent_and_broken_archives_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"treebank\.zip"):
        penn_trees(tmp_path / "treebank.zip", Counter())
    (tmp_path / "treebank.zip").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match="not a zip, or a truncated or damaged archive"):
        penn_trees(tmp_path / "treebank.zip", Counter())


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw folder with derivations: of a training caption, of a validation caption, of a sentence of both."""
    chinese = {
        "一只狗在跑。": "(S (NP (QP (CD 一) (CLP (M 只))) (NN 狗)) (VP (AD 在) (VV 跑)))",
        "两只猫在睡。": "(S (NP (QP (CD 两) (CLP (M 只))) (NN 猫)) (VP (AD 在) (VV 睡)))",
        "两只猫在睡": "(S (NP (QP (CD 两) (CLP (M 只))) (NN 猫)) (VP (AD 在) (VV 睡)))",
        "一匹马在吃草。": "(S (NP (QP (CD 一) (CLP (M 匹))) (NN 马)) (VP (AD 在) (VP (VV 吃) (NP (NN 草)))))",
    }
    (tmp_path / "gold").mkdir()
    table = {"text": list(chinese), "tree": list(chinese.values())}
    write_table(tmp_path / "gold" / "trees.zh.parquet", pa.table(table))
    (tmp_path / "aic_val.json").write_text(json.dumps([{"image_id": "1.jpg", "caption": ["两只猫在睡。"]}]))
    (tmp_path / "coco_cn_val.txt").write_text("2#0\t一匹马在吃草。\n")
    (tmp_path / "coco_cn_test.txt").write_text("")
    return tmp_path


def test_validation_and_test_captions_train_no_parser(raw: Path) -> None:
    assert held_out_texts(raw, "zh") == {"两只猫在睡。", "一匹马在吃草。"}
    assert len(gold_trees(raw, "zh")) == 4
    # 两只猫在睡 is another text but the same tokens as a held-out caption
    left_out: Counter[str] = Counter()
    assert ["".join(tree.leaves()) for tree in training_trees(raw, "zh", left_out)] == ["一只狗在跑"]
    assert +left_out == {"a held-out sentence": 2, "words of a held-out sentence": 1}


def test_a_treebank_of_its_own_trains_without_sentences_of_the_corpora(raw: Path) -> None:
    derivations = {
        "一只狗在跑": "(S (NP (QP (CD 一) (CLP (M 只))) (NN 狗)) (VP (AD 在) (VV 跑)))",
        "一只猫在跑。": "(S (NP (QP (CD 一) (CLP (M 只))) (NN 猫)) (VP (AD 在) (VV 跑)))",
    }
    table = {"text": list(derivations), "tree": list(derivations.values())}
    write_table(raw / "gold" / "annotated_trees.zh.parquet", pa.table(table))
    left_out: Counter[str] = Counter()
    assert ["".join(tree.leaves()) for tree in training_trees(raw, "zh", left_out)] == ["一只猫在跑"]
    assert +left_out == {"words of a held-out sentence": 1}
    assert len(corpus_trees(raw, "zh")) == 4


def test_without_the_list_of_held_out_captions_nothing_trains(raw: Path) -> None:
    (raw / "coco_cn_test.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"coco_cn_test\.txt"):
        training_trees(raw, "zh", Counter())


def test_a_raw_folder_without_derivations(tmp_path: Path) -> None:
    assert gold_trees(tmp_path, "en") == {}
    assert gold_trees(None, "en") == {}


def test_the_real_treebanks(mirror: Path) -> None:
    if not (mirror / "trees" / "treebank.zip").exists():
        pytest.skip("the folder of real data has no treebanks")
    english, chinese = (training_trees(mirror / "trees", language, Counter()) for language in ("en", "zh"))
    assert len(english) > 3800
    assert len(chinese) > 9000
    assert one_line(english[0]).startswith("(S (NP (NP (NNP pierre) (NNP vinken))")
