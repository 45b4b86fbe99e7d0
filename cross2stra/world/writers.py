"""Writes the world in the raw formats of MSCOCO, AIC-ICC, COCO-CN, UM-Corpus and WMT19, with its gold beside."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from cross2stra.configuration import World
from cross2stra.data.files import replacing_folder, write_json, write_table
from cross2stra.structures.graph import write_graphs
from cross2stra.world import chinese, english, lexicon
from cross2stra.world.ambiguity import SENSES
from cross2stra.world.derivation import Derivation
from cross2stra.world.knobs import digest, turned
from cross2stra.world.parallel import draw_pairs
from cross2stra.world.plan import draw_plan
from cross2stra.world.renderer import render
from cross2stra.world.scenes import Scene, draw_scene

CAPTIONS = 5
UM_SHARE = 0.5
"""Captions a picture; share of the parallel text that is written in UM-Corpus' format, the rest in WMT19's."""


@dataclass(frozen=True)
class Collection:
    """A set of pictures with captions in one language. `stream` is its part of the random numbers."""

    stream: int
    prefix: int
    language: str
    images: int
    held_out: bool = False
    group: str = "default"


@dataclass
class Captioned:
    """A picture with its scene and captions."""

    number: int
    scene: Scene
    captions: list[Derivation]


def collections(world: World) -> dict[str, Collection]:
    """Every set of pictures, by its name in the raw folder; numbers never meet."""
    validation = world.pivot_validation_images + world.validation_images
    return {
        "coco_train": Collection(1, 100_000, "en", world.pivot_images),
        "coco_val": Collection(2, 200_000, "en", validation),
        "coco_test": Collection(3, 300_000, "en", world.test_images, held_out=True),
        "aic_train": Collection(4, 400_000, "zh", world.pivot_images),
        "aic_val": Collection(5, 500_000, "zh", validation),
        "aic_test": Collection(6, 600_000, "zh", world.test_images, held_out=True),
        "coco_cn_val": Collection(7, 700_000, "zh", world.validation_images, group="coco_cn"),
        "coco_cn_test": Collection(8, 800_000, "zh", world.test_images, held_out=True, group="coco_cn"),
    }


def draw_collection(collection: Collection, world: World) -> list[Captioned]:
    """Scenes and captions of a collection; each picture has a random stream of its own."""
    say = {"en": english.say, "zh": chinese.say}[collection.language]
    knobs = turned(world.knobs)
    rows = []
    for index in range(collection.images):
        rng = np.random.default_rng([world.seed, collection.stream, index])
        number = collection.prefix + index
        scene = draw_scene(rng, number, world.picture_size, knobs, collection.held_out, collection.group)
        captions = [say(rng, scene, draw_plan(rng, scene, knobs, parallel=False), knobs) for _ in range(CAPTIONS)]
        rows.append(Captioned(number, scene, captions))
    return rows


def draw_annotated(world: World) -> list[tuple[int, Scene]]:
    """Numbers and scenes of the pictures that are annotated and have no caption: the world's Visual Genome."""
    stream, prefix, knobs = 9, 900_000, turned(world.knobs)
    return [
        (
            prefix + index,
            draw_scene(np.random.default_rng([world.seed, stream, index]), prefix + index, world.picture_size, knobs),
        )
        for index in range(world.annotated_images)
    ]


def draw_treebank(world: World, annotated: Sequence[tuple[int, Scene]]) -> dict[str, list[Derivation]]:
    """Derivations by language of sentences about the annotated pictures: a caption and a sentence of parallel text each.

    They are the world's treebank: parsers learn from them, and no corpus has these sentences' scenes.
    """
    found: dict[str, list[Derivation]] = {"en": [], "zh": []}
    knobs = turned(world.knobs)
    for number, scene in annotated:
        rng = np.random.default_rng([world.seed, 10, number])
        for say, language in ((english.say, "en"), (chinese.say, "zh")):
            plans = (draw_plan(rng, scene, knobs, parallel=parallel) for parallel in (False, True))
            found[language] += [say(rng, scene, plan, knobs) for plan in plans]
    return found


