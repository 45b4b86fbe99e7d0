"""Intervals and verdicts: bootstrap over pictures, and over seeds and pictures for differences.

Pictures are drawn once for all systems and seeds (they are the same pictures), so differences are paired. With S >= 2
seeds, seeds are drawn too. Three or five of them drawn with replacement cannot fall further out than the worst one seen,
so that small p-values, which Holm's correction lives on, would come out far too small; their part of a resample is drawn
from Student's t instead: without any spread over pictures, interval and p are those of the t-test over seeds. With one
seed an interval is conditional on that seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cross2stra.evaluation.metrics import scores
from cross2stra.evaluation.statistics import PictureStatistics

Verdict = Literal["below", "above", "unresolved"]
LEVEL = 0.95
_BLOCK = 500
"""Resamples whose weights are in memory together: 120 MB of them for 30,000 pictures."""


@dataclass(frozen=True)
class Interval:
    """A value in points and its interval. `of` says what was drawn; `seeds` is how many there were."""

    value: float
    low: float
    high: float
    of: Literal["pictures", "seeds", "seeds and pictures"]
    seeds: int

    @property
    def half(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Difference:
    """A system against the reference system: value - reference in points, with Holm's p-value and the verdict."""

    system: str
    metric: str
    interval: Interval
    p: float
    p_holm: float
    verdict: Verdict


@dataclass(frozen=True)
class Drawn:
    """Scores of one system and seed: metric -> observed value, metric -> values of B resamples of pictures."""

    system: str
    seed: int
    observed: dict[str, float]
    resampled: dict[str, np.ndarray]


def draw(parts: Sequence[PictureStatistics], resamples: int, seed: int) -> list[Drawn]:
    """Score `parts`, as they are and on resampled pictures, the same ones for all. Raises ValueError when parts were
    scored on different pictures."""
    if not parts:
        return []
    images = parts[0].images
    for part in parts:
        if part.images != images:
            raise ValueError(
                f"{part.transfer}, {part.system}, seed {part.seed}: scored on other pictures than {parts[0].system}, "
                f"seed {parts[0].seed}; score all systems again with the same references"
            )
    blocks = [
        [scores(part.values, weights.astype(np.float64)) for part in parts]
        for weights in _weights(len(images), resamples, seed)
    ]
    return [
        Drawn(
            part.system,
            part.seed,
            {metric: float(value[0]) for metric, value in scores(part.values).items()},
            {metric: np.concatenate([block[metric] for block in of_part]) for metric in of_part[0]},
        )
        for part, of_part in zip(parts, zip(*blocks, strict=True), strict=True)
    ]


def draw_means(values: Mapping[tuple[str, int], Mapping[str, np.ndarray]], resamples: int, seed: int) -> list[Drawn]:
    """As `draw`, for scores that are means over pictures: (system, seed) -> metric -> (N,) values, NaN where there is none.

    Pictures are in one order for all. A resample that has none of the known pictures is NaN, and left out of intervals.
    """
    if not values:
        return []
    count = len(next(iter(next(iter(values.values())).values())))
    weights = np.concatenate([*_weights(count, resamples, seed)])  # (B, N)
    drawn = []
    for (system, number), metrics in values.items():
        observed, resampled = {}, {}
        for metric, row in metrics.items():
            known = ~np.isnan(row)
            if known.any():
                observed[metric] = float(row[known].mean())
                drawn_known = weights[:, known].sum(1)
                total = weights[:, known] @ row[known]
                resampled[metric] = np.divide(
                    total, drawn_known, out=np.full(len(total), np.nan), where=drawn_known > 0
                )
        drawn.append(Drawn(system, number, observed, resampled))
    return drawn


