"""The Berkeley neural parser (benepar) as the other rooms use it: tokens in, bracketed trees out, in bulk."""

from __future__ import annotations

import math
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file

from cross2stra.data.files import read_json, replacing_folder, write_json
from cross2stra.structures.tree import PHRASE_LABELS, escape, flat_tree, phrase_label

if TYPE_CHECKING:
    from benepar.parse_chart import ChartParser

LONGEST = 120
"""Longest sentence that is parsed, in tokens; the chart grows with its square."""

_CELLS = 60_000


def part_of(tokens: Sequence[str], parts: int) -> int:
    """The jackknife part of a sentence: the parser of that part was not trained on it."""
    return zlib.crc32(" ".join(tokens).encode()) % parts


class Parser:
    """Parsers of one language: one, or one for each jackknife part."""

    def __init__(self, models: Sequence[ChartParser]) -> None:
        self.models = [model.eval() for model in models]
        self._known: dict[tuple[str, ...], str | None] = {}

    @classmethod
    def load(cls, folder: str | Path) -> Parser:
        """Read the folder that `save` wrote, or one of published benepar weights (without unpickling code).

        Raises ValueError where the folder holds neither.
        """
        folder = Path(folder)
        if (folder / "parser.json").exists():
            manifest = read_json(folder / "parser.json")
            if "published" in manifest:
                return cls([published(Path(manifest["published"]))])
            return cls([_read(folder, part) for part in range(manifest["parts"])])
        if (folder / "benepar_model.bin").exists():
            return cls([published(folder)])
        raise ValueError(f"{folder}: expected parser.json (from the verb train-parser) or benepar_model.bin")

    def save(self, folder: Path, scores: dict[str, Any]) -> None:
        """Write safetensors and JSON, and scores.json."""
        with replacing_folder(folder, "parser.json") as temporary:
            for part, model in enumerate(self.models):
                state = {name: tensor.contiguous().cpu() for name, tensor in model.state_dict().items()}
                save_file(state, temporary / f"part{part}.safetensors")
                write_json(temporary / f"part{part}.json", model.config)
            write_json(temporary / "parser.json", {"parts": len(self.models)})
            write_json(temporary / "scores.json", scores)

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[str]:
        """The bracketed canonical tree of each sentence; a flat one where it cannot be parsed."""
        trees = self.try_parse(sentences)
        return [
            flat_tree(sentence or ["<unk>"]) if tree is None else tree
            for sentence, tree in zip(sentences, trees, strict=True)
        ]

    def try_parse(self, sentences: Sequence[Sequence[str]]) -> list[str | None]:
        """As `parse`, but None where a sentence is empty, has an empty token or more than LONGEST tokens."""
        wanted = {tuple(sentence) for sentence in sentences} - self._known.keys()
        for sentence in wanted:
            if not (sentence and all(sentence)) or len(sentence) > LONGEST:
                self._known[sentence] = None
            elif len(sentence) == 1:
                self._known[sentence] = flat_tree(sentence)
        for part, model in enumerate(self.models):
            own = [s for s in wanted if s not in self._known and part_of(s, len(self.models)) == part]
            own.sort(key=lambda sentence: (len(sentence), sentence))
            for batch in _batches(own):
                self._known.update(zip(batch, _parse_batch(model, batch), strict=True))
        return [self._known[tuple(sentence)] for sentence in sentences]

    def confidence(self, sentences: Sequence[Sequence[str]]) -> list[float]:
        """How sure the parser is of each tree: mean probability of its phrases' labels (softmax of a span's scores).

        It orders sentences and is no calibrated probability: the scores are learnt with a margin. NaN where there is no phrase of two words or more, or the sentence cannot be parsed.
        """
        usable = {tuple(sentence) for sentence in sentences if sentence and all(sentence) and len(sentence) <= LONGEST}
        known: dict[tuple[str, ...], float] = {}
        for part, model in enumerate(self.models):
            own = sorted((s for s in usable if part_of(s, len(self.models)) == part), key=lambda s: (len(s), s))
            for batch in _batches(own):
                known.update(zip(batch, _confidence_of_batch(model, batch), strict=True))
        return [known.get(tuple(sentence), math.nan) for sentence in sentences]


def _batches(sentences: Sequence[tuple[str, ...]]) -> Iterator[Sequence[tuple[str, ...]]]:
    """Runs of sentences (sorted by length) whose padded charts have about _CELLS cells."""
    start = 0
    for end in range(1, len(sentences) + 1):
        if end == len(sentences) or (end + 1 - start) * len(sentences[end]) ** 2 > _CELLS:
            yield sentences[start:end]
            start = end


