"""Tables 1 to 5 as CSV, Markdown, LaTeX and HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.corpora.material import Statistic
from cross2stra.data.files import checked, read_json, replacing_folder
from cross2stra.data.records import Split
from cross2stra.reporting import details
from cross2stra.reporting.coincidence import coincidence_table
from cross2stra.reporting.comparison import COMPARISONS, comparison
from cross2stra.reporting.diagnosis import diagnosis_table
from cross2stra.reporting.intervals import bootstraps
from cross2stra.reporting.layout import Block, Cell, Line, Table, titles_of, with_bounds_apart
from cross2stra.reporting.printed import printed_statistics
from cross2stra.reporting.quality import quality_table
from cross2stra.reporting.ratings import table4
from cross2stra.reporting.scores import by_system, read_scores, write_csv
from cross2stra.reporting.shape import shape_table
from cross2stra.reporting.terciles import terciles_table
from cross2stra.reporting.throughput import throughput_table

_SPLITS = [*map(str, Split), "total"]
_LANGUAGES = {"en": "English", "zh": "Chinese"}


@cache
def environment() -> jinja2.Environment:
    """Templates of this room; values are escaped, a missing one is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("cross2stra.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["said"] = lambda text: Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))
    return made


_CODE = re.compile("`([^`]+)`")
"""Names of keys and verbs in a sentence, as Markdown has them."""


def write_tables(
    profile: Profile, experiments: Mapping[str, Experiment], scores: Path, output: Path, results: Path
) -> list[Table]:
    """Write every table in four formats to `output`, and intervals.csv.

    Only `scores` is needed. Table 5 also reads the corpora's counts; intervals over pictures, verdicts, lengths and
    choices of references come from the score folders below `results`, the steps from `diagnosis/`, where they are.
    """
    frame, drawn = read_scores(scores), bootstraps(profile, results)
    values, titles = by_system(frame), titles_of(profile, experiments)
    pictures, decided = drawn.pictures(), details.decided(profile, experiments, titles, drawn)
    tables = [comparison(number, profile, experiments, values, pictures, decided) for number in COMPARISONS]
    tables += [table4(profile, experiments, results), statistics_table(profile, results)]
    more = (
        shape_table(profile, experiments, drawn),
        *(details.differences_table(profile, experiments, titles, drawn, unit) for unit in details.PLURALS),
        *(details.unit_table(profile, titles, frame, unit) for unit in details.BESIDE_WORDS),
        details.references_table(profile, titles, results),
        details.lengths_table(profile, titles, results),
        terciles_table(profile, titles, results),
        diagnosis_table(profile, titles, frame, results),
        coincidence_table(profile, titles, experiments, results),
        quality_table(profile, titles, results),
        throughput_table(profile, results),
    )
    for table in more:
        if table is not None:
            tables.append(replace(table, blocks=with_bounds_apart(table.blocks, experiments)))
    with replacing_folder(output, "intervals.csv") as folder:
        write_csv(folder / "intervals.csv", drawn.table())
        for table in tables:
            write_table(table, folder)
    return tables


def write_table(table: Table, folder: Path) -> None:
    """Write a table as .csv, .md, .tex and .html."""
    write_csv(folder / f"{table.stem}.csv", pd.DataFrame(table.tidy))
    for suffix, text in ((".md", markdown(table)), (".tex", latex(table)), (".html", html(table))):
        (folder / f"{table.stem}{suffix}").write_text(text, encoding="utf-8")


def statistics_table(profile: Profile, results: Path) -> Table:
    """Table 5 from `corpora/{transfer}/statistics.json`; corpora that were not built are said to be so."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    notes = [
        "Ours: pictures and captions that this profile read and kept; one that several transfers or splits have counts once "
        "in a row, and once in a total. A grey line: printed in the paper, not built here.",
    ]
    if profile.sources.world:
        notes.append("Ours is the generated picture world: a dataset's name says whose place its pictures take.")
    for transfer in profile.transfers:
        path = results / "corpora" / transfer / "statistics.json"
        if not path.is_file():
            notes.append(f"No counts of {transfer} were given: its corpora are not among these results.")
            continue
        for one in checked(list[Statistic], read_json(path), path, "make the corpora again"):
            for split in (one.split, "total"):
                found.setdefault((one.dataset, one.language, split), {}).update(one.pictures)
    ours = {key: Statistic(*key, len(counted), sum(counted.values()), counted) for key, counted in found.items()}
    table = Table(
        5,
        "Statistics of the image captioning data.",
        [("Ours", "generated world" if profile.sources.world else "", 2), ("Printed in the paper", "", 2)],
        ["Images", "Captions", "Images", "Captions"],
        [],
        notes,
        first="Split",
    )
    printed = {(row.dataset, row.language, row.split): row for row in printed_statistics()}
    keys = list(dict.fromkeys([*ours, *printed]))
    for dataset, language in dict.fromkeys(key[:2] for key in keys):
        splits = sorted((key for key in keys if key[:2] == (dataset, language)), key=lambda key: _SPLITS.index(key[2]))
        lines = []
        for key in splits:
            cells = []
            for source, counted in (("ours", ours), ("paper", printed)):
                row = counted.get(key)
                cells += [Cell(f"{number:,}") for number in (row.images, row.captions)] if row else 2 * [Cell("–")]
                if row:
                    told = {name: value for name, value in asdict(row).items() if name != "pictures"}
                    table.tidy.append({"table": 5, "source": source} | told)
            remark = "" if key in ours else "in the paper; not built here"
            lines.append(Line("", key[2].replace("_", " "), "ours" if key in ours else "paper", cells, remark))
        table.blocks.append(Block(f"{dataset}, {_LANGUAGES.get(language, language)}", lines))
    return table


def html(table: Table) -> str:
    """A page of its own; the part between its two comments is what the site takes."""
    return environment().get_template("table.html").render(table=table) + "\n"


def markdown(table: Table) -> str:
    """A pipe table; the paper's lines are in italics, and a number that stands for several columns is in the first."""
    spread = [title for title, _, span in table.heads for _ in range(span)]
    heads = [f"{title}: {name}" if title else name for title, name in zip(spread, table.columns, strict=True)]
    rows = ["| " + " | ".join(["", *heads, ""]) + " |", "|:--" + "|--:" * len(heads) + "|:--|"]
    for block in table.blocks:
        rows.append("| " + " | ".join([f"**{block.title}**", *[""] * (len(heads) + 1)]) + " |")
        for line in block.lines:
            cells: list[str] = []
            for cell in line.cells:
                text = (
                    cell.text + (f" ± {cell.half_width}" if cell.half_width else "") + (cell.mark and f" {cell.mark}")
                )
                cells += [f"_{text}_" if line.source == "paper" and text != "–" else text, *[""] * (cell.span - 1)]
            rows.append("| " + " | ".join([line.title, *cells, line.remark]) + " |")
    remarks = [f"- {title}: {remark}." for title, remark, _ in table.heads if remark]
    notes = [f"- {note}" for note in table.notes]
    return "\n".join([f"**{table.title}.** {table.caption}", "", *rows, "", *remarks, *notes]) + "\n"


_TEX = {
    "\u00a0": "~",
    "−": "$-$",
    "&": r"\&",
    "%": r"\%",
    "_": r"\_",
    "#": r"\#",
    "→": r"$\rightarrow$",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "±": r"$\pm$",
    "†": r"\dag{}",
    "–": "--",
    "β": r"$\beta$",
    "τ": r"$\tau$",
    "ρ": r"$\rho$",
    "×": r"$\times$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "<": "$<$",
    ">": "$>$",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def latex(table: Table) -> str:
    """A `table*` for booktabs and xcolor; the paper's lines are grey and slanted."""
    columns = len(table.columns)
    heads = " & ".join(rf"\multicolumn{{{span}}}{{c}}{{{_tex(title)}}}" for title, _, span in table.heads)
    rows = [
        "% needs \\usepackage{booktabs,xcolor}",
        r"\begin{table*}",
        r"\centering\small",
        r"\begin{tabular}{l" + "r" * columns + "l}",
        r"\toprule",
        rf"& {heads} & \\",
        " & ".join(["", *map(_tex, table.columns), r"\\"]),
    ]
    for block in table.blocks:
        rows += [r"\midrule", rf"\multicolumn{{{columns + 2}}}{{l}}{{\textbf{{{_tex(block.title)}}}}}\\"]
        for line in block.lines:
            cells = []
            for cell in line.cells:
                text = _tex(cell.text) + (rf" {{\scriptsize$\pm$ {cell.half_width}}}" if cell.half_width else "")
                text += cell.mark and f" {_tex(cell.mark)}"
                text = rf"\textcolor{{gray}}{{\textsl{{{text}}}}}" if line.source == "paper" else text
                cells.append(rf"\multicolumn{{{cell.span}}}{{c}}{{{text}}}" if cell.span > 1 else text)
            rows.append(" & ".join([_tex(line.title), *cells, rf"{{\scriptsize {_tex(line.remark)}}}"]) + r" \\")
    remarks = " ".join(f"{title}: {remark}." for title, remark, _ in table.heads if remark)
    caption = " ".join(part for part in (table.caption, remarks, *table.notes) if part)
    told = _CODE.sub(r"\\texttt{\1}", _tex(caption))
    rows += [r"\bottomrule", r"\end{tabular}", rf"\caption{{{told}}}", r"\end{table*}"]
    return "\n".join(rows) + "\n"
