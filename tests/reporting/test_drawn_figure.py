"""The figure of drawn pictures: whose sentence, whose picture, and what is seen in it."""

from __future__ import annotations

from pathlib import Path

from matplotlib.patches import Rectangle

from cross2stra.data.records import SentencePair, Split, write_records
from cross2stra.reporting.drawn_figure import draw_scenes, drawn_scenes
from cross2stra.structures.generation.pictures.painters import draw
from cross2stra.structures.graph import GraphBuilder, SceneGraph, write_graphs


class Grey:
    """A painter of grey pictures, darker by the seed."""

    def draw(self, graphs, seeds):  # type: ignore[no-untyped-def]
        from PIL import Image

        return (Image.new("RGB", (40, 40), (200 - 10 * seed,) * 3) for seed in seeds)


def seen(label: str) -> SceneGraph:
    builder = GraphBuilder()
    builder.add_attribute(builder.add_object(label, (0, 0, 20, 40)), "red")
    return builder.build((40, 40))


def test_sentences_stand_below_their_own_pictures(tmp_path: Path) -> None:
    structures = tmp_path / "structures" / "en-zh_aic"
    rows = list(enumerate([(f"pair{number}", seen("dog")) for number in range(6)]))
    draw(Grey(), rows[:3], structures / "drawn" / "1-of-2")
    draw(Grey(), rows[3:], structures / "drawn" / "2-of-2")
    write_graphs(structures / "generated_graphs.parquet", [(f"pair{n}", seen(f"thing {n}")) for n in range(6)])
    pairs = [SentencePair(f"pair{n}", Split.TRAIN, "um", 1.0, f"Sentence {n}.", "句子。") for n in range(6)]
    write_records(tmp_path / "text" / "en-zh_aic" / "pairs.parquet", SentencePair, pairs)
    scenes = drawn_scenes(tmp_path, "en-zh_aic", 5)
    assert len(scenes) == 5
    figure = draw_scenes(scenes)
    for axis, scene in zip(figure.axes, scenes, strict=False):
        number = scene.path.stem.lstrip("0") or "0"
        assert [text.get_text() for text in axis.texts] == [f"Sentence {number}.", f"seen: thing {number}"]
        assert sum(isinstance(patch, Rectangle) for patch in axis.patches) == 1
        assert axis.images[0].get_array()[0, 0, 0] == 200 - 10 * int(number)


def test_without_drawn_pictures_there_is_nothing_to_show(tmp_path: Path) -> None:
    assert drawn_scenes(tmp_path, "en-zh_aic") == []
