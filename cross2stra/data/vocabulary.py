"""Word lists of both sides, and the ids that every room agrees on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cross2stra.data.files import checked, read_json, write_json
from cross2stra.data.records import Caption, SentencePair, Split
from cross2stra.data.streams import stream_records

SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>", "<mask>")
PAD, BOS, EOS, UNK, MASK = range(5)


@dataclass(frozen=True)
class Vocabulary:
    """Words by id; both lists begin with SPECIALS. `captioner_words`: ids of pivot words seen in pivot captions."""

    pivot: list[str]
    target: list[str]
    captioner_words: list[int]

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Read vocabulary.json. Raises ValueError where it is none, or a list does not begin with the special words."""
        found = checked(cls, read_json(path), path, "make the vocabulary again")
        for side in ("pivot", "target"):
            if tuple(getattr(found, side)[: len(SPECIALS)]) != SPECIALS:
                raise ValueError(f"{path}: {side}: expected {SPECIALS} first; make the vocabulary again")
        return found


def count_words(
    captions: Iterable[Caption], pairs: Iterable[SentencePair], unpaired: Iterable[Caption]
) -> tuple[Counter[str], Counter[str], set[str]]:
    """Counts of pivot and target words in training text, and the words of pivot training captions.

    Pivot words come from captions and from the pivot side of pairs, target words from pairs and from unpaired text: no
    picture's caption in the target language is known.
    """
    pivot: Counter[str] = Counter()
    target: Counter[str] = Counter()
    said: set[str] = set()
    for caption in captions:
        if caption.split == Split.TRAIN:
            words = caption.tokens.split()
            pivot.update(words)
            said.update(words)
    for pair in pairs:
        if pair.split == Split.TRAIN:
            pivot.update(pair.pivot_tokens.split())
            target.update(pair.target_tokens.split())
    for sentence in unpaired:
        target.update(sentence.tokens.split())
    return pivot, target, said


def build(text: Path, min_count: int, max_words: int, output: Path) -> Vocabulary:
    """Write vocabulary.json: of each side the `max_words` most frequent words that are seen `min_count` times.

    `text`: the folder of captions, pairs and unpaired text.

    Raises ValueError where a side has no word: nothing was tokenised, or the filter kept no pair.
    """
    pairs = text / "pairs.parquet"
    pivot, target, said = count_words(
        stream_records(text / "captions.parquet", Caption),
        stream_records(pairs, SentencePair),
        stream_records(text / "unpaired.parquet", Caption),
    )
    own, others = (most_frequent(counts, min_count, max_words) for counts in (pivot, target))
    for name, words in (("pivot", own), ("target", others)):
        if len(words) == len(SPECIALS):
            raise ValueError(
                f"{pairs}: no {name} word is seen {min_count} times; lower text.min_count or give more text"
            )
    spoken = [index for index, word in enumerate(own) if index >= len(SPECIALS) and word in said]
    write_json(output, {"pivot": own, "target": others, "captioner_words": spoken})
    return Vocabulary(own, others, spoken)


def most_frequent(counts: Counter[str], min_count: int, max_words: int) -> list[str]:
    """SPECIALS, then at most `max_words` words that are seen `min_count` times, the most frequent first."""
    kept = [word for word, count in counts.items() if count >= min_count and word not in SPECIALS]
    kept.sort(key=lambda word: (-counts[word], word))
    return [*SPECIALS, *kept[:max_words]]
