"""A small made-up results folder: enough of everything that tables, figures and the page read."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pixels

from cross2stra.configuration import Experiment, Profile, read_experiments, read_profile
from cross2stra.data.corpora.material import Statistic
from cross2stra.data.files import write_json
from cross2stra.data.records import Caption, Image, write_records
from cross2stra.evaluation.metrics import COLUMNS, names, scores
from cross2stra.evaluation.statistics import PictureStatistics, write_statistics
from cross2stra.structures.graph import GraphBuilder, write_graphs

ROOT = Path(__file__).parents[2]
QUALITY = {
    "early_translation": 0.30, "late_translation": 0.25, "cross2stra": 0.45, "no_sg": 0.32, "no_sc": 0.45, "no_residual": 0.43,
}  # fmt: skip
TRANSFERS = ("en-zh_aic", "en-zh_cococn")
PICTURES = tuple(str(number) for number in range(10, 50))
SENTENCES = ("一只棕色的蝙蝠挂在绿色的树上", "两个穿着裙子的女人坐在红色的桌子旁边", "一个男人拿着白色的杯子")


def statistics(transfer: str, system: str, seed: int, unit: str) -> PictureStatistics:
    """Statistics of PICTURES whose scores follow QUALITY."""
    generator = np.random.default_rng([seed, len(system), len(unit)])
    quality = np.clip(QUALITY[system] + generator.normal(0, 0.03, len(PICTURES)), 0.01, 0.99)
    values = np.zeros((len(PICTURES), len(COLUMNS)))
    for n in range(1, 5):
        guess = 11 - n
        values[:, COLUMNS.index(f"guess_{n}")] = guess
        values[:, COLUMNS.index(f"correct_{n}")] = np.round(guess * quality**n, 2)
    for name in ("length", "reference_length", "meteor_1", "meteor_2"):
        values[:, COLUMNS.index(name)] = 10
    for name in ("meteor_5", "meteor_6", "meteor_22", "meteor_23"):
        values[:, COLUMNS.index(name)] = 10 * quality
    values[:, COLUMNS.index("meteor_21")] = 2
    values[:, COLUMNS.index("rouge_l")] = quality
    values[:, COLUMNS.index("cider_d")] = 2 * quality
    for n in range(6):
        values[:, [COLUMNS.index(f"chrf_{3 * n + k}") for k in (1, 2)]] = 10
        values[:, COLUMNS.index(f"chrf_{3 * n + 3}")] = 10 * quality
    return PictureStatistics(transfer, system, seed, "test", unit, PICTURES, values)


def write(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(","), *rows])


def write_results(folder: Path, seeds: tuple[int, ...]) -> Path:
    """Write the results of a run of the demo's systems with `seeds`; -> `folder`."""
    every: list[tuple[object, ...]] = []
    for transfer in TRANSFERS:
        for seed in seeds:
            place = folder / "scores" / transfer / str(seed)
            parts = [statistics(transfer, s, seed, unit) for s in QUALITY for unit in ("word", "char")]
            place.mkdir(parents=True)
            write_statistics(place / "statistics.parquet", parts)
            rows = [
                (transfer, p.system, seed, "test", p.unit, metric, f"{scores(p.values)[metric][0]:.4f}")
                for p in parts
                for metric in names(p.unit == "char")
            ]
            write(place / "scores.csv", "transfer,system,seed,split,unit,metric,value", list(rows))
            every += rows
            senses = [
                (transfer, system, seed, "test", kind, *((27, 9, 4) if kind != "control" else (18, 18, 4)))
                for system in (*QUALITY, "majority_sense")
                for kind in ("cued", "stated", "control")
            ]
            write(place / "senses.csv", "transfer,system,seed,split,kind,correct,wrong,missing", senses)
            lengths = [(transfer, s, seed, "test", "word", 40, "9.1", "9.8", 120, "2.5", 1) for s in QUALITY]
            write(
                place / "lengths.csv",
                "transfer,system,seed,split,unit,pictures,mean_length,mean_reference_length,distinct,unreferenced,empty",
                list(lengths),
            )
            if transfer == "en-zh_cococn":
                write(
                    place / "variants.csv",
                    "transfer,system,seed,split,unit,references,metric,value",
                    [
                        (transfer, s, seed, "test", "word", which, m, 10.0 * k)
                        for s in QUALITY
                        for k, which in enumerate(("all", "cn", "zhm", "one"), 1)
                        for m in names(False)
                    ],
                )
    write(
        folder / "diagnosis/en-zh_aic/cross2stra/1/scores.csv",
        "transfer,system,seed,step,items,metric,value",
        [("en-zh_aic", "cross2stra", 1, "human", 1184, m, 30 + k) for k, m in enumerate(names(False))],
    )
    write(folder / "scores.csv", "transfer,system,seed,split,unit,metric,value", every)
    write_pictures(folder, seeds)
    write_logs(folder, seeds)
    return folder


