"""A tiny model with random weights that really captions, behind a reader that sees the same three things everywhere."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from nltk import Tree
from PIL import Image

from cross2stra.configuration import Decoding, Experiment, Model, Structures
from cross2stra.configuration import Parser as ParserSettings
from cross2stra.data.files import write_json
from cross2stra.data.vocabulary import SPECIALS
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.graph import GraphBuilder, SceneGraph, empty_graph
from cross2stra.structures.syntax.training import train_parser
from cross2stra.structures.tree import read_tree
from cross2stra.systems import photos
from cross2stra.systems.bundle import Card, read_bundle, write_bundle
from cross2stra.systems.photos import PhotoCaptioner

PIVOT = [*SPECIALS, "a", "dog", "red", "on", "the", "grass", "sits", "<b>&"]
TARGET = [*SPECIALS, "一", "只", "狗", "在", "草地", "上", "红色"]


class SameThree:
    """A red dog on grass, whatever the photo; nothing at all in a black one."""

    def graphs(self, given: Sequence[Image.Image]) -> list[SceneGraph]:
        return [self.graph(photo) for photo in given]

    def graph(self, photo: Image.Image) -> SceneGraph:
        if photo.convert("L").getextrema() == (0, 0):
            return empty_graph(photo.size)
        width, height = photo.size
        builder = GraphBuilder()
        dog = builder.add_object("dog", (width * 0.25, height * 0.25, width * 0.5, height * 0.75))
        grass = builder.add_object("<b>& grass", (0, height / 2, width, height))
        builder.add_attribute(dog, "red")
        builder.add_relation(dog, "on", grass)
        return builder.build(photo.size)


@pytest.fixture(scope="session")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A parser after a few updates: some tree for every sentence."""
    torch.set_num_threads(1)
    draw = random.Random(1)
    texts = {
        f"(S (NP (D a) (N {draw.choice(PIVOT[5:])})) (VP (V {draw.choice(PIVOT[5:])}) (N w{i})))" for i in range(40)
    }
    trees: list[Tree] = [read_tree(text) for text in sorted(texts)]
    trained, _ = train_parser(trees, ParserSettings(trees=36, updates=4, d_model=32), 1)
    folder = tmp_path_factory.mktemp("parser") / "en"
    trained.save(folder, {})
    return folder


@pytest.fixture(scope="session")
def bundled(parser: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., PhotoCaptioner]:
    """Makes the captioner of a bundle: `early` for that pipeline, `target` with a parser of the target language."""

    def make(early: bool = False, target: bool = False, **switches: bool) -> PhotoCaptioner:
        folder = tmp_path_factory.mktemp("bundle")
        torch.manual_seed(2)
        model = Model(d_model=32, heads=2, feed_forward=32)
        shape = Shape(model=model, pivot_words=len(PIVOT), target_words=len(TARGET), feature_size=0, **switches)
        (TargetCaptioner(shape) if early else Cross2StrA(shape)).save_pretrained(folder / "trained")
        write_json(folder / "vocabulary.json", {"pivot": PIVOT, "target": TARGET, "captioner_words": [5, 6]})
        card = Card(
            profile="tiny", transfer="en-zh", pivot="en", target="zh", system="cross2stra", seed=1,
            experiment=Experiment(title="Ours", group="pivoting", pipeline="early" if early else "pivot"),
            decoding=Decoding(beam=2, max_tokens=6), structures=Structures(visual="boxes"),
            data=[("treebank", "non-commercial")],
        )  # fmt: skip
        parts = {photos.MODEL: folder / "trained", photos.VOCABULARY: folder / "vocabulary.json"}
        if not early and switches.get("constituency", True):
            parts[photos.PARSER] = parser
        if target:
            parts[photos.PARSER_TARGET] = parser
        write_bundle(card, parts, folder / "model.zip")
        read_bundle(folder / "model.zip", folder / "model")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(photos, "reader", lambda card, folder: SameThree())
            return PhotoCaptioner(folder / "model")

    return make


@pytest.fixture(scope="session")
def captioner(bundled: Callable[..., PhotoCaptioner]) -> PhotoCaptioner:
    """Cross2StrA with parsers of both languages."""
    return bundled(target=True)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """`encoded`, for tests."""
    return encoded


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A grey JPEG of 80 x 40 pixels."""
    return encoded(Image.new("RGB", (80, 40), "grey"))
