"""Corpora: hand-written ones to the last row, the real ones by what may be seen when."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from cross2stra.configuration import Profile, read_profile
from cross2stra.data.chance import draw
from cross2stra.data.corpora import REAL, build, paper
from cross2stra.data.corpora.material import BILINGUAL, Material, bilingual, write
from cross2stra.data.corpora.splits import DRAWN
from cross2stra.data.exclusion import picture_keys
from cross2stra.data.files import read_json
from cross2stra.data.languages import text_key
from cross2stra.data.readers.pictures import Sentence
from cross2stra.data.records import Caption, Image, ParallelSentence, Quarantined, Split, read_records
from cross2stra.data.streams import Ledger

ROOT = Path(__file__).parents[2]
CHINESE, ENGLISH = "一只狗在跑", "A dog runs."


def profile() -> Profile:
    value = read_profile(ROOT / "config" / "test.yaml")
    return value.model_copy(update={"world": value.world.model_copy(update={"pivot_validation_images": 1})})


def name(number: int) -> str:
    return f"{number:012d}.png"


@pytest.fixture
def raw_world(tmp_path: Path) -> Path:
    """A world of a few pictures: 1 to 3 English train, 11 to 14 English val, 21, 22 Chinese train, 31 to 34 val."""
    raw = tmp_path / "world"
    raw.mkdir()
    for part, numbers in (("train", (1, 2, 3)), ("val", (11, 12, 13, 14))):
        images = [{"id": n, "file_name": name(n), "width": 96, "height": 96} for n in numbers]
        notes = [{"id": n, "image_id": n, "caption": f"{ENGLISH} {'x' * n}"} for n in numbers]
        (raw / f"captions_en_{part}.json").write_text(json.dumps({"images": images, "annotations": notes}), "utf-8")
    for part, numbers in (("train", (21, 22)), ("val", (31, 32, 33, 34))):
        rows = [{"url": "", "image_id": name(n), "caption": [CHINESE + "快" * n, ""]} for n in numbers]
        (raw / f"aic_{part}.json").write_text(json.dumps(rows), "utf-8")
    (raw / "coco_test_ids.txt").write_text(f"{name(13)}\n{name(14)}\n", "utf-8")
    (raw / "aic_test_ids.txt").write_text(f"{name(34)}\n", "utf-8")
    for split, number in (("val", 41), ("test", 42)):
        (raw / f"coco_cn_{split}.txt").write_text(f"{number:012d}#0\t{CHINESE}\n", "utf-8")
    (raw / "um_corpus.txt").write_text("A cat.\n一只猫。\nA cow.\nA pig.\n一头猪。\n", "utf-8")
    (raw / "wmt19.en").write_text(f"A hen.\nA goat.\n{ENGLISH}\n", "utf-8")
    (raw / "wmt19.zh").write_text(f"一只鸡。\n\n{CHINESE}{'快' * 34}。\n", "utf-8")
    return raw


def test_world(raw_world: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(profile(), "en-zh_aic", raw_world, out)
    images = {row.image_id: row for row in read_records(out / "images.parquet", Image)}
    splits = Counter(row.split for row in images.values())
    assert splits == {"train": 3, "pivot_validation": 1, "val": 2, "test": 1}
    assert images["34"].split == "test"
    assert images["1"] == Image("1", "train", f"pictures/{name(1)}", 96, 96)
    captions = read_records(out / "captions.parquet", Caption)
    assert {(row.language, row.split) for row in captions} == {("en", "train"), ("en", "pivot_validation")}
    references = read_records(out / "references.test.parquet", Caption)
    assert [(row.image_id, row.language, row.text) for row in references] == [("34", "zh", CHINESE + "快" * 34)]
    assert [row.id for row in read_records(out / "parallel_raw.parquet", ParallelSentence)] == [
        "um_corpus:1", "um_corpus:4", "wmt19:1",
    ]  # fmt: skip
    counts = read_json(out / "counts.json")
    assert counts["excluded"] == {"text of test": {"wmt19": 1}}
    assert sum(row["quarantined"] for row in counts["files"].values()) == len(
        read_records(out / "quarantine.parquet", Quarantined)
    )
    for row in counts["files"].values():
        assert row["read"] == row["kept"] + row["quarantined"]
    counted = read_json(out / "statistics.json")
    rows = {(row["dataset"], row["split"]): (row["images"], row["captions"]) for row in counted}
    assert rows == {
        ("MSCOCO", "train"): (3, 3), ("MSCOCO", "pivot_validation"): (1, 1),
        ("AIC-ICC", "val"): (2, 2), ("AIC-ICC", "test"): (1, 1),
    }  # fmt: skip
    assert [sum(row["pictures"].values()) for row in counted] == [row["captions"] for row in counted]
    assert len({image for row in counted for image in row["pictures"]}) == 7


def test_world_test_set_of_other_models_has_nothing_to_train_on(raw_world: Path, tmp_path: Path) -> None:
    build(profile(), "en-zh_cococn", raw_world, tmp_path / "out")
    assert [(row.image_id, row.split) for row in read_records(tmp_path / "out/images.parquet", Image)] == [
        ("41", "val"), ("42", "test"),
    ]  # fmt: skip
    assert read_records(tmp_path / "out/captions.parquet", Caption) == []
    assert read_records(tmp_path / "out/parallel_raw.parquet", ParallelSentence) == []


def test_both_directions_of_the_world_do_not_meet(raw_world: Path, tmp_path: Path) -> None:
    study = read_profile(ROOT / "config" / "study.yaml")
    study = study.model_copy(update={"world": profile().world})
    found = {}
    for transfer in ("en-zh_aic", "zh-en_coco"):
        build(study, transfer, raw_world, tmp_path / transfer)
        found[transfer] = {
            row.image_id: row.split for row in read_records(tmp_path / transfer / "images.parquet", Image)
        }
    both = found["en-zh_aic"].keys() & found["zh-en_coco"].keys()
    assert not [image for image in both if "train" in (found["en-zh_aic"][image], found["zh-en_coco"][image])]
    assert found["zh-en_coco"]["13"] == found["zh-en_coco"]["14"] == "test"


def test_errors_name_transfer_and_corpus(tmp_path: Path) -> None:
    value = profile()
    with pytest.raises(ValueError, match="no transfer 'en-fr'; it has en-zh_aic"):
        build(value, "en-fr", tmp_path, tmp_path)
    wanted = value.transfers["en-zh_aic"].model_copy(update={"corpus": "lost"})
    with pytest.raises(ValueError, match="no corpus 'lost'; there are world, coco_cn"):
        build(value.model_copy(update={"transfers": {"a": wanted}}), "a", tmp_path, tmp_path)


def test_draw_is_fixed_and_complains() -> None:
    ids = [str(n) for n in range(100)]
    assert draw(ids, 5, "a") == draw(reversed(ids), 5, "a")
    assert draw(ids, 5, "a") != draw(ids, 5, "b")
    with pytest.raises(ValueError, match="a: 5 pictures are to be drawn from 2"):
        draw(ids[:2], 5, "a")


def test_paper_corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "AIC_TEST", 1)
    images = [
        {
            "filename": f"COCO_val2014_{n:012d}.jpg",
            "filepath": "val2014",
            "split": split,
            "sentences": [{"raw": "A dog."}],
        }
        for n, split in ((1, "train"), (2, "restval"), (3, "val"), (4, "test"), (5, "train"))
    ]
    (tmp_path / "dataset_coco.json").write_text(json.dumps({"images": images}), "utf-8")
    for part, numbers in (("train", (1, 2)), ("val", (3, 4))):
        rows = [{"url": "", "image_id": f"a{n}.jpg", "caption": [CHINESE]} for n in numbers]
        (tmp_path / f"aic_{part}.json").write_text(json.dumps(rows), "utf-8")
    lines = [f"COCO_val2014_{n:012d}#0\t{CHINESE}" for n in (5, 1, 9)]
    (tmp_path / "coco_cn_captions.txt").write_text("\n".join(lines) + "\n", "utf-8")
    for part, number in (("train", 9), ("val", 1), ("test", 5)):
        (tmp_path / f"coco_cn_{part}.txt").write_text(f"COCO_val2014_{number:012d}\n", "utf-8")
    splits = {corpus: Counter(REAL[corpus](tmp_path).splits.values()) for corpus in ("paper_aic", "paper_coco")}
    alone = {corpus: set(REAL[corpus](tmp_path).unpaired) for corpus in ("paper_aic", "paper_coco", "paper_coco_cn")}
    assert alone == {"paper_aic": {"a1", "a2"}, "paper_coco": {"1", "2", "5"}, "paper_coco_cn": {"9"}}
    assert splits["paper_aic"] == {"train": 3, "pivot_validation": 1, "val": 1, "test": 1}
    assert splits["paper_coco"] == {"train": 2, "pivot_validation": 1, "val": 1, "test": 1}
    made = REAL["paper_coco_cn"](tmp_path)
    assert made.splits == {"5": "test", "1": "val", "2": "train", "3": "pivot_validation"}


def test_captions_of_a_target_corpus_become_text_of_no_picture(tmp_path: Path) -> None:
    told = {"1": ["一只猫", "一只狗"], "2": ["一辆车"], "3": ["一匹马"]}
    made = Material("en", "zh", ("a", "b"), Ledger())
    made.target = {image_id: [Sentence(image_id, text) for text in texts] for image_id, texts in told.items()}
    made.unpaired = made.target
    made.take(Split.TEST, ["3"])
    write(made, tmp_path)
    rows = read_records(tmp_path / "unpaired.parquet", Caption)
    assert {(row.image_id, row.split, row.language) for row in rows} == {("", "train", "zh")}
    assert [row.text for row in rows] == sorted(["一只猫", "一只狗", "一辆车"])
    assert read_json(tmp_path / "counts.json")["excluded"] == {"picture of test": {"unpaired captions": 1}}


def test_a_split_whose_captions_are_all_put_aside_is_an_error(tmp_path: Path) -> None:
    made = Material("en", "zh", ("a", "b"), Ledger())
    made.take(Split.TEST, ["3"])
    with pytest.raises(ValueError, match="no caption of split test in 'zh' is left"):
        write(made, tmp_path)


@pytest.fixture(scope="module")
def made(raw_files: Path) -> dict[str, Material]:
    return {transfer: builder(raw_files) for transfer, (builder, _) in DRAWN.items()}


def test_committed_ids_are_those_that_are_drawn(made: dict[str, Material]) -> None:
    for transfer, (_, splits) in DRAWN.items():
        for split in splits:
            path = ROOT / "config" / "splits" / f"{transfer}.{split}.txt"
            assert path.read_text("utf-8").split() == made[transfer].of(split), f"{path}: write it again (write_splits)"


def test_sizes_of_the_real_splits(made: dict[str, Material]) -> None:
    sizes = {transfer: dict(Counter(map(str, material.splits.values()))) for transfer, material in made.items()}
    assert sizes == {
        "en-zh_cococn": {"train": 4001, "pivot_validation": 450, "val": 500, "test": 1000},
        "zh-en_coco": {"train": 3989, "pivot_validation": 400, "val": 500, "test": 1000, "unlabelled": 500},
        "en-zh_flickr8kcn": {"train": 5700, "pivot_validation": 300, "val": 1000, "test": 500, "unlabelled": 500},
        "zh-en_flickr8k": {"train": 5700, "pivot_validation": 300, "val": 1000, "test": 500, "unlabelled": 500},
    }
    for material in made.values():
        for row in material.ledger.counts().values():
            assert row["read"] == row["kept"] + row["quarantined"]
        for image_id in material.of(Split.TEST) + material.of(Split.VALIDATION):
            assert material.target[image_id]
        for image_id in material.of(Split.UNLABELLED):
            assert image_id not in material.target


def test_no_training_picture_has_a_target_caption(raw_files: Path, tmp_path: Path, made: dict[str, Material]) -> None:
    """From the written tables alone: by picture, and by the texts of captions across sources."""
    write(made["en-zh_cococn"], tmp_path)
    images = {row.image_id: row.split for row in read_records(tmp_path / "images.parquet", Image)}
    captions = read_records(tmp_path / "captions.parquet", Caption)
    pairs = read_records(tmp_path / "parallel_raw.parquet", ParallelSentence)
    references = [
        row for split in ("val", "test") for row in read_records(tmp_path / f"references.{split}.parquet", Caption)
    ]
    trained = {row.image_id for row in captions}
    assert {row.language for row in captions} == {"en"}
    assert {images[image_id] for image_id in trained} == {"train", "pivot_validation"}
    assert not trained & {row.image_id for row in references}
    keys = {key for image_id in images for key in picture_keys(image_id)}
    assert not [row for row in pairs if keys & set(picture_keys(row.picture))]
    texts = {text_key(row.text) for row in (*captions, *references)}
    assert not [row for row in pairs if text_key(row.en) in texts or text_key(row.zh) in texts]
    assert len(pairs) > 50000
    sources = read_json(tmp_path / "references.test_sources.json")
    assert len(sources) == 1000
    assert Counter(name for names in sources.values() for name in names) == {"zhm": 5000, "cn": 1033}
    counts = Counter(row.image_id for row in references if row.split == "test")
    assert {image_id: len(names) for image_id, names in sources.items()} == counts


def test_validation_pictures_are_outside_val2017(made: dict[str, Material]) -> None:
    english = set(made["zh-en_coco"].target) | set(made["zh-en_coco"].of(Split.UNLABELLED))
    assert not english & set(made["en-zh_cococn"].of(Split.VALIDATION))


def test_bilingual_pictures_are_of_no_test_and_have_both_languages(made: dict[str, Material]) -> None:
    found = {corpus: bilingual(material) for corpus, material in made.items()}
    sizes = {corpus: len({row.image_id for row in rows}) for corpus, rows in found.items()}
    assert sizes == {"en-zh_cococn": 184, "zh-en_coco": 25, "en-zh_flickr8kcn": BILINGUAL, "zh-en_flickr8k": BILINGUAL}
    for corpus, rows in found.items():
        assert not {row.image_id for row in rows} & {*made[corpus].of(Split.TEST), *made[corpus].of(Split.UNLABELLED)}
        sides = {(row.image_id, row.language) for row in rows}
        assert len(sides) == 2 * len({row.image_id for row in rows})


PROFILES = sorted(
    {*ROOT.glob("config/*.yaml"), *ROOT.glob("config/worlds/*.yaml")} - {ROOT / "config/experiments.yaml"}
)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_profile_names_a_known_corpus(path: Path) -> None:
    transfers = read_profile(path).transfers
    assert {transfer.corpus for transfer in transfers.values()} <= {"world", *REAL}