def picture_name(number: int) -> str:
    """File name of a picture."""
    return f"{number}.png"


def _draw(task: tuple[Scene, str]) -> None:
    scene, path = task
    render(scene).save(path, compress_level=1)


def write_world(world: World, folder: Path, processes: int = 1) -> None:
    """Write the whole world below `folder`, which appears whole or not at all."""
    began = time.monotonic()
    with replacing_folder(folder, "gold/names.json") as temporary:
        (temporary / "pictures").mkdir()
        (temporary / "gold").mkdir()
        sets = {name: draw_collection(collection, world) for name, collection in collections(world).items()}
        tasks = [
            (row.scene, str(temporary / "pictures" / picture_name(row.number)))
            for rows in sets.values()
            for row in rows
        ]
        annotated = draw_annotated(world)
        tasks += [(scene, str(temporary / "pictures" / picture_name(number))) for number, scene in annotated]
        _pictures(tasks, processes, began)
        _write_captions(sets, temporary, world)
        sentences = _write_parallel(world, temporary)
        for rows, collection in zip(sets.values(), collections(world).values(), strict=True):
            sentences[collection.language] += [caption for row in rows for caption in row.captions]
        _write_gold(world, sets, sentences, temporary)
        if annotated:
            graphs = ((str(number), scene.graph()) for number, scene in annotated)
            write_graphs(temporary / "gold" / "annotated_graphs.parquet", graphs)
            for language, derivations in draw_treebank(world, annotated).items():
                _write_trees(temporary / "gold" / f"annotated_trees.{language}.parquet", derivations)


def _pictures(tasks: list[tuple[Scene, str]], processes: int, began: float) -> None:
    said = 0.0
    with ProcessPoolExecutor(processes) as pool:
        for done, _ in enumerate(pool.map(_draw, tasks, chunksize=32), 1):
            now = time.monotonic()
            if now - said > 5 or done == len(tasks):
                said = now
                left = (now - began) / done * (len(tasks) - done)
                print(f"[world] pictures {done}/{len(tasks)} {left:.0f} s left", file=sys.stderr, flush=True)


