"""The caption-dictionary filter of parallel text (B.1): streaming, in memory that the corpus' size does not change."""

from __future__ import annotations

import csv
import hashlib
import heapq
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from cross2stra.configuration import Filter
from cross2stra.data.caption_like import Shares, verdicts
from cross2stra.data.chance import order
from cross2stra.data.dictionary import Dictionary
from cross2stra.data.files import replacing, write_json
from cross2stra.data.languages import text_key
from cross2stra.data.records import ParallelSentence, SentencePair, Split
from cross2stra.data.streams import chunks, stream_records, write_stream

EXAMPLES = 20
BINS = 20
_CHUNK = 20000
_FIXED = {"-val": Split.VALIDATION, "-test": Split.TEST}
"""Ends of a source's name that fix the split of its pairs (3am-val)."""


class Seen:
    """A Bloom filter of fixed size (16 MiB): a text is taken for seen by mistake once in a hundred thousand, for two
    million texts; it is never missed."""

    def __init__(self, bits: int = 1 << 27, hashes: int = 5) -> None:
        self.table, self.bits = bytearray(bits // 8), bits
        self.numbers = struct.Struct(f"<{hashes}Q")

    def add(self, text: str) -> bool:
        """Remember `text`; True where it was there already."""
        known = True
        for number in self.numbers.unpack(hashlib.blake2b(text.encode(), digest_size=self.numbers.size).digest()):
            byte, bit = divmod(number % self.bits, 8)
            if not self.table[byte] >> bit & 1:
                self.table[byte] |= 1 << bit
                known = False
        return known


@dataclass
class Report:
    """Counts by reason and source, histograms of the shares, examples of each fate."""

    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    histograms: dict[str, np.ndarray] = field(
        default_factory=lambda: {name: np.zeros(BINS, dtype=np.int64) for name in ("pivot", "target", "agreement")}
    )
    examples: dict[str, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict)

    def count(self, reason: str, pair: SentencePair) -> None:
        """Count a pair's fate; the 20 pairs with the smallest hash of their id are its examples."""
        self.reasons[reason, pair.source] += 1
        rows = self.examples.setdefault(reason, [])
        row = (-order(pair.id, "order"), (reason, pair.source, pair.id, f"{pair.score:.3f}", pair.pivot, pair.target))
        if len(rows) < EXAMPLES:
            heapq.heappush(rows, row)
        else:
            heapq.heappushpop(rows, row)

    def measure(self, found: Shares) -> None:
        """Add a pair to the histograms."""
        for name, histogram in self.histograms.items():
            histogram[min(int(getattr(found, name) * BINS), BINS - 1)] += 1

    def write_examples(self, path: Path) -> None:
        """Write 20 examples of each fate as CSV."""
        with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("fate", "source", "id", "score", "pivot", "target"))
            for reason in sorted(self.examples):
                writer.writerows(row for _, row in sorted(self.examples[reason], reverse=True))


def judged(
    rows: Iterable[ParallelSentence],
    languages: tuple[str, str],
    dictionary: Dictionary,
    options: Filter,
    report: Report,
    processes: int = 1,
) -> Iterator[SentencePair]:
    """Yield the pairs that pass every test, with their score; the others are counted under their first reason.

    `processes`: how many judge pairs, some thousands at a time; what comes out does not depend on it.
    """
    seen = Seen()
    work = Parallel(processes, batch_size=1, return_as="generator")
    judge = delayed(verdicts)
    for chunk in work(judge(chunk, languages, dictionary, options) for chunk in chunks(rows, _CHUNK)):
        for verdict in chunk:
            reason = verdict.unreadable or ("duplicate" if seen.add(verdict.key) else "")
            if not reason and verdict.shares:
                report.measure(verdict.shares)
            reason = reason or verdict.fault
            if reason:
                report.count(reason, verdict.pair)
            else:
                yield verdict.pair


class Best:
    """The `size` pairs of highest rank; equal scores are decided by hash."""

    def __init__(self, size: int, by_score: bool = True) -> None:
        self.size, self.by_score = size, by_score
        self.heap: list[tuple[float, int, SentencePair]] = []

    def add(self, pair: SentencePair) -> SentencePair | None:
        """Add a pair; gives the pair that falls out."""
        row = (pair.score if self.by_score else 0.0, order(pair.id, "rank"), pair)
        if len(self.heap) < self.size:
            heapq.heappush(self.heap, row)
            return None
        return heapq.heappushpop(self.heap, row)[2] if self.size else pair

    def pairs(self) -> list[SentencePair]:
        """All pairs, by a hash of their id."""
        return sorted((row[2] for row in self.heap), key=lambda pair: order(pair.id, "split"))