def _weights(count: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of `count` pictures was drawn, (block, N) of B resamples in all."""
    generator = np.random.default_rng(seed)
    for begin in range(0, resamples, _BLOCK):
        yield generator.multinomial(count, np.full(count, 1 / count), size=min(_BLOCK, resamples - begin))


def picture_interval(seeds: Sequence[Drawn], metric: str) -> Interval:
    """Bootstrap over pictures of the mean over one system's seeds, which stay as they are."""
    drawn = np.mean([one.resampled[metric] for one in seeds], axis=0)
    value = float(np.mean([one.observed[metric] for one in seeds]))
    return Interval(value, *_bounds(drawn), "pictures", len(seeds))


def whole_interval(seeds: Sequence[Drawn], metric: str, seed: int) -> Interval:
    """Interval of the mean over one system's seeds, seeds and pictures drawn."""
    observed = np.array([one.observed[metric] for one in seeds])
    drawn = np.stack([one.resampled[metric] for one in seeds])
    return _difference(observed, drawn, np.random.default_rng([seed, 1]))[0]


def seed_interval(values: Sequence[float]) -> Interval:
    """t-interval of the mean over at least two seeds."""
    from scipy.stats import t

    count, mean = len(values), float(np.mean(values))
    if count < 2:
        raise ValueError("an interval over seeds needs two seeds; use the bootstrap over pictures")
    half = float(t.ppf((1 + LEVEL) / 2, count - 1) * np.std(values, ddof=1) / np.sqrt(count))
    return Interval(mean, mean - half, mean + half, "seeds", count)


def compare(
    systems: Mapping[str, Sequence[Drawn]], reference: Sequence[Drawn], metric: str, seed: int
) -> list[Difference]:
    """Paired differences of systems from `reference` on the seeds that both have; Holm over `systems`.

    Systems with the very same scores (another name of a row) are one test, with one answer.
    """
    generator = np.random.default_rng([seed, 1])
    base = {one.seed: one for one in reference}
    found: dict[bytes, tuple[Interval, float]] = {}
    scored_as: dict[str, bytes] = {}
    for name, seeds in systems.items():
        pairs = [(one, base[one.seed]) for one in seeds if one.seed in base]
        if not pairs:
            raise ValueError(f"{name}: no seed in common with the reference system (it has {sorted(base)}); run one")
        observed = np.array([ours.observed[metric] - theirs.observed[metric] for ours, theirs in pairs])  # (S,)
        drawn = np.stack([ours.resampled[metric] - theirs.resampled[metric] for ours, theirs in pairs])  # (S, B)
        scored_as[name] = observed.tobytes() + drawn.tobytes()
        if scored_as[name] not in found:
            found[scored_as[name]] = _difference(observed, drawn, generator)
    corrected = dict(zip(found, holm([p for _, p in found.values()]), strict=True))
    return [
        Difference(name, metric, *found[key], corrected[key], _verdict(found[key][0].value, corrected[key]))
        for name, key in scored_as.items()
    ]


def resamples_needed(tests: int) -> int:
    """The fewest resamples that can decide one of so many tests after Holm's correction: `_difference` has no p below theirs."""
    return math.ceil(2 * tests / (1 - LEVEL)) - 1


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction, in the order given."""
    count, largest = len(p_values), 0.0
    corrected = [0.0] * count
    for rank, place in enumerate(sorted(range(count), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (count - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def seed_shifts(seeds: int, resamples: int, generator: np.random.Generator) -> np.ndarray:
    """What each resample adds of each seed's distance from the mean over seeds, (S, B); zeros with one seed.

    Normal draws over sqrt(S (S - 1)) and over the root of a chi-square by its S - 1 degrees of freedom, so that for
    seeds of standard deviation s the sum is s / sqrt(S) times Student's t.
    """
    if seeds == 1:
        return np.zeros((1, resamples))
    freedom = seeds - 1
    spread = np.sqrt(generator.chisquare(freedom, resamples) / freedom)
    return generator.standard_normal((seeds, resamples)) / (spread * np.sqrt(seeds * freedom))


def drawn_means(observed: np.ndarray, drawn: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Means over seeds, pictures and seeds drawn: (..., S) observed, (..., S, B) on resampled pictures, (S, B) shifts -> (..., B).

    What pictures do to one seed alone is in the observed spread over seeds too, and so counted twice; in return no
    interval is narrower than that over pictures of the same seeds.
    """
    return drawn.mean(-2) + (observed - observed.mean(-1, keepdims=True)) @ shifts


def _difference(observed: np.ndarray, drawn: np.ndarray, generator: np.random.Generator) -> tuple[Interval, float]:
    """Interval and two-sided p from S observed differences and (S, B) resampled ones."""
    seeds, resamples = drawn.shape
    centre = drawn_means(observed, drawn, seed_shifts(seeds, resamples, generator))
    tail = min(int((centre <= 0).sum()), int((centre >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (np.count_nonzero(~np.isnan(centre)) + 1))
    value = float(observed.mean())
    return Interval(value, *_bounds(centre), "seeds and pictures" if seeds > 1 else "pictures", seeds), p


def _verdict(value: float, p: float) -> Verdict:
    if p > 1 - LEVEL:
        return "unresolved"
    return "below" if value < 0 else "above"


def _bounds(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
