"""Does the shape of the paper's results hold? Order of systems by Kendall's tau, and the signs of ablations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cross2stra.configuration import Experiment, Profile
from cross2stra.configuration.rows import REFERENCE
from cross2stra.evaluation.significance import Drawn, drawn_means, seed_shifts
from cross2stra.reporting.comparison import COMPARISONS
from cross2stra.reporting.intervals import Bootstraps
from cross2stra.reporting.layout import GOLD, Block, Cell, Line, Table, arrow, gold, seeds_said
from cross2stra.reporting.printed import PrintedRow, printed_rows

_BLEUS = ("BLEU-1", "BLEU-4")
"""What the paper's BLEU is compared with: it does not say which one it prints."""
_TAIL = 0.025


@dataclass(frozen=True)
class Shape:
    """Agreement with the paper in one table and transfer.

    `tau`: mean over metrics, with its 95 % interval. `undecided` of `pairs` (pairs of systems, times metrics) are in no
    order that the resamples settle. `agreed`: ablation -> in how many of the `metrics` it is on the paper's side of
    Cross2StrA. `seeds`: how many all systems share.
    """

    systems: tuple[str, ...]
    seeds: int
    tau: float
    low: float
    high: float
    undecided: int
    pairs: int
    agreed: Mapping[str, int]
    metrics: int

    @property
    def signs(self) -> int:
        """Signs of ablations, in each metric, that are the paper's."""
        return sum(self.agreed.values())

    @property
    def ablations(self) -> int:
        """Ablations, times metrics."""
        return len(self.agreed) * self.metrics