def write_pictures(folder: Path, seeds: tuple[int, ...]) -> None:
    """Pictures of the first transfer have files; those of the second have boxes only."""
    (folder / "raw/world/pictures").mkdir(parents=True)
    for number, image in enumerate(PICTURES):
        Pixels.new("RGB", (96, 80), (40 + 4 * number, 120, 90)).save(folder / f"raw/world/pictures/{image}.png")
    builder = GraphBuilder()
    builder.add_object("一只狗", (10, 20, 300, 200))
    builder.add_attribute(0, "brown")
    builder.add_object("tree", (200, 5, 390, 220))
    graph = builder.build((400, 240))
    for transfer in TRANSFERS:
        files = transfer == TRANSFERS[0]
        corpus = folder / "corpora" / transfer
        images = [Image(i, "test", f"pictures/{i}.png" if files else "", 96, 80) for i in PICTURES]
        write_records(corpus / "images.parquet", Image, images)
        references = [Caption(i, "test", "zh", SENTENCES[k]) for i in PICTURES for k in (0, 1)]
        write_records(corpus / "references.test.parquet", Caption, references)
        parts = ("MSCOCO", "en", "train", range(1500), 5), ("AIC-ICC", "zh", "test", PICTURES, 2)
        counted = [(*names, {str(image): many for image in images}) for *names, images, many in parts]
        rows = [Statistic(*names, len(of), sum(of.values()), of) for *names, of in counted]
        write_json(corpus / "statistics.json", [asdict(row) for row in rows])
        counted = {"read": 7500, "kept": 7495, "quarantined": 5}
        write_json(corpus / "counts.json", {"files": {"captions_en_train.json": counted}, "excluded": {}})
        write_graphs(folder / f"structures/{transfer}/visual_graphs.parquet", ((i, graph) for i in PICTURES))
        for system in QUALITY:
            for seed in seeds:
                lines = [
                    {
                        "image_id": i, "split": "test", "text": SENTENCES[(k + seed) % 3], "tokens": "",
                        "pivot": None if system == "early_translation" else "a brown bat on a tree",
                    }
                    for k, i in enumerate(PICTURES)
                ]  # fmt: skip
                path = folder / f"captions/{transfer}/{system}/{seed}.jsonl"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    write_json(
        folder / "text/en-zh_aic/filter.json",
        {
            "read": 12000, "kept": {"train": 6000}, "reasons": {"coverage": 5000, "length": 1000, "kept for train": 6000},
            "histogram": {"bins": 20, "pivot": list(range(20)), "target": [5] * 20, "agreement": [1] * 20},
            "options": {"coverage": 0.6}, "truth": {"precision": 0.93, "recall": 0.71},
        },
    )  # fmt: skip
    write(
        folder / "text/en-zh_aic/filter_examples.csv",
        "fate,source,id,score,pivot,target",
        [("coverage", "um_corpus", "1", "0.2", "The council <adopted> it.", "理事会通过了。")],
    )


def write_logs(folder: Path, seeds: tuple[int, ...]) -> None:
    """Logs and accounts of every stage; no_sg's alignment of scenes finds nothing."""
    stages = {
        "caption_translate": (0, 900),
        "align": (900, 1200),
        "back_translate": (1200, 1400),
        "joint": (1400, 1700),
    }
    rows: list[tuple[object, ...]] = []
    for system in QUALITY:
        for seed in seeds:
            for stage, (start, end) in stages.items():
                place = folder / f"checkpoints/en-zh_aic/{system}/{seed}/{stage}"
                logged: list[tuple[object, ...]] = []
                for step in range(start + 20, end + 1, 20):
                    loss = 5 * math.exp(-step / 500) + 2
                    numbers = {"cap": loss, "tran": loss - 0.3}
                    if stage in ("align", "joint"):
                        few = 0.2 if system == "no_sg" else 60.0
                        numbers |= {"cma": 3.0, "anchors_positive_m": few, "pairs_positive_m": 10.0, "cosine_m": 0.2}
                    logged += [("en-zh_aic", system, seed, stage, step, name, value) for name, value in numbers.items()]
                write(place / "log.csv", "transfer,system,seed,stage,step,name,value", logged)
                account = {"transfer": "en-zh_aic", "system": system, "seed": seed, "stage": stage}
                numbers = {
                    "updates": end - start,
                    "seconds_of_last_run": 60.0,
                    "parameters": 3_000_000,
                    "decoder_examples": 6400,
                }
                write_json(place / "metrics.json", account | numbers)
                rows.append(("en-zh_aic", system, seed, stage, "CIDEr-D", 20 + len(rows) % 4))
    write(folder / "stage_scores.csv", "transfer,system,seed,stage,metric,value", rows)


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The demo's, with annotated structures and three seeds."""
    read = read_profile(ROOT / "config" / "demo.yaml")
    annotated = read.structures.model_copy(update={"visual": "annotated"})
    evaluation = read.evaluation.model_copy(update={"bootstrap": 200})
    return read.model_copy(update={"evaluation": evaluation, "structures": annotated, "seeds": [1, 2, 3]})


@pytest.fixture(scope="session")
def experiments() -> dict[str, Experiment]:
    return read_experiments(ROOT / "config" / "experiments.yaml")


@pytest.fixture(scope="session")
def one_seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("one"), (1,))


@pytest.fixture(scope="session")
def three_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("three"), (1, 2, 3))
