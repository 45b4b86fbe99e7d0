"""What raters export, checked against the key, and what it says: means, agreement, paired tests (Table 4, Figure 8)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import interval_distance
from scipy.stats import wilcoxon

from cross2stra.configuration.rows import REFERENCE
from cross2stra.data.files import replacing_folder
from cross2stra.evaluation.significance import draw_means, holm, picture_interval
from cross2stra.ratings.form import KEY, KEY_COLUMNS
from cross2stra.ratings.questions import MOST, NAMES

COLUMNS = ("form", "rater", "item", *NAMES)


def files_of(study: Path) -> tuple[Path, list[Path]]:
    """A folder of the human study -> the key of its forms, the files that raters saved. Raises ValueError for one without."""
    key, files = study / KEY, [path for path in sorted(study.glob("*.csv")) if path.name != KEY]
    if not key.is_file():
        raise ValueError(f"{key}: not there; put in the key that was written with the forms which raters filled in")
    if not files:
        raise ValueError(f"{study}: no CSV file of a rater; put in what raters saved, or empty ratings.folder")
    return key, files


def read_key(path: Path) -> pd.DataFrame:
    """key.csv of a form: form, item, image_id, system, text. Raises ValueError naming the file and what it lacks."""
    key = _table(path, KEY_COLUMNS)
    repeated = key["item"].duplicated()
    if repeated.any():
        raise ValueError(f"{path}:{int(repeated.idxmax()) + 2}: item {key['item'][repeated.idxmax()]} comes twice")
    return key


def read_answers(key: pd.DataFrame, files: Sequence[Path]) -> tuple[pd.DataFrame, int]:
    """Answers as rows of rater, item, image_id, system, question, value; and how many questions were left open.

    Raises ValueError naming file and line for another form, an unknown or repeated item, a value that is no whole number
    from 1 to 10, or a rater who comes in two files.
    """
    form, places = str(key["form"].iloc[0]), key.set_index("item")[["image_id", "system"]]
    rows: list[tuple[str, str, str, str, str, int]] = []
    raters: dict[str, Path] = {}
    left_open = 0
    for path in files:
        seen: set[str] = set()
        for number, answer in enumerate(_table(path, COLUMNS).to_dict("records"), 2):
            where, rater, item = f"{path}:{number}", answer["rater"], answer["item"]
            if answer["form"] != form:
                raise ValueError(
                    f"{where}: answers form {answer['form']}, the key is of {form}; give the key of that form"
                )
            if raters.setdefault(rater, path) != path:
                raise ValueError(f"{where}: rater {rater} is in {raters[rater]} too; give each rater's last file alone")
            if item not in places.index:
                raise ValueError(f"{where}: no item {item!r} in the key; give the key of this form")
            if item in seen:
                raise ValueError(f"{where}: item {item} is rated twice; keep one of the two lines")
            seen.add(item)
            for name in NAMES:
                value = answer[name].strip()
                if not value:
                    left_open += 1
                    continue
                if not value.isdecimal() or not 1 <= int(value) <= MOST:
                    raise ValueError(
                        f"{where}: {name} is {value!r}, expected a whole number from 1 to {MOST}, or nothing"
                    )
                image_id, system = places.loc[item]
                rows.append((rater, item, image_id, system, name, int(value)))
        left_open += (len(places) - len(seen)) * len(NAMES)
    if not rows:
        raise ValueError("no answer in the files given; give what raters saved from their forms")
    return pd.DataFrame(rows, columns=["rater", "item", "image_id", "system", "question", "value"]), left_open


def agreement(answers: pd.DataFrame) -> pd.DataFrame:
    """Krippendorff's alpha (interval) of each question: question, raters, items, alpha.

    1 is full agreement, 0 what chance gives. NaN where no item has two raters, or all of them say the same of everything:
    there is nothing to agree on.
    """
    found = []
    for name in NAMES:
        part = answers[answers["question"] == name]
        raters = part.groupby("item")["rater"].transform("nunique")
        shared = part[raters > 1]
        alpha = float("nan")
        if shared["value"].nunique() > 1:
            data = list(zip(shared["rater"], shared["item"], shared["value"], strict=True))
            alpha = float(AnnotationTask(data=data, distance=interval_distance).alpha())
        found.append((name, part["rater"].nunique(), part["item"].nunique(), alpha))
    return pd.DataFrame(found, columns=["question", "raters", "items", "alpha"])


def means(answers: pd.DataFrame, resamples: int, seed: int) -> pd.DataFrame:
    """Mean of each system and question over raters, then pictures, with a bootstrap interval over pictures."""
    table = _by_picture(answers)
    images = sorted(set(table["image_id"]))
    values = {
        (str(system), 1): {
            str(name): rows.set_index("image_id")["value"].reindex(images).to_numpy(float)
            for name, rows in part.groupby("question")
        }
        for system, part in table.groupby("system")
    }
    rows = []
    for drawn in draw_means(values, resamples, seed):
        for name in (name for name in NAMES if name in drawn.observed):
            interval = picture_interval([drawn], name)
            rows.append((drawn.system, name, interval.value, interval.low, interval.high))
    return pd.DataFrame(rows, columns=["system", "question", "mean", "low", "high"])


def paired_tests(answers: pd.DataFrame) -> pd.DataFrame:
    """Cross2StrA against each other system, Wilcoxon's signed ranks of pictures: system, question, difference, p, p_holm.

    `difference` is Cross2StrA less the other, mean over the pictures that both have; Holm's correction over systems.
    """
    table = _by_picture(answers).pivot(index="image_id", columns=["question", "system"], values="value")
    rows = []
    for name in (name for name in NAMES if (name, REFERENCE) in table.columns):
        others = [system for system in table[name].columns if system != REFERENCE]
        differences = [(table[name, REFERENCE] - table[name, system]).dropna().to_numpy() for system in others]
        p = [float(wilcoxon(each).pvalue) if np.any(each != 0) else 1.0 for each in differences]
        for system, each, own, corrected in zip(others, differences, p, holm(p), strict=True):
            rows.append((system, name, float(each.mean()) if len(each) else float("nan"), own, corrected))
    return pd.DataFrame(rows, columns=["system", "question", "difference", "p", "p_holm"])


def write_answers(
    key: pd.DataFrame, answers: pd.DataFrame, left_open: int, output: Path, resamples: int, seed: int
) -> None:
    """Write a folder: key.csv, answers.csv, means.csv, agreement.csv, tests.csv, left_open.csv."""
    tables = {
        "key": key,
        "answers": answers.sort_values(["rater", "item", "question"], kind="stable"),
        "means": means(answers, resamples, seed),
        "agreement": agreement(answers),
        "tests": paired_tests(answers),
        "left_open": pd.DataFrame({"questions": [left_open]}),
    }
    with replacing_folder(output, "means.csv") as folder:
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")


def _by_picture(answers: pd.DataFrame) -> pd.DataFrame:
    """Mean over raters of each picture's caption by a system: system, question, image_id, value."""
    return answers.groupby(["system", "question", "image_id"])["value"].mean().reset_index()


def _table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path}: not a table that a form saved ({error}); get the file again") from error
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ValueError(f"{path}: lacks the columns {', '.join(missing)}; expected {', '.join(columns)}")
    return table
