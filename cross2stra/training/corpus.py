"""All that training reads of a transfer: pictures with pivot captions, sentence pairs with their structures, unpaired text.

It is written to files once, a row at a time, and read from there row by row: no corpus is ever whole in memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.compute

from cross2stra.data.files import read_json, read_table, replacing, write_json
from cross2stra.data.records import Caption, SentencePair, Split
from cross2stra.data.streams import stream_records
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.model.batch import SceneBatch
from cross2stra.structures.graph import stream_graphs
from cross2stra.structures.tree import stream_trees
from cross2stra.training.examples import LABEL_WORDS, Scene, Syntax, collate_scenes, encode_scene, encode_tree, word_ids
from cross2stra.training.stored import Chosen, ChosenOrNone, Joined, Layout, Places, Stored, write_stored

SYNTAX: Layout = {
    "tokens": (np.int32, (-1,)),
    "labels": (np.int8, (-1,)),
    "spans": (np.int16, (-1, 2)),
    "edges": (np.int16, (2, -1)),
    "edge_types": (np.int8, (-1,)),
}
SAID: Layout = {"words": (np.int32, (-1,)), "text": (np.uint8, (-1,))}
"""Word ids, and the text that they or the pair's other side came from."""


def scene_layout(feature_size: int) -> Layout:
    """How scene graphs are kept, with `feature_size` numbers of each object's region."""
    return {
        "words": (np.int32, (-1, LABEL_WORDS)),
        "kinds": (np.int8, (-1,)),
        "geometry": (np.float32, (-1, 8)),
        "features": (np.float16, (-1, feature_size)),
        "edges": (np.int16, (2, -1)),
        "edge_types": (np.int8, (-1,)),
    }


@dataclass
class PicturedCaptions:
    """Training captions with pictures: item i is picture `picture[i]` with words `words[i]` and LSG `sentence[i]`."""

    picture: np.ndarray
    words: Sequence[np.ndarray]
    sentence: Sequence[Scene]
    tokens: Sequence[str]


@dataclass
class Pairs:
    """Sentence pairs with pivot words, trees of both sides, the pivot's LSG, and the scene generated for it."""

    target_words: Sequence[np.ndarray]
    pivot: Sequence[Syntax]
    target: Sequence[Syntax]
    sentence: Sequence[Scene]
    generated: Sequence[Scene | None]
    pivot_tokens: Sequence[str]


@dataclass
class TransferData:
    """All that training reads of one transfer. `unpaired_captions`: in the target language, of no known picture."""

    vocabulary: Vocabulary
    feature_size: int
    pictures: Sequence[Scene]
    captions: PicturedCaptions
    pairs: Pairs
    counts: dict[str, int] = field(default_factory=dict)
    unpaired_captions: Sequence[np.ndarray] = ()

    @cached_property
    def unpaired(self) -> Sequence[np.ndarray]:
        """Target text that anyone may learn from: the pairs' target side, then captions of no known picture."""
        return Joined(self.pairs.target_words, self.unpaired_captions)

    def scenes(self, pictures: Iterable[int]) -> SceneBatch:
        """One batch of pictures, by number."""
        return collate_scenes([self.pictures[i] for i in pictures], visual=True)

    @cached_property
    def pivot_index(self) -> dict[str, int]:
        """Number of each pivot word."""
        return {word: i for i, word in enumerate(self.vocabulary.pivot)}


def lengths_of(rows: Sequence[np.ndarray] | Sequence[Scene] | Sequence[Syntax]) -> np.ndarray:
    """Words of each sentence, or nodes of each graph or tree; of rows on disk without reading them."""
    if isinstance(rows, Stored | Chosen):
        name = next(name for name in ("words", "labels") if name in rows.layout)
        return rows.lengths(name)
    parts = (row.labels if isinstance(row, Syntax) else row.words if isinstance(row, Scene) else row for row in rows)
    return np.asarray([len(part) for part in parts])


def is_short(pair: SentencePair, max_tokens: int) -> bool:
    """Whether both sides have 1 to `max_tokens` tokens."""
    sides = pair.pivot_tokens, pair.target_tokens
    return all(sides) and max(side.count(" ") for side in sides) < max_tokens


