"""Whether a sentence pair is like captions (B.1): the tests of a pair by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cross2stra.configuration import Filter
from cross2stra.data.dictionary import Dictionary
from cross2stra.data.function_words import is_content
from cross2stra.data.languages import has_script, text_key, tokenise
from cross2stra.data.records import ParallelSentence, SentencePair

MARKUP = re.compile(r"<[a-z/][^>]*>|&[a-z]+;|https?:|www\.", re.IGNORECASE)


class Shares(NamedTuple):
    """How much of a pair is caption language, each from 0 to 1; `score` ranks pairs (longer is better, if covered)."""

    pivot: float
    target: float
    agreement: float
    score: float


class Verdict(NamedTuple):
    """What a pair's own text says of it.

    `unreadable`: the first test that it fails before it is cut into words, or "". `key`: equal for duplicates, "" where
    unreadable. `fault`: the first test that its words fail, or "". `shares`: where it came so far, and the pair's score.
    """

    pair: SentencePair
    unreadable: str
    key: str = ""
    fault: str = ""
    shares: Shares | None = None


def shares(dictionary: Dictionary, pivot: Sequence[str], target: Sequence[str]) -> Shares:
    """Shares of content words in the dictionary (each side), and of pivot words with a translation on the other side.

    `pivot`, `target`: content words. A side without content words has share 0; agreement is 1 where no pivot word has a
    translation that could be looked for.
    """
    own, other = sum(word in dictionary.pivot for word in pivot), sum(word in dictionary.target for word in target)
    asked = [dictionary.translations[word] for word in pivot if word in dictionary.translations]
    present = set(target)
    found = sum(not present.isdisjoint(words) for words in asked)
    score = (own / (len(pivot) + 1) + other / (len(target) + 1) + found / (len(asked) + 1)) / 3
    return Shares(
        own / len(pivot) if pivot else 0.0,
        other / len(target) if target else 0.0,
        found / len(asked) if asked else 1.0,
        score,
    )


def verdicts(
    rows: Sequence[ParallelSentence], languages: tuple[str, str], dictionary: Dictionary, options: Filter
) -> list[Verdict]:
    """The verdict on each raw pair; `languages` are (pivot, target)."""
    pairs = [SentencePair(row.id, "", row.source, 0.0, *(getattr(row, side) for side in languages)) for row in rows]
    reasons = [_unreadable(pair, languages) for pair in pairs]
    readable = [pair for pair, reason in zip(pairs, reasons, strict=True) if not reason]
    sides = [tokenise(languages[k], [(pair.pivot, pair.target)[k] for pair in readable]) for k in (0, 1)]
    words = zip(*sides, strict=True)
    return [
        Verdict(pair, reason) if reason else _verdict(pair, next(words), languages, dictionary, options)
        for pair, reason in zip(pairs, reasons, strict=True)
    ]


def _verdict(
    pair: SentencePair,
    sides: tuple[list[str], ...],
    languages: tuple[str, str],
    dictionary: Dictionary,
    options: Filter,
) -> Verdict:
    key = f"{text_key(pair.pivot)}\t{text_key(pair.target)}"
    fault = _length_fault(len(sides[0]), len(sides[1]), options)
    if fault:
        return Verdict(pair, "", key, fault)
    content = ([word for word in side if is_content(languages[k], word)] for k, side in enumerate(sides))
    found = shares(dictionary, *content)
    return Verdict(replace(pair, score=found.score), "", key, _share_fault(found, options), found)


def _unreadable(pair: SentencePair, languages: tuple[str, str]) -> str:
    if not (pair.pivot and pair.target):
        return "empty side"
    if MARKUP.search(pair.pivot) or MARKUP.search(pair.target):
        return "markup"
    readable = has_script(languages[0], pair.pivot) and has_script(languages[1], pair.target)
    return "" if readable else "language"


def _length_fault(own: int, other: int, options: Filter) -> str:
    if min(own, other) < options.min_tokens:
        return "too short"
    if max(own, other) > options.max_tokens:
        return "too long"
    return "length ratio" if max(own, other) > options.length_ratio * min(own, other) else ""


def _share_fault(found: Shares, options: Filter) -> str:
    if found.pivot < options.coverage:
        return "coverage of pivot"
    if found.target < options.coverage:
        return "coverage of target"
    return "no agreement" if found.agreement < options.agreement else ""
