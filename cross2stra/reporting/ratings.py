"""The human study in the report: its forms, Table 4 and Figure 8. Without ratings both say so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration import Experiment, Profile
from cross2stra.evaluation.captions import read_captions
from cross2stra.ratings.answers import read_key
from cross2stra.ratings.form import KEY, draw_items, write_forms
from cross2stra.ratings.questions import QUESTIONS, rated
from cross2stra.reporting.layout import BLOCKS, Block, Cell, Line, Table, arrow
from cross2stra.reporting.printed import printed_rows
from cross2stra.reporting.results import Picture, graphs_of, places_of, read_csv
from cross2stra.reporting.scene import data_address, image_of
from cross2stra.reporting.style import MUTED, PALETTE, interval_bar, settings

QUALITIES = [question for question in QUESTIONS if not question.error]
ERRORS = [question for question in QUESTIONS if question.error]


def make_forms(profile: Profile, results: Path, output: Path) -> None:
    """Forms of the systems of Table 4 that the profile runs, and their key. Raises ValueError where captions are missing."""
    study, seed = profile.ratings, profile.seeds[0]
    captions = {}
    for system in rated(profile):
        path = results / "captions" / study.transfer / system / f"{seed}.jsonl"
        if not path.is_file():
            raise ValueError(f"{path}: not there; caption with {system}, or choose another ratings.transfer")
        captions[system] = _captions(path)
    items = draw_items(captions, study.pictures, profile.evaluation.seed)
    wanted = {item.image_id for item in items}
    places = places_of(results, study.transfer, wanted)
    graphs = graphs_of(results, study.transfer, wanted - set(places))
    shown = {i: Picture(i, places.get(i), graph=graphs.get(i)) for i in wanted}
    addresses = {i: data_address(image_of(picture), picture.path is None) for i, picture in shown.items()}
    language = profile.transfers[study.transfer].target
    write_forms(items, addresses, language, output, profile.evaluation.seed, study.raters)


def where_forms_are(profile: Profile) -> str:
    """A sentence: where the forms are that ratings would come from, or why there are none."""
    if rated(profile):
        return "ratings/form/ of these results has a form for each rater, and their key."
    return (
        f"This profile has no forms: it runs none of Table 4's systems on {profile.ratings.transfer}; name another transfer "
        "in `ratings.transfer`."
    )


def _captions(path: Path) -> dict[str, str]:
    return {image_id: said.text for image_id, said in read_captions(path).of("test").items()}


def collected(results: Path) -> bool:
    """Whether these results have answers of raters."""
    return _rated(results, "means", ["system", "question"]) is not None


def _rated(results: Path, name: str, columns: list[str]) -> pd.DataFrame | None:
    path = results / "ratings" / "answers" / f"{name}.csv"
    return read_csv(path, columns) if path.is_file() else None


def table4(profile: Profile, experiments: Mapping[str, Experiment], results: Path) -> Table:
    """Table 4: means of the three qualities, the paper's line below ours; without ratings the paper's alone."""
    means = _rated(results, "means", ["system", "question", "mean", "low", "high"])
    table = Table(
        4,
        "Human ratings on a scale of ten.",
        [(arrow(profile, profile.ratings.transfer) if means is not None else "", "", len(QUALITIES))],
        [question.title[0] for question in QUALITIES],
        [],
        _notes(profile, results),
    )
    printed = {row.system: row for row in printed_rows(4)}
    order = {system: row.group for system, row in printed.items()}
    for group, heading in BLOCKS.items():
        lines = []
        for system in (system for system, of in order.items() if of == group):
            title = experiments[system].title if system in experiments else printed[system].title
            own = means[means["system"] == system].set_index("question") if means is not None else pd.DataFrame()
            if len(own):
                cells = []
                for question in QUALITIES:
                    if question.name not in own.index:  # nobody answered it
                        cells.append(Cell("–"))
                        continue
                    row = own.loc[question.name]
                    cells.append(Cell(f"{row['mean']:.2f}", half_width=f"{(row['high'] - row['low']) / 2:.2f}"))
                    numbers = {name: round(float(row[name]), 4) for name in ("mean", "low", "high")}
                    table.tidy.append({"system": system, "source": "ours", "question": question.name, **numbers})
                lines.append(Line(system, title, "ours", cells, _verdicts(results, system)))
            values = list(printed[system].values.values())
            for question, value in zip(QUALITIES, values, strict=True):
                table.tidy.append({"system": system, "source": "paper", "question": question.name, "mean": value})
            remark = "in the paper" + ("" if len(own) else "; not rated here")
            lines.append(Line(system, "" if len(own) else title, "paper", [Cell(f"{v:.2f}") for v in values], remark))
        if lines:
            table.blocks.append(Block(heading, lines))
    return table


def _notes(profile: Profile, results: Path) -> list[str]:
    if not collected(results):
        return [
            f"No ratings were collected: such numbers are never simulated. {where_forms_are(profile)} "
            "Put the files that raters save and the key into a folder, name it in `ratings.folder`, and run again "
            "(docs/human-study.md).",
            "Grey italics: the number printed in the paper.",
        ]
    agreed = _rated(results, "agreement", ["question", "raters", "items", "alpha"])
    open_questions = _rated(results, "left_open", ["questions"])
    assert agreed is not None
    assert open_questions is not None
    alphas = ", ".join(f"{row.question.replace('_', ' ')} {row.alpha:.2f}" for row in agreed.itertuples())
    return [
        f"Ours: {agreed['raters'].max()} raters, {agreed['items'].max()} captions; mean over raters, then pictures, ± half "
        f"of the 95 % bootstrap interval over pictures. {open_questions['questions'].iloc[0]} questions were left open.",
        f"Krippendorff's alpha (interval; nan: all ratings are alike, or no caption has two raters): {alphas}.",
        "The remark names where a system is worse or better than Cross2StrA: Wilcoxon's signed ranks over pictures, Holm's "
        "correction, p < 0.05.",
        *_said_otherwise(profile, results),
        "Grey italics: the number printed in the paper.",
    ]


def _said_otherwise(profile: Profile, results: Path) -> list[str]:
    """A note where raters judged captions that these results do not have: systems were trained again since."""
    key = read_key(results / "ratings" / "answers" / KEY)
    room = results / "captions" / profile.ratings.transfer
    paths = {system: room / system / f"{profile.seeds[0]}.jsonl" for system in key["system"].unique()}
    now = {system: _captions(path) for system, path in paths.items() if path.is_file()}
    other = sum(now.get(row.system, {}).get(row.image_id) != row.text for row in key.itertuples())
    return [f"{other} of the {len(key)} captions that were rated are not those of these results."] if other else []


def _verdicts(results: Path, system: str) -> str:
    found = _rated(results, "tests", ["system", "question", "difference", "p", "p_holm"])
    assert found is not None
    own = found[(found["system"] == system) & (found["p_holm"] < 0.05)]
    told = []
    for row in own.itertuples():
        error = any(question.name == row.question for question in ERRORS)
        told.append(f"{row.question.replace('_', ' ')} {'worse' if (row.difference > 0) != error else 'better'}")
    return ", ".join(told)


def draw_errors(titles: Mapping[str, str], results: Path) -> Figure:
    """Figure 8: how much of the captions raters found wrong, a panel for each kind of error; without ratings they say so."""
    means = _rated(results, "means", ["system", "question", "mean", "low", "high"])
    if means is None:
        return _without_ratings()
    systems = [system for system in titles if (means["system"] == system).any()]
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(7.2, 0.28 * len(systems) + 0.9), layout="constrained")
        axes = figure.subplots(1, len(ERRORS), sharey=True)
        for index, (axis, question) in enumerate(zip(axes, ERRORS, strict=True)):
            part = means[means["question"] == question.name].set_index("system")
            for place, system in enumerate(systems):
                if system in part.index:
                    row = part.loc[system]
                    interval_bar(axis, place, row["mean"], row["low"], row["high"], color=PALETTE[index])
            axis.set_title(f"{question.title[0]}, wrong")
            axis.set_xlim(1, 10)
            axis.grid(axis="y", visible=False)
            axis.set_yticks(range(len(systems)), [titles[system] for system in systems])
        axes[0].invert_yaxis()
    return figure


def _without_ratings() -> Figure:
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(7.2, 1.3), layout="constrained")
        for axis, question in zip(figure.subplots(1, len(ERRORS)), ERRORS, strict=True):
            axis.set_title(f"{question.title[0]}, wrong")
            axis.text(0.5, 0.5, "no ratings collected", transform=axis.transAxes, ha="center", va="center", color=MUTED)
            axis.set_xlim(1, 10)
            axis.set_yticks([])
            axis.grid(visible=False)
    return figure