def choose(passed: Iterable[SentencePair], options: Filter, report: Report) -> list[SentencePair]:
    """The best pairs with their splits, sorted by id.

    A source whose name ends in -val or -test fills that split, chosen by hash, not by score. Otherwise validation and
    test are drawn from the best pairs by hash. A training pair with a sentence that validation or test has is left out.
    """
    sizes = {Split.VALIDATION: options.validation, Split.TEST: options.test}
    fixed = {split: Best(size, by_score=False) for split, size in sizes.items()}
    best, ended = Best(options.train + options.validation + options.test), set[Split]()
    for pair in passed:
        split = next((split for end, split in _FIXED.items() if pair.source.endswith(end)), None)
        if split:
            ended.add(split)
        out = (fixed[split] if split else best).add(pair)
        if out is not None:
            report.count(f"not drawn for {split}" if split else "rank", out)
    ranked = best.pairs()
    chosen: list[SentencePair] = []
    for split, size in sizes.items():
        if split in ended:
            chosen += [replace(pair, split=str(split)) for pair in fixed[split].pairs()]
        else:
            size = min(size, len(ranked) // 10)
            chosen += [replace(pair, split=str(split)) for pair in ranked[:size]]
            ranked = ranked[size:]
    tested = {text_key(text) for pair in chosen for text in (pair.pivot, pair.target)}
    train = []
    for pair in ranked:
        if tested.isdisjoint((text_key(pair.pivot), text_key(pair.target))):
            train.append(pair)
        else:
            report.count("sentence of validation or test", pair)
    train.sort(key=lambda pair: (-pair.score, pair.id))
    for pair in train[options.train :]:
        report.count("rank", pair)
    chosen += [replace(pair, split=str(Split.TRAIN)) for pair in train[: options.train]]
    for pair in chosen:
        report.count(f"kept for {pair.split}", pair)
    return sorted(chosen, key=lambda pair: pair.id)


def run(
    parallel: Path,
    dictionary: Path,
    languages: tuple[str, str],
    options: Filter,
    output: Path,
    truth: Path | None = None,
    processes: int = 1,
) -> dict[str, object]:
    """Filter a corpus: writes parallel.parquet, filter.json and filter_examples.csv below `output`; gives the report.

    `languages`: (pivot, target). `truth`: table of what is known of each raw pair (en, zh, picture_like, fate).
    """
    words, report = Dictionary.load(dictionary), Report()
    began = said = time.monotonic()
    passed: set[tuple[str, str]] = set()

    def heard() -> Iterator[SentencePair]:
        nonlocal said
        rows = stream_records(parallel, ParallelSentence)
        for number, pair in enumerate(judged(rows, languages, words, options, report, processes), 1):
            if time.monotonic() - said > 5:
                said = time.monotonic()
                print(f"[filter] {number} pairs passed, {said - began:.0f} s", file=sys.stderr, flush=True)
            if truth is not None:
                passed.add((pair.pivot, pair.target))
            yield pair

    chosen = choose(heard(), options, report)
    write_stream(output / "parallel.parquet", SentencePair, chosen)
    report.write_examples(output / "filter_examples.csv")
    value = summary(report, chosen, options)
    if truth is not None:
        from cross2stra.data.filter_truth import measure

        value["truth"] = measure(truth, languages, passed, {(pair.pivot, pair.target) for pair in chosen})
    write_json(output / "filter.json", value)
    return value


def summary(report: Report, chosen: list[SentencePair], options: Filter) -> dict[str, object]:
    """The report as JSON; `read` is the sum of the reasons, those of kept pairs included."""
    by_source: dict[str, dict[str, int]] = {}
    for (reason, source), count in sorted(report.reasons.items()):
        by_source.setdefault(source, {})[reason] = count
    reasons: Counter[str] = Counter()
    for (reason, _), count in report.reasons.items():
        reasons[reason] += count
    return {
        "read": sum(reasons.values()),
        "kept": dict(Counter(pair.split for pair in chosen)),
        "reasons": dict(reasons),
        "by_source": by_source,
        "histogram": {"bins": BINS, **{name: rows.tolist() for name, rows in report.histograms.items()}},
        "options": options.model_dump(),
    }
