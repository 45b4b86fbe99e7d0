"""The sentences that have structures, their texts, and shards of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.data.records import Caption, SentencePair, write_records
from cross2stra.structures.sentences import sentences
from cross2stra.structures.shards import shard


def test_distinct_sentences_of_each_side(tmp_path: Path) -> None:
    captions = [
        Caption("1", "train", "en", "A dog.", "a dog"),
        Caption("2", "train", "en", "a  dog", "a dog"),
        Caption("2", "train", "en", "A dog.", "a dog"),
    ]
    pairs = [SentencePair("p", "train", "um", 1.0, "A cat.", "一只猫。", "a cat", "一只 猫")]
    write_records(tmp_path / "captions.parquet", Caption, captions)
    write_records(tmp_path / "pairs.parquet", SentencePair, pairs)
    assert sentences(tmp_path, "pivot") == {"a dog": ["A dog.", "a dog"], "a cat": ["A cat."]}
    assert sentences(tmp_path, "target") == {"一只 猫": ["一只猫。"]}
    shards = [sentences(tmp_path, "pivot", f"{i}/2") for i in (1, 2)]
    assert shards == [{"a dog": ["A dog.", "a dog"]}, {"a cat": ["A cat."]}]
    with pytest.raises(ValueError, match="pivot or target"):
        sentences(tmp_path, "en")


def test_shards_are_a_partition_in_order() -> None:
    names = [str(i) for i in range(10)]
    assert [name for i in (1, 2, 3) for name in shard(names, f"{i}/3")] == names
    for wrong in ("0/3", "4/3", "3", "a/b"):
        with pytest.raises(ValueError, match="i/n"):
            shard(names, wrong)