def _parse_batch(model: ChartParser, sentences: Sequence[tuple[str, ...]]) -> list[str]:
    examples = [example(sentence) for sentence in sentences]
    encoded = [model.encode(sentence) for sentence in examples]
    labels, tags = model.decoder.label_from_index, model.tag_from_index
    return [
        _bracketed(
            sentence,
            output.starts.tolist(),
            output.ends.tolist(),
            [labels[index] for index in output.labels.tolist()],
            ["X"] * len(sentence) if output.tags is None else [tags[index] for index in output.tags.tolist()],
        )
        for sentence, output in zip(
            sentences, model._parse_encoded(examples, encoded, return_compressed=True), strict=True
        )
    ]


def _confidence_of_batch(model: ChartParser, sentences: Sequence[tuple[str, ...]]) -> Iterator[float]:
    examples = [example(sentence) for sentence in sentences]
    encoded = [model.encode(sentence) for sentence in examples]
    trees = model._parse_encoded(examples, encoded, return_compressed=True)
    charts = model._parse_encoded(examples, encoded, return_scores=True)
    for tree, chart in zip(trees, charts, strict=True):
        spans = [
            (a, b - 1, label) for a, b, label in zip(tree.starts, tree.ends, tree.labels, strict=True) if b > a + 1
        ]
        sure = torch.from_numpy(chart).softmax(-1)
        yield math.fsum(float(sure[span]) for span in spans) / len(spans) if spans else math.nan


def _bracketed(
    tokens: Sequence[str], starts: Sequence[int], ends: Sequence[int], labels: Sequence[str], tags: Sequence[str]
) -> str:
    """Spans in preorder, every word among them, as a bracketed string; of a unary chain the topmost label stays."""
    pieces: list[str] = []
    open_ends: list[int] = []
    for start, end, chain in zip(starts, ends, labels, strict=True):
        if end == start + 1:
            pieces.append(f"({tags[start]} {escape(tokens[start])})")
            while open_ends and open_ends[-1] == end:
                pieces[-1] += ")"
                open_ends.pop()
        else:
            names = [phrase_label(name) for name in chain.split("::") if name not in ("", "TOP")]
            pieces.append(f"({names[0] if names else PHRASE_LABELS[0]}")
            open_ends.append(end)
    return " ".join(pieces)


def example(tokens: Sequence[str], tree: Any = None) -> Any:
    """benepar's view of a sentence, with its tree when it is to be learned."""
    from benepar.parse_base import BaseInputExample

    class Sentence(BaseInputExample):
        def __init__(self) -> None:
            self.words = list(tokens)
            self.space_after = [True] * len(self.words)
            self.tree = tree

        def leaves(self) -> list[str]:
            return self.words

        def pos(self) -> list[tuple[str, str]]:
            return [(word, "X") for word in self.words] if tree is None else tree.pos()

    return Sentence()


def build(config: dict[str, Any]) -> ChartParser:
    """An untrained parser of a configuration (vocabularies and `hparams`)."""
    from benepar.nkutil import HParams
    from benepar.parse_chart import ChartParser

    warnings.filterwarnings("ignore", message=".*does not define `arg_constraints`")  # of torch_struct, each call
    return ChartParser(**{**config, "hparams": HParams(**config["hparams"])})


def _read(folder: Path, part: int) -> ChartParser:
    model = build(read_json(folder / f"part{part}.json"))
    model.load_state_dict(load_file(folder / f"part{part}.safetensors"))
    return model.to("cuda" if torch.cuda.is_available() else "cpu")


def published(folder: Path) -> ChartParser:
    """Published benepar weights (a folder with config.json and benepar_model.bin), read as tensors only."""
    if not (folder / "benepar_model.bin").exists():
        raise ValueError(f"{folder}: expected config.json and benepar_model.bin of published weights")
    config = read_json(folder / "config.json")["benepar"]
    config["hparams"].setdefault("force_root_constituent", True)
    model = build({**config, "pretrained_model_path": str(folder)})
    state = torch.load(folder / "benepar_model.bin", map_location="cpu", weights_only=True)
    model.load_state_dict(state, strict=False)  # position ids are no longer parameters of the encoder
    return model.to("cuda" if torch.cuda.is_available() else "cpu")
