"""The tiniest results folder: one transfer, three systems, two seeds, four pictures, values known by heart."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image as Picture

from cross2stra.configuration import STAGES, Experiment, Profile, Transfer
from cross2stra.data.corpora.material import Statistic
from cross2stra.data.records import Caption, Image, write_records

SYSTEMS = ["late_translation", "cross2stra", "no_sg"]
METRICS = ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D"]
TRANSFER = "en-zh_aic"
IDS = ["a", "b", "c", "d"]


@pytest.fixture
def profile() -> Profile:
    return Profile.model_validate(
        {
            "profile": "tiny",
            "description": "Two < three.",
            "transfers": {TRANSFER: Transfer(pivot="en", target="zh", corpus="world")},
            "seeds": [1, 2],
            "systems": SYSTEMS,
            "sources": {"world": True},
            "training": {"updates": dict.fromkeys(STAGES, 0), "weights": {}},
        }
    )


@pytest.fixture
def experiments() -> dict[str, Experiment]:
    return {
        "cross2stra": Experiment(title="Cross2StrA", group="pivoting", tables=[1, 3]),
        "no_sg": Experiment(title="w/o SG", group="ablation", tables=[1]),
        "late_translation": Experiment(title="LateTranslation", group="translation", tables=[1, 3]),
    }


def score_lines(seeds: list[int], transfers: list[str] | None = None) -> str:
    """Scores that are 10 x (place of the metric) + place of the system + seed."""
    rows = ["transfer,system,seed,split,unit,metric,value"]
    for transfer, (i, system), seed, (j, metric) in itertools.product(
        transfers or [TRANSFER], enumerate(SYSTEMS), seeds, enumerate(METRICS)
    ):
        rows.append(f"{transfer},{system},{seed},test,word,{metric},{10 * j + i + seed}")
        rows.append(f"{transfer},{system},{seed},val,word,{metric},99")
    return "\n".join(rows) + "\n"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    root = tmp_path / "tiny"
    for seed in (1, 2):
        folder = root / "scores" / TRANSFER / str(seed)
        folder.mkdir(parents=True)
        (folder / "scores.csv").write_text(score_lines([seed]), encoding="utf-8")
        counts = [f"{TRANSFER},{s},{seed},test,cued,3,1,0" for s in [*SYSTEMS, "majority_sense"]]
        header = "transfer,system,seed,split,kind,correct,wrong,missing"
        (folder / "senses.csv").write_text("\n".join([header, *counts]) + "\n", encoding="utf-8")
    (root / "scores.csv").write_text(score_lines([1, 2]), encoding="utf-8")
    (root / "raw/world/pictures").mkdir(parents=True)
    for index, name in enumerate(IDS):
        Picture.new("RGB", (40, 30), (40 * index, 90, 120)).save(root / f"raw/world/pictures/{name}.png")
    corpora = root / "corpora" / TRANSFER
    images = [Image(name, "test", f"pictures/{name}.png", 40, 30) for name in IDS]
    write_records(corpora / "images.parquet", Image, images)
    texts = [Caption(name, "test", "zh", f"参考句子{name}") for name in IDS]
    write_records(corpora / "references.test.parquet", Caption, texts)
    (corpora / "counts.json").write_text('{"files": {"um.txt": {"read": 1200, "kept": 1190, "quarantined": 10}}}')
    (corpora / "statistics.json").write_text(
        json.dumps([asdict(Statistic("AIC-ICC", "zh", "test", 4, 4, dict.fromkeys(IDS, 1)))])
    )
    for system in SYSTEMS:
        lines = [
            {"image_id": name, "split": "test", "text": f"一只<蝙蝠>{system}", "tokens": "", "pivot": "a bat"}
            for name in IDS
        ]
        path = root / "captions" / TRANSFER / system / "1.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    _training(root)
    return root


def _training(root: Path) -> None:
    values = {"cap": 2.0, "anchors_positive_m": 40.0, "code_speak": 1.1}
    for stage, steps in {"caption_translate": (20, 40), "align": (60, 80)}.items():
        folder = root / "checkpoints" / TRANSFER / "cross2stra" / "1" / stage
        folder.mkdir(parents=True)
        rows = [f"{TRANSFER},cross2stra,1,{stage},{step},{n},{v}" for step in steps for n, v in values.items()]
        header = "transfer,system,seed,stage,step,name,value"
        (folder / "log.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        account = {"transfer": TRANSFER, "system": "cross2stra", "seed": 1, "stage": stage, "updates": 40}
        account |= {"decoder_examples": 640, "parameters": 1000, "seconds_of_last_run": 1.5}
        (folder / "metrics.json").write_text(json.dumps(account))
