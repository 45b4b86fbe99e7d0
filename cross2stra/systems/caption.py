"""Caption pictures with a trained system: scene graph -> (pivot caption -> tree ->) target caption."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from cross2stra.configuration import Decoding, Experiment
from cross2stra.data.files import read_table, replacing
from cross2stra.data.languages import join
from cross2stra.data.records import Caption
from cross2stra.data.streams import chunks
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.model.decoding import beam_search
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.corruption import corrupt_graph, corrupt_tree, labels_by_kind
from cross2stra.structures.graph import SceneGraph, stream_graphs
from cross2stra.systems.method import tree_parser
from cross2stra.systems.methods import method_of
from cross2stra.training.examples import (
    Scene,
    Syntax,
    collate_scenes,
    collate_trees,
    encode_scene,
    encode_tree,
    whole_tree,
)
from cross2stra.training.pseudo import TreeParser


@dataclass(frozen=True)
class Captioned:
    """A picture's caption in target words, and the pivot words that it was translated from (None: there were none)."""

    target: list[str]
    pivot: list[str] | None


class Captioner:
    """A trained system, ready to caption scene graphs."""

    def __init__(
        self, folder: Path, experiment: Experiment, vocabulary: Vocabulary, decoding: Decoding, parser: Path | None
    ) -> None:
        self.vocabulary, self.decoding, self.corrupted = vocabulary, decoding, experiment.corrupted
        self.index = {word: i for i, word in enumerate(vocabulary.pivot)}
        self.model = method_of(experiment).load(folder)
        self.parser: TreeParser | None = None
        if isinstance(self.model, Cross2StrA):
            if self.model.shape.constituency and parser is None:
                raise ValueError(f"{folder}: this system reads constituency trees of its pivot captions; pass --parser")
            self.parser = tree_parser(self.model, parser)
        self.model.eval()

    @torch.no_grad()
    def caption(self, graphs: Sequence[SceneGraph], pivots: Sequence[list[str]] | None = None) -> list[Captioned]:
        """Caption B scene graphs by beam search. `pivots`: words that are translated in place of its own captions."""
        model = self.model
        h = self.states([encode_scene(graph, self.index, model.shape.feature_size) for graph in graphs])
        if isinstance(model, TargetCaptioner):
            said = beam_search(model.captioner, model.target_embedding, h, *self._beam)
            return [Captioned([self.vocabulary.target[i] for i in words], None) for words in said]
        if pivots is None:
            said = beam_search(model.captioner, model.pivot_embedding, h, *self._beam)
            pivots = [[self.vocabulary.pivot[i] for i in words] for words in said]
        sentences = list(pivots)
        targets = self.translate(self.trees(sentences), h)
        return [Captioned(target, pivot) for target, pivot in zip(targets, sentences, strict=True)]

    @torch.no_grad()
    def states(self, scenes: Sequence[Scene], visual: bool = True) -> States:
        """States of B encoded scene graphs, of pictures or (not `visual`) of sentences."""
        return self.model.scene(collate_scenes(scenes, visual))

    def trees(self, sentences: list[list[str]]) -> list[Syntax]:
        """Trees of pivot sentences by the system's parser; a flat one where the parser lost words."""
        assert self.parser is not None
        trees = []
        for sentence, bracketed in zip(sentences, self.parser.parse(sentences), strict=True):
            tree = corrupt_tree(bracketed, self.corrupted.get("brackets", 0))
            trees.append(encode_tree(whole_tree(tree, sentence), self.index))
        return trees

    @torch.no_grad()
    def translate(self, trees: Sequence[Syntax], h: States | None) -> list[list[str]]:
        """Target words for B pivot trees, whose scenes have the states `h` (systems without residual read none)."""
        model = self.model
        assert isinstance(model, Cross2StrA)
        e = model.syntax(collate_trees(trees), h)
        said = beam_search(model.translator, model.target_embedding, e, *self._beam)
        return [[self.vocabulary.target[i] for i in words] for words in said]

    @property
    def _beam(self) -> tuple[int, int, float]:
        return self.decoding.max_tokens, self.decoding.beam, self.decoding.length_penalty


def caption_pictures(
    captioner: Captioner,
    pictures: Iterable[tuple[str, str, SceneGraph]],
    language: str,
    output: Path,
    pivots: Mapping[str, list[str]] | None = None,
) -> None:
    """Caption (image id, split, scene graph) rows and write JSON lines: image_id, split, text, tokens, pivot.

    `pivots`: words to translate, by image id, in place of captions of its own; pictures without are left out.
    """
    began, size = time.monotonic(), captioner.decoding.batch
    count = 0
    if pivots is not None:
        pictures = (row for row in pictures if row[0] in pivots)
    with replacing(output) as temporary, temporary.open("w", encoding="utf-8") as file:
        for some in chunks(pictures, size):
            count += len(some)
            given = None if pivots is None else [pivots[image_id] for image_id, _, _ in some]
            captioned = captioner.caption([graph for _, _, graph in some], given)
            for (image_id, split, _), said in zip(some, captioned, strict=True):
                row = {
                    "image_id": image_id,
                    "split": split,
                    "text": join(language, said.target),
                    "tokens": " ".join(said.target),
                    "pivot": None if said.pivot is None else " ".join(said.pivot),
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    seconds = time.monotonic() - began
    print(f"[caption] {count} pictures in {seconds:.0f} s: {output}", file=sys.stderr, flush=True)


def first_captions(captions: Iterable[Caption], most: int) -> dict[str, list[str]]:
    """The words of the first caption of each picture, cut at `most`; captions are tokenised."""
    found: dict[str, list[str]] = {}
    for row in captions:
        if row.tokens:
            found.setdefault(row.image_id, row.tokens.split()[:most])
    return found


def pictures_of(
    images: Iterable[tuple[str, str]], splits: Sequence[str], source: Path, shares: Mapping[str, float]
) -> Iterator[tuple[str, str, SceneGraph]]:
    """(image id, split, scene graph) of the pictures (image id, split) in `splits`, read from `source` one by one.

    `shares`: of wrong `labels` and `edges` that the graphs get, as a row of experiments.yaml has them. Raises ValueError
    for a picture that has no graph.
    """
    wanted = {image_id: split for image_id, split in images if split in splits}
    present = set(read_table(source, ["key"])["key"].to_pylist())
    for image_id in wanted:
        if image_id not in present:
            raise ValueError(f"{source}: no scene graph of picture {image_id}; make the visual graphs again")
    labels, edges = shares.get("labels", 0), shares.get("edges", 0)
    inventory = labels_by_kind(graph for _, graph in stream_graphs(source)) if labels or edges else {}
    for key, graph in stream_graphs(source):
        if key in wanted:
            wrong = labels or edges
            yield key, wanted[key], corrupt_graph(graph, key, labels, edges, inventory) if wrong else graph