def store(text: Path, structures: Path, max_tokens: int, folder: Path, annotated: Sequence[str] = ()) -> None:
    """Write the training data of a transfer to `folder`, for `load`.

    Longer pairs than `max_tokens` are left out and counted; captions are cut when they are collated. `annotated`: kinds
    (visual, language, syntax) that are read from `structures`/annotated. Raises ValueError naming the file that has no
    graph or tree of a picture or sentence.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = Vocabulary.load(text / "vocabulary.json")
    index = {word: i for i, word in enumerate(vocabulary.pivot)}
    target = {word: i for i, word in enumerate(vocabulary.target)}

    def table(kind: str, name: str) -> Path:
        return (structures / "annotated" if kind in annotated else structures) / name

    visual = table("visual", "visual_graphs.parquet")
    shown = {row.image_id for row in _captions(text)}
    seen = ((key, graph) for key, graph in stream_graphs(visual) if key in shown)
    size = _feature_size(visual)
    pictures = _Keyed(visual, "picture")
    pictures.write(
        folder / "pictures.arrow", scene_layout(size), ((k, vars(encode_scene(g, index, size))) for k, g in seen)
    )
    language = _Keyed(table("language", "language_graphs.parquet"), "sentence")
    graphs = ((key, vars(encode_scene(graph, index, 0))) for key, graph in stream_graphs(language.source))
    language.write(folder / "sentences.arrow", scene_layout(0), graphs)
    trees = []
    for side, words in (("pivot", index), ("target", target)):
        trees.append(_Keyed(table("syntax", f"trees.{side}.parquet"), "sentence"))
        parsed = ((key, vars(encode_tree(tree, words))) for key, tree in stream_trees(trees[-1].source))
        trees[-1].write(folder / f"trees.{side}.arrow", SYNTAX, parsed)
    generated = _Keyed(structures / "generated_graphs.parquet", "pair")
    made = stream_graphs(generated.source) if generated.source.exists() else iter(())
    generated.write(
        folder / "generated.arrow", scene_layout(size), ((k, vars(encode_scene(g, index, size))) for k, g in made)
    )

    names = sorted(shown)
    number = {name: i for i, name in enumerate(names)}
    rows: dict[str, array[int]] = {}

    def note(**found: int) -> None:
        for name, row in found.items():
            rows.setdefault(name, array("q")).append(row)

    def captions() -> Iterator[Mapping[str, np.ndarray]]:
        for row in _captions(text):
            note(caption_picture=number[row.image_id], caption_sentence=language(row.tokens))
            yield {"words": word_ids(row.tokens.split(), index), "text": _bytes(row.tokens)}

    def pairs() -> Iterator[Mapping[str, np.ndarray]]:
        for row in stream_records(text / "pairs.parquet", SentencePair):
            if row.split != Split.TRAIN:
                continue
            counts["pairs" if is_short(row, max_tokens) else "pairs_too_long"] += 1
            if is_short(row, max_tokens):
                pivot, said = row.pivot_tokens, row.target_tokens
                note(pair_sentence=language(pivot), pair_pivot=trees[0](pivot), pair_target=trees[1](said))
                note(pair_generated=generated.places(row.id))
                yield {"words": word_ids(said.split(), target), "text": _bytes(pivot)}

    def alone() -> Iterator[Mapping[str, np.ndarray]]:
        for row in stream_records(text / "unpaired.parquet", Caption):
            words = row.tokens.split()
            kept = 0 < len(words) <= max_tokens
            name = "unpaired" if kept else "unpaired_too_long"
            counts[name] = counts.get(name, 0) + 1
            if kept:
                yield {"words": word_ids(words, target), "text": _bytes("")}

    counts = {"captions": 0, "pairs": 0, "pairs_too_long": 0}
    write_stored(folder / "captions.arrow", SAID, captions())
    write_stored(folder / "pairs.arrow", SAID, pairs())
    write_stored(folder / "unpaired.arrow", SAID, alone())
    counts["captions"] = len(rows.get("caption_picture", ()))
    rows["pictures"] = array("q", map(pictures, names))
    with replacing(folder / "rows.npz") as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: np.asarray(found) for name, found in rows.items()})
    write_json(folder / "counts.json", counts | {"feature_size": size})


def load(text: Path, folder: Path) -> TransferData:
    """What `store` wrote to `folder`, mapped into memory."""
    counts = read_json(folder / "counts.json")
    size = counts.pop("feature_size")
    with np.load(folder / "rows.npz", allow_pickle=False) as found:
        rows = {name: found[name] for name in found.files}

    def at(name: str) -> np.ndarray:
        return rows.get(name, np.zeros(0, dtype=np.int64))

    sentences = Stored(folder / "sentences.arrow", scene_layout(0), Scene)
    return TransferData(
        Vocabulary.load(text / "vocabulary.json"),
        size,
        Chosen(Stored(folder / "pictures.arrow", scene_layout(size), Scene), at("pictures")),
        PicturedCaptions(
            at("caption_picture"),
            Stored(folder / "captions.arrow", SAID, _words),
            Chosen(sentences, at("caption_sentence")),
            Stored(folder / "captions.arrow", SAID, _text),
        ),
        Pairs(
            Stored(folder / "pairs.arrow", SAID, _words),
            Chosen(Stored(folder / "trees.pivot.arrow", SYNTAX, Syntax), at("pair_pivot")),
            Chosen(Stored(folder / "trees.target.arrow", SYNTAX, Syntax), at("pair_target")),
            Chosen(sentences, at("pair_sentence")),
            ChosenOrNone(Stored(folder / "generated.arrow", scene_layout(size), Scene), at("pair_generated")),
            Stored(folder / "pairs.arrow", SAID, _text),
        ),
        counts,
        Stored(folder / "unpaired.arrow", SAID, _words),
    )


class _Keyed:
    """The rows of a table of structures, found by what each is of."""

    def __init__(self, source: Path, of: str) -> None:
        self.source, self.of, self.places = source, of, Places()

    def write(self, path: Path, layout: Layout, rows: Iterable[tuple[str, Mapping[str, np.ndarray]]]) -> None:
        """Write the rows, and note where each is."""
        write_stored(path, layout, self.places.watch(rows))

    def __call__(self, key: str) -> int:
        """The row of what is there for certain."""
        row = self.places(key)
        if row < 0:
            raise ValueError(f"{self.source}: nothing of the {self.of} {key!r}; make the file again")
        return row


def _captions(text: Path) -> Iterator[Caption]:
    for row in stream_records(text / "captions.parquet", Caption):
        if row.split == Split.TRAIN and row.tokens:
            yield row


def _feature_size(visual: Path) -> int:
    """Numbers of a region's feature; 0 where no graph has features."""
    return pyarrow.compute.max(read_table(visual, columns=["feature_size"])["feature_size"]).as_py() or 0


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _text(words: np.ndarray, text: np.ndarray) -> str:
    return text.tobytes().decode("utf-8")


def _words(words: np.ndarray, text: np.ndarray) -> np.ndarray:
    return words
