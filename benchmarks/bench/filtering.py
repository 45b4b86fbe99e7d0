"""The caption-dictionary filter, beside the same rules written in pandas and beside OpusFilter, which has no dictionary."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import jieba
import pandas as pd
from harness import Case
from nltk.tokenize import NLTKWordTokenizer

from cross2stra.configuration import Filter
from cross2stra.data.alignment import translations
from cross2stra.data.caption_like import MARKUP, shares
from cross2stra.data.dictionary import Dictionary
from cross2stra.data.filter import Report, judged
from cross2stra.data.function_words import is_content
from cross2stra.data.languages import tokenise
from cross2stra.data.records import ParallelSentence
from cross2stra.world.knobs import turned
from cross2stra.world.parallel import draw_pairs

LANGUAGES = ("en", "zh")


def drawn(count: int = 5000) -> tuple[list[ParallelSentence], Dictionary]:
    """Pairs of the world, two sentences joined to one as long as those of real parallel text; the words of some."""
    pairs = list(draw_pairs(count, 1, 256, turned({})))
    known = [pair for pair in pairs if pair.fate == "picture_like"][:2000]
    cut = [tokenise(side, [getattr(pair, side) for pair in known]) for side in LANGUAGES]
    words = [
        [[word for word in row if is_content(side, word)] for row in rows]
        for side, rows in zip(LANGUAGES, cut, strict=True)
    ]
    dictionary = Dictionary(
        *(frozenset(word for row in rows for word in row) for rows in words),
        translations=translations(list(zip(*words, strict=True))),
    )
    rows = [
        ParallelSentence(f"{step}:{number}", "world", "", f"{a.en} and {b.en}", f"{a.zh}，{b.zh}")
        for step in range(1, 5)
        for number, (a, b) in enumerate(zip(pairs, pairs[step:], strict=False))
    ]
    return rows, dictionary


def kept(rows: list[ParallelSentence], dictionary: Dictionary, processes: int = 1) -> int:
    """How many pairs pass ours."""
    return sum(1 for _ in judged(rows, LANGUAGES, dictionary, Filter(), Report(), processes))


def by_pandas(rows: list[ParallelSentence], dictionary: Dictionary, options: Filter) -> pd.DataFrame:
    """The pairs that pass the same tests, a column at a time; words by nltk and jieba."""
    table = pd.DataFrame({"en": [row.en for row in rows], "zh": [row.zh for row in rows]})
    table = table[(table.en != "") & (table.zh != "")]
    table = table[~(table.en.str.contains(MARKUP) | table.zh.str.contains(MARKUP))]
    han, latin = (pd.DataFrame({s: table[s].str.count(p) for s in LANGUAGES}) for p in ("[\u3400-\u9fff]", "[A-Za-z]"))
    table = table[(latin.en > 5 * han.en) & (5 * han.zh > latin.zh)]
    keys = table.en.str.lower().str.replace(r"\W", "", regex=True), table.zh.str.replace(r"\W", "", regex=True)
    table = table[~(keys[0] + "\t" + keys[1]).duplicated()]
    english = NLTKWordTokenizer()
    table["words_en"] = table.en.str.lower().map(english.tokenize)
    table["words_zh"] = table.zh.str.replace(r"\W", "", regex=True).map(jieba.lcut)
    lengths = pd.DataFrame({side: table[f"words_{side}"].str.len() for side in LANGUAGES})
    shortest, longest = lengths.min(axis=1), lengths.max(axis=1)
    fits = (shortest >= options.min_tokens) & (longest <= options.max_tokens)
    table = table[fits & (longest <= options.length_ratio * shortest)]

    def caption_like(row: pd.Series) -> bool:
        own, other = ([word for word in row[f"words_{side}"] if is_content(side, word)] for side in LANGUAGES)
        found = shares(dictionary, own, other)
        return min(found.pivot, found.target) >= options.coverage and found.agreement >= options.agreement

    return table[table.apply(caption_like, axis=1)]


def by_opusfilter(rows: list[ParallelSentence], options: Filter) -> list[bool]:
    """Which pairs pass OpusFilter's filters of like rules: length, ratio, script, markup."""
    from opusfilter import filters

    limits = {"min_length": [options.min_tokens, 1], "max_length": [options.max_tokens, 200], "unit": ["word", "char"]}
    chosen = (
        filters.LengthFilter(**limits),
        filters.LengthRatioFilter(threshold=options.length_ratio, unit=["word", "char"]),
        filters.CharacterScoreFilter(scripts=["Latin", "Han"], thresholds=[0.8, 0.5]),
        filters.HtmlTagFilter(),
        filters.RegExpFilter(regexps=[MARKUP.pattern] * 2),
    )
    decided = [one.decisions([(row.en, row.zh) for row in rows]) for one in chosen]
    return [all(row) for row in zip(*decided, strict=True)]


def cases() -> Iterator[Case]:
    """One process each; then two. OpusFilter's row is there where the package is: nothing else of the project needs it."""
    rows, dictionary = drawn()
    options = Filter()

    def ours() -> int:
        return kept(rows, dictionary)

    def same(own: int, other: int) -> str:
        return f"{own} pairs pass, {other} of theirs"

    step = f"filter of {len(rows)} sentence pairs"
    yield Case(step, "pandas", ">= 5", ours, lambda: len(by_pandas(rows, dictionary, options)), same, rounds=3)
    if importlib.util.find_spec("opusfilter"):
        yield Case(step, "OpusFilter", ">= 5", ours, lambda: sum(by_opusfilter(rows, options)), same, rounds=3)
    else:
        print("no row beside OpusFilter: it is not installed (pip install opusfilter)", flush=True)
    more, dictionary = drawn(20000)
    yield Case(
        f"filter of {len(more)} sentence pairs, two processes",
        "one process",
        "> 1",
        lambda: kept(more, dictionary, 2),
        lambda: kept(more, dictionary),
        same,
        rounds=3,
    )
