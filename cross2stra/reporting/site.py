"""The page: index.html with tables, figures, pictures, counts and provenance.

Beside it are the figures' files, pages of all test pictures, the documentation, and the forms of the human study, where there
are any. Nothing is taken from elsewhere.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import read_json, replacing_folder
from cross2stra.data.letters import with_letters
from cross2stra.evaluation.senses import MAJORITY
from cross2stra.reporting.documentation import write_documentation
from cross2stra.reporting.explorer import write_explorers
from cross2stra.reporting.findings import alignment_warnings, control_warnings, judge_warnings
from cross2stra.reporting.glosses import explain
from cross2stra.reporting.layout import arrow, titles_of, with_own_captions, without_bounds
from cross2stra.reporting.origins import computed
from cross2stra.reporting.overview import headline, sections
from cross2stra.reporting.provenance import absences, provenance, recorded_captions
from cross2stra.reporting.results import Picture, accounts, pictures, senses, training_logs
from cross2stra.reporting.scene import data_address, image_of
from cross2stra.reporting.tables import environment

PICTURES = 12
"""Pictures of the gallery, for each transfer."""


def write_site(
    profile: Profile,
    config: Path,
    experiments: Mapping[str, Experiment],
    tables: Path,
    figures: Path,
    results: Path,
    output: Path,
    documentation: Sequence[Path] = (),
) -> None:
    """Write `output`/index.html from what `tables` and `figures` wrote and from the results at hand.

    `documentation`: Markdown files that become pages beside it.

    Anything that is not there is named on the page, with what would make it.
    """
    titles = titles_of(profile, experiments)
    compared = with_own_captions(without_bounds(titles, experiments), experiments)
    shape = tables / "table_shape.html"
    paths = [*sorted(tables.glob("table[0-9]*.html")), *tables.glob("table_differences.html")]
    facts, recorded = provenance(profile, config, results), recorded_captions(results, titles)

    def how(name: str, folder: Path) -> list[tuple[str, str]]:
        return computed(name, folder, profile, config.as_posix(), facts["Revision"], bool(recorded))

    printed = [(path.stem, _title(path.stem), _fragment(path), how(path.stem, tables)) for path in paths]
    others = [
        (path.stem, _fragment(path)) for path in sorted(tables.glob("table_*.html")) if path not in (*paths, shape)
    ]
    more = [(_caption(fragment), fragment, how(stem, tables)) for stem, fragment in others]
    drawn, missing = _figures(figures)
    for figure in drawn:
        figure["how"] = how(figure["name"], figures)
    told = [
        *alignment_warnings(training_logs(profile, results), titles),
        *judge_warnings(accounts(profile, results).values(), titles),
        *control_warnings(senses(profile, results), titles, MAJORITY),
    ]
    if not printed:
        missing.insert(0, f"Tables: {tables.name}/ has no table*.html; run the verb `tables`.")
    galleries, ablations = [], {system for system, row in experiments.items() if row.group == "ablation"}
    for transfer in profile.transfers:
        chosen = pictures(results, transfer, list(compared), profile.seeds[0], PICTURES)
        explain(chosen, profile, results, transfer)
        if chosen:
            shown = [_shown(picture, compared, ablations) for picture in chosen]
            direction = profile.transfers[transfer]
            galleries.append({"title": arrow(profile, transfer), "languages": direction, "pictures": shown})
    forms = sorted((results / "ratings" / "form").glob("rater-*.html"))
    parts = {
        "profile": profile,
        "systems": len(titles),
        "headline": headline(profile, compared, results, tables / "intervals.csv"),
        "shape": (_fragment(shape), how(shape.stem, tables)) if shape.is_file() else None,
        "tables": printed,
        "more_tables": more,
        "figures": drawn,
        "forms": [form.name for form in forms],
        "warnings": told,
        "galleries": galleries,
        "sections": sections(profile, titles, results),
        "provenance": facts,
        "recorded": recorded,
        "glossary": "docs-architecture.html" if any(path.name == "architecture.md" for path in documentation) else "",
        "missing": absences(profile, experiments, results, missing),
    }
    with replacing_folder(output, "index.html") as folder:
        explorers = write_explorers(profile, compared, results, folder / "pictures")
        pages = write_documentation(documentation, folder / "docs") if documentation else []
        page = environment().get_template("site.html").render(explorers=explorers, pages=pages, **parts)
        (folder / "figures").mkdir()
        for figure in drawn:
            shutil.copyfile(figures / f"{figure['name']}.svg", folder / figure["address"])
        (folder / "index.html").write_text(with_letters(page) + "\n", encoding="utf-8")
        for form in forms:
            (folder / "ratings").mkdir(exist_ok=True)
            shutil.copyfile(form, folder / "ratings" / form.name)


def _fragment(path: Path) -> Markup:
    """The part of a table's page between its comments. Raises ValueError when it has none."""
    _, opened, rest = path.read_text(encoding="utf-8").partition("<!--table-->")
    body, closed, _ = rest.partition("<!--/table-->")
    if not opened or not closed:
        raise ValueError(f"{path}: no <!--table--> part; make the tables again, with the verb `tables`")
    return Markup(body.strip())  # our own template escaped its values


def _caption(fragment: Markup) -> Markup:
    """A table's caption, from what `_fragment` took of its page."""
    return Markup(fragment.partition("<figcaption>")[2].partition("</figcaption>")[0])


def _title(stem: str) -> str:
    """What a reader calls a table or figure, from its file name: Table 1; Figure 5, en-zh_aic; Losses, en-zh_aic."""
    kind, number, name = re.fullmatch(r"(table|figure)(\d*)_?(.*)", stem).groups()  # type: ignore[union-attr]
    head, _, rest = (f"{kind} {number}", "", name) if number else name.partition("_")
    return head.capitalize() + (f", {rest}" if rest else "")


def _figures(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Figures with captions and the addresses that they will have, and the sentences on those that were not drawn."""
    listing = folder / "figures.json"
    if not listing.is_file():
        return [], [f"Figures: {folder.name}/ has no figures.json; run the verb `figures`."]
    document = read_json(listing)
    drawn: list[dict[str, Any]] = []
    for entry in document["figures"]:
        drawn.append(entry | {"title": _title(entry["name"]), "address": f"figures/{entry['name']}.svg"})
    return drawn, list(document["missing"])


def _shown(picture: Picture, titles: Mapping[str, str], ablations: set[str]) -> dict[str, Any]:
    captions = [
        {
            "system": system,
            "title": titles[system],
            "text": text,
            "pivot": picture.pivots.get(system, ""),
            "gloss": picture.glosses.get(system, ""),
        }
        for system, text in picture.captions.items()
    ]
    return {
        "id": picture.image_id,
        "address": data_address(image_of(picture), picture.path is None),
        "captions": [row for row in captions if row["system"] not in ablations],
        "ablations": [row for row in captions if row["system"] in ablations],
        "references": picture.references,
    }
