"""What a table is before it is printed: columns, blocks, lines, cells; and what stands in all of them: names, bounds, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.scores import Score

BLOCKS = {
    "translation": "Translation-based methods",
    "pivoting": "Pivoting-based methods",
    "ablation": "Ablations of Cross2StrA",
    "external": "Other systems, their captions as given",
    "bound": "Bounds and controls, outside the comparison",
}
TRANSFERS = {
    "zh-en_coco": "Zh → En (MSCOCO)",
    "en-zh_aic": "En → Zh (AIC-ICC)",
    "en-zh_cococn": "En → Zh (COCO-CN)",
    "zh-en_flickr8k": "Zh → En (Flickr8k)",
    "en-zh_flickr8kcn": "En → Zh (Flickr8k-CN)",
}


@dataclass(frozen=True)
class Cell:
    """A printed cell; `span` columns wide. `mark`: what is decided of its number, ↓ or ↑."""

    text: str
    span: int = 1
    half_width: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Line:
    """One line: `source` is `ours` or `paper`; `title` is empty on a line that goes on with the system above."""

    system: str
    title: str
    source: str
    cells: list[Cell]
    remark: str = ""


@dataclass(frozen=True)
class Block:
    """Lines under a heading."""

    title: str
    lines: list[Line]


@dataclass
class Table:
    """A table of the paper. `heads` are (title, remark, number of columns); `tidy` is what the CSV holds."""

    number: int
    caption: str
    heads: list[tuple[str, str, int]]
    columns: list[str]
    blocks: list[Block]
    notes: list[str]
    tidy: list[dict[str, object]] = field(default_factory=list)
    name: str = ""
    first: str = "System"
    """What the column of the lines' titles is called."""

    @property
    def stem(self) -> str:
        """The file name: table1, or table_characters for a table that the paper does not have."""
        return f"table_{self.name}" if self.name else f"table{self.number}"

    @property
    def title(self) -> str:
        """What stands before the caption."""
        return f"Table {self.number}" if not self.name else self.name.replace("_", " ").capitalize()


def score_cell(score: Score | None, mark: str = "") -> Cell:
    """A mean with the half-width of its interval, where it has one; a dash where there is no score."""
    if score is None:
        return Cell("–")
    return Cell(f"{score.mean:,.1f}", 1, "" if score.half_width is None else f"{score.half_width:.1f}", mark)


def arrow(profile: Profile, transfer: str) -> str:
    """A transfer's name for a reader, such as En → Zh (AIC-ICC)."""
    if profile.sources.world and transfer in profile.transfers:
        direction = profile.transfers[transfer]
        return f"{direction.pivot.title()} → {direction.target.title()} (world, {transfer.split('_')[-1]})"
    return TRANSFERS.get(transfer, transfer)


def titles_of(profile: Profile, experiments: Mapping[str, Experiment]) -> dict[str, str]:
    """System -> title of what tables show, in the order of experiments.yaml; a system without a row keeps its name.

    `further` rows of single transfers are among them, points of sweeps are not: figures show those.
    """
    named = [*profile.systems, *(system for systems in profile.further.values() for system in systems)]
    ordered = [system for system, row in experiments.items() if system in named and row.group != "sweep"]
    ordered += [system for system in dict.fromkeys(named) if system not in experiments]
    return {system: experiments[system].title if system in experiments else system for system in ordered}


def seeds_said(*numbers: int) -> str:
    """How many seeds a line is of; several numbers where its cells differ."""
    return "one seed" if {*numbers} == {1} else " or ".join(map(str, sorted(numbers))) + " seeds"


GOLD = "Gold structures: graphs and trees are annotations, so ablations get no verdict and no claim is made about SG or SC."


def gold(profile: Profile) -> bool:
    """Whether structures are annotations (docs/readings.md, 11)."""
    return profile.structures.visual == "annotated"


def silent(profile: Profile, experiments: Mapping[str, Experiment], system: str) -> bool:
    """Whether nothing is claimed of a system: an ablation under gold structures."""
    return gold(profile) and system in experiments and experiments[system].group == "ablation"


def without_bounds(titles: Mapping[str, str], experiments: Mapping[str, Experiment]) -> dict[str, str]:
    """The titles of what is compared: bounds stand outside of charts and galleries."""
    return {s: title for s, title in titles.items() if s not in experiments or experiments[s].group != "bound"}


def with_own_captions(titles: Mapping[str, str], experiments: Mapping[str, Experiment]) -> dict[str, str]:
    """The titles of rows whose captions are not another row's: that one stands for both in charts and galleries."""
    return {s: title for s, title in titles.items() if s not in experiments or not experiments[s].model_of}


def with_bounds_apart(blocks: Sequence[Block], experiments: Mapping[str, Experiment]) -> list[Block]:
    """Blocks of lines of systems, with bounds in blocks of their own, each after the one that it was part of."""
    found = []
    for block in blocks:
        systems = without_bounds({line.system: line.title for line in block.lines}, experiments)
        compared = [line for line in block.lines if line.system in systems]
        bounds = [line for line in block.lines if line.system not in systems]
        found += [Block(block.title, compared)] if compared or not bounds else []
        found += [Block(f"{block.title}: {BLOCKS['bound'].lower()}", bounds)] if bounds else []
    return found