def kendall(paper: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """Kendall's tau of `paper` (S,) with each column of `ours` (S, B) -> (B,): the mean of +1 and -1, 0 where ours ties.

    Over the pairs that the paper has in an order: two equal printed numbers say nothing of which is better.
    """
    first, second = np.triu_indices(len(paper), 1)
    expected = np.sign(paper[first] - paper[second])
    agreed = expected[:, None] * np.sign(ours[first] - ours[second])
    return agreed.sum(0) / max(1, np.count_nonzero(expected))


def shape_of(
    printed: Sequence[PrintedRow],
    transfer: str,
    metrics: Sequence[str],
    systems: Mapping[str, Sequence[Drawn]],
    seed: int,
) -> Shape | None:
    """Compare the printed rows' order with ours, for systems that both have and seeds that all of them have.

    None with fewer than three systems.
    """
    rows = [row for row in printed if row.system in systems]
    if len(rows) < 3:
        return None
    by_seed = [{one.seed: one for one in systems[row.system]} for row in rows]
    shared = sorted(set.intersection(*(set(each) for each in by_seed)))
    if not shared:
        return None
    resamples = len(next(iter(by_seed[0][shared[0]].resampled.values())))
    shifts = seed_shifts(len(shared), resamples, np.random.default_rng([seed, 2]))
    taus, resampled, undecided = [], [], 0
    own = [row.system for row in rows].index(REFERENCE) if REFERENCE in [row.system for row in rows] else None
    ablated = [i for i, row in enumerate(rows) if row.group == "ablation"] if own is not None else []
    agreed = {rows[i].system: 0 for i in ablated}
    for metric in metrics:
        paper = np.array(
            [
                row.values[transfer, "BLEU" if (transfer, "BLEU") in row.values and metric in _BLEUS else metric]
                for row in rows
            ]
        )
        observed = np.array([[each[number].observed[metric] for number in shared] for each in by_seed])  # (S, seeds)
        ours = observed.mean(1)
        drawn = np.stack(
            [np.stack([each[number].resampled[metric] for number in shared]) for each in by_seed]
        )  # (S, seeds, B)
        means = drawn_means(observed, drawn, shifts)  # (S, B)
        taus.append(float(kendall(paper, ours[:, None])[0]))
        resampled.append(kendall(paper, means))
        first, second = np.triu_indices(len(rows), 1)
        above, below = (means[first] > means[second]).mean(1), (means[first] < means[second]).mean(1)
        undecided += int((np.maximum(above, below) < 1 - _TAIL).sum())
        for i in ablated:
            agreed[rows[i].system] += int(np.sign(ours[i] - ours[own]) == np.sign(paper[i] - paper[own]))
    low, high = np.quantile(np.mean(resampled, 0), [_TAIL, 1 - _TAIL])
    pairs = len(rows) * (len(rows) - 1) // 2 * len(metrics)
    names = tuple(row.system for row in rows)
    return Shape(
        names, len(shared), float(np.mean(taus)), float(low), float(high),
        undecided, pairs, agreed, len(metrics),
    )  # fmt: skip


def metrics_of(number: int, profile: Profile, transfer: str) -> tuple[str, ...]:
    """The metrics of a table that an order is taken from: not METEOR where the target is Chinese, which it was not made for."""
    target = profile.transfers[transfer].target
    return tuple(metric for metric in COMPARISONS[number].metrics if metric != "METEOR" or target == "en")


def shape_table(profile: Profile, experiments: Mapping[str, Experiment], found: Bootstraps) -> Table | None:
    """A line for each table and transfer that has three systems or more; None where none has."""
    table = Table(
        0,
        "Does the shape of the paper's result hold? The paper's order of systems, from its cells, and ours on test, by words.",
        [("", "", 5)],
        ["Systems", "Kendall's τ", "τ without †", "Pairs undecided", "Ablations' signs as printed"],
        [],
        [
            "τ is 1 where the order is the paper's and −1 where it is turned round (pairs that it prints as equal left out): the "
            "mean of the τ of each metric (BLEU-1 and BLEU-4 both against the printed BLEU; METEOR of Chinese left out), with its "
            "95 % interval, seeds (those that all of its systems have) and pictures drawn, as for differences. "
            "Without †: rows that the paper copied from another one are left out.",
            "A pair of systems is undecided in a metric where neither is above the other in 97.5 % of the resamples. A sign is that "
            "of an ablation less Cross2StrA in a metric; whether it is decided is in the table of differences.",
        ],
        name="shape",
        first="Table",
    )
    if gold(profile):
        table.notes.append(GOLD)
    for transfer in profile.transfers:
        systems = found.systems.get((transfer, "word"), {})
        lines = []
        for number, shown in COMPARISONS.items():
            if transfer not in shown.transfers:
                continue
            printed, metrics = printed_rows(number), metrics_of(number, profile, transfer)
            whole = shape_of(printed, transfer, metrics, systems, found.seed)
            if whole is None:
                continue
            original = shape_of([row for row in printed if not row.copied], transfer, metrics, systems, found.seed)
            cells = [
                str(len(whole.systems)), _tau(whole), _tau(original), f"{whole.undecided} of {whole.pairs}",
                f"{whole.signs} of {whole.ablations}" if whole.ablations and not gold(profile) else "–",
            ]  # fmt: skip
            absent = [
                experiments[row.system].title
                for row in printed
                if row.system not in whole.systems and row.system in experiments
            ]
            remark = seeds_said(whole.seeds)
            remark += f"; not run: {', '.join(absent)}" if absent else ""
            lines.append(Line("", f"Table {number}", "ours", [Cell(cell) for cell in cells], remark))
            for system, signs in {} if gold(profile) else whole.agreed.items():
                title = experiments[system].title if system in experiments else system
                lines.append(Line(system, title, "ours", [Cell("", 4), Cell(f"{signs} of {whole.metrics}")]))
            table.tidy.append(
                {"table": number, "transfer": transfer, "systems": len(whole.systems), "seeds": whole.seeds}
                | {"tau": round(whole.tau, 4), "low": round(whole.low, 4), "high": round(whole.high, 4)}
                | {"tau_without_copied": round(original.tau, 4) if original else "", "undecided": whole.undecided}
                | {"pairs": whole.pairs, "signs": whole.signs, "ablations": whole.ablations}
                | {f"signs_{system}": signs for system, signs in whole.agreed.items()}
            )
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def _tau(shape: Shape | None) -> str:
    return "–" if shape is None else f"{shape.tau:+.2f} [{shape.low:+.2f}, {shape.high:+.2f}]".replace("-", "−")
