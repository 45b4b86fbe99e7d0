"""Tables 1 to 3: every system of the paper and of the profile, laid out from scores beside the printed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cross2stra.configuration import Experiment, Profile
from cross2stra.evaluation.significance import Interval
from cross2stra.reporting.layout import (
    BLOCKS,
    GOLD,
    TRANSFERS,
    Block,
    Cell,
    Line,
    Table,
    arrow,
    gold,
    score_cell,
    seeds_said,
)
from cross2stra.reporting.printed import PrintedRow, printed_rows
from cross2stra.reporting.scores import BySeed, Score, summarise

Values = Mapping[tuple[str, str, str], BySeed]
"""(transfer, system, metric) -> a value for each seed."""


@dataclass(frozen=True)
class Columns:
    """What a table of the paper shows of each transfer. `means`: heading -> the BLEUs in a mean over cells."""

    caption: str
    transfers: tuple[str, ...]
    bleus: tuple[str, ...]
    others: tuple[str, ...]
    means: Mapping[str, tuple[str, ...]]

    @property
    def metrics(self) -> tuple[str, ...]:
        return (*self.bleus, *self.others)


_SCORED = ("METEOR", "ROUGE-L", "CIDEr-D")
_FOUR = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4")
_BOTH = {"with B-1": ("BLEU-1",), "with B-4": ("BLEU-4",)}
_TRANSFERS = ("zh-en_coco", "en-zh_aic")
COMPARISONS = {
    1: Columns("Transfer between MSCOCO (En) and AIC-ICC (Zh).", _TRANSFERS, ("BLEU-1", "BLEU-4"), _SCORED, _BOTH),
    2: Columns("Ablation of the learning strategies.", _TRANSFERS, ("BLEU-1", "BLEU-4"), ("ROUGE-L",), _BOTH),
    3: Columns("Transfer from MSCOCO (En) to COCO-CN (Zh).", ("en-zh_cococn",), _FOUR, _SCORED, {"Avg.": _FOUR}),
}
"""Tables of scores in the paper, by number."""
MARKS = {"below": "↓", "above": "↑"}
"""How a decided difference from Cross2StrA is marked."""


def comparison(
    number: int,
    profile: Profile,
    experiments: Mapping[str, Experiment],
    values: Values,
    pictures: Mapping[tuple[str, str, str], Interval] | None = None,
    decided: Mapping[tuple[str, str, str], str] | None = None,
) -> Table:
    """A table of COMPARISONS: every system of the paper and of the profile; the paper's line in its own style below ours.

    `pictures`: intervals over pictures, shown where there is one seed only. `decided`: verdicts against Cross2StrA, by
    (transfer, system, metric); those that are below or above are marked.
    """
    printed = {row.system: row for row in printed_rows(number)}
    shown = COMPARISONS[number]
    extra = tuple(t for t in profile.transfers if t not in TRANSFERS or "flickr" in t) if number == 1 else ()
    transfers = shown.transfers + extra
    run = {transfer for transfer, _, _ in values}
    heads = [(arrow(profile, t), _status(profile, t, run), len(shown.metrics)) for t in transfers]
    table = Table(
        number,
        shown.caption,
        [*heads, ("Mean", "", len(shown.means))],
        [metric for _ in transfers for metric in shown.metrics] + list(shown.means),
        [],
        _notes(shown, profile, {t for t in shown.transfers if t not in run}, bool(decided)),
    )
    scored = {system for transfer, system, _ in values if transfer in transfers}
    order = _order(number, experiments, printed, scored)
    for group, heading in BLOCKS.items():
        lines: list[Line] = []
        for system in (s for s, g in order.items() if g == group):
            ours = any((t, system, m) in values for t in transfers for m in shown.bleus)
            row = printed.get(system)
            title = experiments[system].title if system in experiments else row.title if row else system
            if ours:
                of = experiments[system].model_of if system in experiments else ""
                captions_of = experiments[of].title if of in experiments else ""
                lines.append(
                    _ours(
                        table, profile, system, title, group, extra, values, pictures or {}, decided or {}, captions_of
                    )
                )
            if row is not None:
                lines.append(_paper(table, row, "" if ours else title, len(extra)))
            elif not ours:
                blank = [Cell("–") for _ in table.columns]
                lines.append(Line(system, title, "ours", blank, "not run here"))
        if lines:
            table.blocks.append(Block(heading, lines))
    return table


def _order(
    number: int, experiments: Mapping[str, Experiment], printed: Mapping[str, PrintedRow], scored: set[str]
) -> dict[str, str]:
    """System -> group, in the paper's order, then rows that only we have; bounds and others' captions where `scored`."""
    order = {system: row.group for system, row in printed.items()}
    for system, row in experiments.items():
        if number in row.tables or (row.group in ("bound", "external") and system in scored):
            order.setdefault(system, row.group)
    return order


def _status(profile: Profile, transfer: str, run: set[str]) -> str:
    if transfer not in run:
        return "not run here"
    direction = profile.transfers.get(transfer)
    return f"captioned by the models of {direction.models_of}" if direction and direction.models_of else ""


def _notes(shown: Columns, profile: Profile, absent: set[str], marked: bool) -> list[str]:
    notes = [
        "Ours: points, CIDEr-D times 100, Chinese by words (jieba), test pictures; mean ± half-width of the 95 % t "
        "interval over training seeds; with one seed, of the 95 % bootstrap interval over pictures, or nothing where the "
        "statistics of pictures are not at hand.",
        "Grey italics: the number printed in the paper, on its data, references and unit of Chinese not stated; "
        "† copied by the paper from another one.",
    ]
    if marked:
        notes.append(
            "↓ ↑: below or above Cross2StrA at 5 %, Holm's correction; the table of differences has all verdicts and intervals."
        )
    if "METEOR" in shown.others:
        notes.append(
            "METEOR on Chinese is exact match of characters, into which its normalisation cuts words, with the parameters "
            "of English."
        )
    if shown.bleus != _FOUR:
        notes.insert(1, "The paper does not say which BLEU it prints, so BLEU-1 and BLEU-4 both stand here.")
    if profile.sources.world:
        notes.append(
            "Ours were measured in the generated picture world: compare with the paper's in order of systems, not "
            "in size."
        )
    if gold(profile):
        notes.append(GOLD)
    if profile.structures.visual == "boxes":
        notes.append("Regions and their classes are annotated boxes, at test as well; what relates them is learnt.")
    notes += [f"The transfer {transfer} was not run in profile {profile.profile}." for transfer in sorted(absent)]
    notes.append(
        "A mean is over the seeds that all of its cells have. A printed average that differs from the mean of its cells is "
        "given in brackets."
    )
    return notes


def _ours(
    table: Table,
    profile: Profile,
    system: str,
    title: str,
    group: str,
    extra: tuple[str, ...],
    values: Values,
    pictures: Mapping[tuple[str, str, str], Interval],
    decided: Mapping[tuple[str, str, str], str],
    captions_of: str,
) -> Line:
    cells, seeds = [], set()
    shown = COMPARISONS[table.number]
    scores: list[tuple[str, str, list[float]]] = [
        (t, m, list(values.get((t, system, m), {}).values())) for t in shown.transfers + extra for m in shown.metrics
    ]
    for name, chosen in shown.means.items():
        parts = [values.get((t, system, m), {}) for t in shown.transfers for m in (*chosen, *shown.others)]
        shared = sorted(set.intersection(*(set(part) for part in parts)))
        scores.append(("", name, [sum(part[seed] for part in parts) / len(parts) for seed in shared]))
    remark = "gold structures" if group == "ablation" and gold(profile) else ""
    if captions_of and group != "bound":
        remark = "; ".join(part for part in (f"the captions of {captions_of}", remark) if part)
    for transfer, metric, numbers in scores:
        score = summarise(numbers) if numbers else None
        drawn, mark = pictures.get((transfer, system, metric)), ""
        if score is not None and drawn and abs(drawn.value - score.mean) < 0.05:  # never for scores of another run
            mark = MARKS.get(decided.get((transfer, system, metric), ""), "")
            score = Score(score.mean, drawn.half, 1) if score.seeds == 1 else score
        cells.append(score_cell(score, mark))
        if score is not None:
            seeds.add(score.seeds)
            table.tidy.append(_tidy(table.number, group, system, title, "ours", transfer, metric, score, remark))
    counted = "as given" if group == "external" else seeds_said(*seeds)
    return Line(system, title, "ours", cells, "; ".join(part for part in (counted, remark) if part))


def _paper(table: Table, row: PrintedRow, title: str, extra: int) -> Line:
    """The printed line; it stands alone where it has a title, which says that we have no line of our own."""
    shown, cells = COMPARISONS[table.number], []
    for transfer in shown.transfers:
        if (transfer, "BLEU") in row.values:
            cells.append(Cell(f"{row.values[transfer, 'BLEU']:.1f}", len(shown.bleus)))
        else:
            cells += [Cell(f"{row.values[transfer, metric]:.1f}") for metric in shown.bleus]
        cells += [Cell(f"{row.values[transfer, metric]:.1f}") for metric in shown.others]
    cells += [Cell("–") for _ in range(extra) for _ in shown.metrics]
    agrees = row.average is not None and abs(row.average - row.average_of_cells) < 0.0501
    mean = row.average if agrees else row.average_of_cells
    brackets = "" if agrees or row.average is None else f" ({row.average:.1f})"
    cells.append(Cell(f"{mean:.1f}{brackets}", len(shown.means)))
    remark = "in the paper" + ("†" if row.copied else "") + ("; not run here" if title else "")
    for (transfer, metric), value in row.values.items():
        score = Score(value, None, 0)
        args = (table.number, row.group, row.system, row.title, "paper", transfer, metric, score)
        table.tidy.append(_tidy(*args, "copied by the paper" if row.copied else ""))
    if row.average is not None:
        score = Score(row.average, None, 0)
        args = (table.number, row.group, row.system, row.title, "paper", "", "Avg., printed", score)
        table.tidy.append(_tidy(*args, ""))
    return Line(row.system, title, "paper", cells, remark)


def _tidy(
    number: int, group: str, system: str, title: str, source: str, transfer: str, metric: str, score: Score, remark: str
) -> dict[str, object]:
    return {
        "table": number,
        "group": group,
        "system": system,
        "title": title,
        "source": source,
        "transfer": transfer,
        "metric": metric,
        "value": round(score.mean, 4),
        "half_width": "" if score.half_width is None else round(score.half_width, 4),
        "interval_over": "" if score.half_width is None else "pictures" if score.seeds == 1 else "seeds",
        "seeds": score.seeds or "",
        "remark": remark,
    }
