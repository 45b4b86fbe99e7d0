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
from documents import damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import READERS, refused

from cross2stra.structures.tree import flat_tree, to_arrays

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))


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
        said = refused(read, path)
        assert said is None or path.name in said
        found["read" if said is None else "refused"] += 1

    feed()
    print(f"[fuzz] {name}: {dict(found)}")


@fuzzing(40)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1), min_size=1, max_size=6)
)
def test_any_tokens_have_a_flat_tree(tokens: list[str]) -> None:
    assert list(to_arrays(flat_tree(tokens)).tokens) == [
        token.replace("-LRB-", "(").replace("-RRB-", ")") for token in tokens
    ]
