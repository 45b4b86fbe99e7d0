"""Every reader of files from outside, fed what is nearly right and what is not: it reads, or says what is wrong.

FUZZ_EXAMPLES is the number of inputs for each reader (`make fuzz`); without it a few that are always the same.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from documents import as_json, as_lines, as_table, damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cross2stra.configuration import read_experiments, read_profile
from cross2stra.data.dictionary import Dictionary, word_list
from cross2stra.data.readers import aic, coco, lists, parallel
from cross2stra.data.streams import Ledger
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.evaluation.captions import read_captions
from cross2stra.evaluation.external import read_external
from cross2stra.ratings.answers import read_answers, read_key
from cross2stra.ratings.questions import NAMES
from cross2stra.reporting.recorded import restore
from cross2stra.structures.tree import flat_tree, retokenise, to_arrays

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
COCO = {
    "images": [{"id": 1, "file_name": "COCO_val2014_000000000001.jpg", "width": 640, "height": 480}],
    "annotations": [{"image_id": 1, "caption": "A dog runs.", "source": "x"}],
}
KARPATHY = {
    "images": [
        {"filename": "COCO_1.jpg", "filepath": "val2014", "split": "restval", "sentences": [{"raw": "A dog runs."}]}
    ]
}
AIC = [{"url": "", "image_id": "a.jpg", "caption": ["一只狗在跑", "一只狗"]}]
VOCABULARY = {name: ["<pad>", "<bos>", "<eos>", "<unk>", "<mask>", "a"] for name in ("pivot", "target")} | {
    "captioner_words": [5]
}
DICTIONARY = {"pivot": ["dog"], "target": ["狗"], "translations": {"dog": ["狗"]}}
TREE = "(S (NP (DT a) (NN dog)) (VP (VBZ runs) (PP (IN on) (NN grass))))"
KEY = ["form", "item", "image_id", "system", "text"]
ANSWERS = ["form", "rater", "item", *NAMES]
PROFILE = b"profile: x\ntransfers: {a: {pivot: en, target: zh, corpus: world}}\nsystems: [cross2stra]\ntraining: {updates: {}}\n"


def all_of(lines: Any) -> list[Any]:
    return list(lines)


READERS: dict[str, tuple[str, st.SearchStrategy[bytes], Callable[[Path], Any]]] = {
    "coco": ("c.json", as_json(COCO), lambda path: coco.read_captions(path, Ledger(), "en")),
    "karpathy": ("c.json", as_json(KARPATHY), lambda path: coco.read_karpathy(path, Ledger())),
    "aic": ("c.json", as_json(AIC), lambda path: aic.read_captions(path, Ledger())),
    "caption_lines": (
        "c.txt",
        as_lines("COCO_val2014_000000217153#0\ta dog", "667626_18933d713e.jpg#zhc#0 一只狗"),
        lambda path: lists.read_captions(path, Ledger(), "zh"),
    ),
    "ids": ("ids.txt", as_lines("1.jpg", "COCO_val2014_000000000001"), lambda path: lists.read_ids(path, Ledger())),
    "visual_genome_ids": (
        "map.tsv",
        as_table("\t", ["vg_id", "coco_id", "flickr_id", "width", "height"], ["1", "2", "3", "640", "480"]),
        lambda path: all_of(lists.read_visual_genome_ids(path)),
    ),
    "entity_sizes": ("s.jsonl", as_json({"image": "1", "width": 3, "height": 4}), lists.read_entity_sizes),
    "aligned": (
        "p.txt",
        as_lines("a dog runs", "一只狗在跑"),
        lambda path: all_of(parallel.read_aligned(path, path, Ledger(), "x", path)),
    ),
    "alternating": (
        "p.txt",
        as_lines("a dog runs", "一只狗在跑"),
        lambda path: all_of(parallel.read_alternating(path, Ledger(), "x")),
    ),
    "columns": (
        "p.tsv",
        as_lines("a dog\t狗", "a\tb\tc"),
        lambda path: all_of(parallel.read_columns(path, Ledger(), "x")),
    ),
    "captions": (
        "1.jsonl",
        as_json({"image_id": "1", "split": "test", "text": "狗", "pivot": "a dog"}),
        read_captions,
    ),
    "external_lines": ("e.jsonl", as_json({"image_id": "1", "text": "狗"}), read_external),
    "external_list": ("e.json", as_json([{"image_id": 1, "caption": "狗"}]), read_external),
    "external_coco_cn": (
        "e.txt",
        as_json({"imgToEval": {"1": {"caption": [{"image_id": 1, "file_name": "a.jpg", "caption": "狗"}]}}}),
        read_external,
    ),
    "vocabulary": ("v.json", as_json(VOCABULARY), Vocabulary.load),
    "dictionary": ("d.json", as_json(DICTIONARY), Dictionary.load),
    "word_list": ("w.txt", as_lines("dog", "cat"), word_list),
    "key": ("key.csv", as_table(",", KEY, ["f", "1", "9", "ours", "狗"]), read_key),
    "record": ("r.zip", as_json({}), lambda path: restore(path, "x", path.with_name("restored"))),
    "profile": ("x.yaml", as_lines(*PROFILE.decode().splitlines()), read_profile),
    "experiments": ("e.yaml", as_lines("a: {title: A, group: pivoting}", "b:", "  title: B"), read_experiments),
}


def refused(read: Callable[[], Any]) -> str | None:
    """What a ValueError said; None where it was read. Any other exception is a fault."""
    try:
        read()
    except ValueError as error:
        return str(error)
    return None


def fuzzing(few: int) -> Callable[[Any], Any]:
    """As many examples as FUZZ_EXAMPLES says, or a few that are the same each time."""
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("name", READERS)
def test_reads_or_names_what_is_wrong(name: str, tmp_path: Path) -> None:
    file, documents, read = READERS[name]
    found: Counter[str] = Counter()

    @fuzzing(40)
    @given(damaged(documents))
    def feed(data: bytes) -> None:
        path = tmp_path / file
        path.write_bytes(data)
        said = refused(lambda: read(path))
        assert said is None or path.name in said
        found["read" if said is None else "refused"] += 1

    feed()
    print(f"[fuzz] {name}: {dict(found)}")


@fuzzing(100)
@given(damaged(as_lines(TREE, TREE[1:], TREE[:-1], "(S)", "()", "(S (NP))", "(X a b)", "((a) b)")))
def test_trees(data: bytes) -> None:
    text = data.decode("utf-8", "replace").strip()

    def arrays() -> None:
        made = to_arrays(text)
        assert len(made.parents) == len(made.tokens) + len(made.labels)

    def other_tokens() -> None:
        made = retokenise(text, ["a", "dog"])
        assert made is None or to_arrays(made).tokens == ("a", "dog")

    assert refused(arrays) != ""
    assert refused(other_tokens) != ""


@fuzzing(40)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1), min_size=1, max_size=6)
)
def test_any_tokens_have_a_flat_tree(tokens: list[str]) -> None:
    assert list(to_arrays(flat_tree(tokens)).tokens) == [
        token.replace("-LRB-", "(").replace("-RRB-", ")") for token in tokens
    ]


@fuzzing(40)
@given(data=damaged(as_table(",", ANSWERS, ["f", "r", "1", "1", "2", "3", "10", "5", "6"])))
def test_answers(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "key.csv").write_text(",".join(KEY) + "\nf,1,9,ours,狗\n", "utf-8")
    key = read_key(folder / "key.csv")
    path = folder / "answers.csv"
    path.write_bytes(data)
    said = refused(lambda: read_answers(key, [path]))
    assert said is None or "answers.csv" in said or "no answer in the files given" in said