def _write_captions(sets: dict[str, list[Captioned]], folder: Path, world: World) -> None:
    size = world.picture_size
    for name, parts in (("train", ["coco_train"]), ("val", ["coco_val", "coco_test"])):
        rows = [row for part in parts for row in sets[part]]
        images = [{"id": r.number, "file_name": picture_name(r.number), "width": size, "height": size} for r in rows]
        notes = [
            {"id": r.number * 10 + k, "image_id": r.number, "caption": caption.text}
            for r in rows
            for k, caption in enumerate(r.captions)
        ]
        write_json(folder / f"captions_en_{name}.json", {"images": images, "annotations": notes})
    for name, parts in (("train", ["aic_train"]), ("val", ["aic_val", "aic_test"])):
        rows = [row for part in parts for row in sets[part]]
        notes = [
            {"url": "", "image_id": picture_name(r.number), "caption": [caption.text for caption in r.captions]}
            for r in rows
        ]
        write_json(folder / f"aic_{name}.json", notes)
    for split in ("val", "test"):
        lines = [
            f"{picture_name(r.number).removesuffix('.png')}#{k}\t{caption.text}"
            for r in sets[f"coco_cn_{split}"]
            for k, caption in enumerate(r.captions)
        ]
        (folder / f"coco_cn_{split}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    # The test pictures of both directions are drawn by seed from the official validation files (B.1).
    for name in ("coco_test", "aic_test"):
        ids = [picture_name(row.number) for row in sets[name]]
        (folder / f"{name}_ids.txt").write_text("\n".join(ids) + "\n", encoding="utf-8")


def _write_parallel(world: World, folder: Path) -> dict[str, list[Derivation]]:
    """Write the parallel text in two formats; -> the derivations of its sentences by language."""
    pairs = list(draw_pairs(world.parallel_sentences, world.seed, world.picture_size, turned(world.knobs)))
    cut = int(len(pairs) * UM_SHARE)
    um = "".join(f"{pair.en}\n{pair.zh}\n" for pair in pairs[:cut])
    (folder / "um_corpus.txt").write_text(um, encoding="utf-8")
    for language in ("en", "zh"):
        lines = "".join(getattr(pair, language) + "\n" for pair in pairs[cut:])
        (folder / f"wmt19.{language}").write_text(lines, encoding="utf-8")
    truth = [
        {
            "source": "um_corpus" if index < cut else "wmt19",
            "index": index if index < cut else index - cut,
            # as data/readers/parallel.py names pairs: the source and the line of its English side, from 1
            "id": f"um_corpus:{2 * index + 1}" if index < cut else f"wmt19:{index - cut + 1}",
            "picture_like": pair.fate == "picture_like",
            "fate": pair.fate,
            "movement": pair.movement,
            "en": pair.en,
            "zh": pair.zh,
        }
        for index, pair in enumerate(pairs)
    ]
    write_table(folder / "gold" / "parallel_truth.parquet", pa.Table.from_pylist(truth))
    derived = [pair.derivations for pair in pairs if pair.derivations]
    return {"en": [first for first, _ in derived], "zh": [second for _, second in derived]}


def _write_gold(
    world: World, sets: dict[str, list[Captioned]], sentences: dict[str, list[Derivation]], folder: Path
) -> None:
    gold = folder / "gold"
    rows = [row for part in sets.values() for row in part]
    write_graphs(gold / "visual_graphs.parquet", ((str(row.number), row.scene.graph()) for row in rows))
    write_json(gold / "names.json", names())
    for language, derivations in sentences.items():
        unique = _write_trees(gold / f"trees.{language}.parquet", derivations)
        write_graphs(gold / f"language_graphs.{language}.parquet", ((text, d.graph) for text, d in unique.items()))
    schema = pa.schema(
        [(name, pa.string()) for name in ("image_id", "language", "word", "sense", "kind")]
        + [(name, pa.list_(pa.string())) for name in ("cue_words", "right", "wrong")]
    )
    write_table(gold / "senses.parquet", pa.Table.from_pylist(list(_senses(rows)), schema=schema))
    knobs = turned(world.knobs)
    write_json(gold / "statement.json", {"knobs": knobs.__dict__, "digest": digest(knobs)})


def _write_trees(path: Path, derivations: Iterable[Derivation]) -> dict[str, Derivation]:
    """Write the tree of each distinct sentence; -> derivations by sentence."""
    unique = {derivation.text: derivation for derivation in derivations}
    table = {"text": list(unique), "tree": [derivation.tree for derivation in unique.values()]}
    write_table(path, pa.table(table))
    return unique


def _senses(rows: Iterable[Captioned]) -> Iterable[dict[str, object]]:
    for row in rows:
        for thing in row.scene.things:
            ambiguity = SENSES.get(thing.name)
            if ambiguity is None:
                continue
            second = ambiguity.senses[1 - ambiguity.senses.index(thing.name)]
            places = [lexicon.PLACES[place] for cue in ambiguity.cues for place in cue]
            yield {
                "image_id": str(row.number),
                "language": ambiguity.language,
                "word": ambiguity.word,
                "sense": thing.name,
                "kind": "cued" if ambiguity.cued else "control",
                "cue_words": [word for place in places for word in getattr(place, ambiguity.language).all],
                "right": _surface(thing.name, ambiguity.language),
                "wrong": _surface(second, ambiguity.language),
            }


def _surface(class_id: str, language: str) -> list[str]:
    """The words that a class is called by in the language other than `language`."""
    word = lexicon.CLASSES[class_id]
    if language == "zh":
        return [*word.en.all, *map(lexicon.plural_of, word.en.all)]
    return list(word.zh.all)


def names() -> dict[str, dict[str, str]]:
    """Class, attribute, predicate and place ids by their names in both languages."""
    tables = (lexicon.CLASSES, lexicon.ATTRIBUTES, lexicon.PREDICATES, lexicon.PLACES)
    found = {w.id: {"en": w.en.captions[0], "zh": w.zh.captions[0]} for words in tables for w in words.values()}
    return found | {f"count_{n}": {"en": en, "zh": zh} for n, (en, zh) in lexicon.NUMBERS.items()}
