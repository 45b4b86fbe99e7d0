"""Chinese scene graphs by rules: words, then noun phrases, then what stands before 的, then clauses."""

from __future__ import annotations

from collections.abc import Sequence

from cross2stra.structures.language.chinese.clauses import Clause
from cross2stra.structures.language.chinese.modifiers import resolve
from cross2stra.structures.language.chinese.phrases import chunk
from cross2stra.structures.language.chinese.words import words
from cross2stra.structures.language.facts import Facts


def facts(tokens: Sequence[str]) -> Facts:
    """What all rules find in a tokenised sentence; labels are words as in the sentence."""
    found = Facts()
    Clause(found).read(resolve(chunk(words(tokens), found), found))
    return found
