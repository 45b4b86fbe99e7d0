"""All figures of a profile, and the list of those that could not be drawn, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import read_json, replacing, write_json
from cross2stra.reporting import curves, gallery, sweeps
from cross2stra.reporting.coincidence import coincidences, draw_coincidence
from cross2stra.reporting.drawn_figure import draw_scenes, drawn_scenes
from cross2stra.reporting.filter_figure import draw_filter
from cross2stra.reporting.glosses import explain
from cross2stra.reporting.layout import arrow, titles_of, without_bounds
from cross2stra.reporting.ratings import draw_errors
from cross2stra.reporting.results import pictures, read_csv, senses, training_logs
from cross2stra.reporting.schematics import draw_alignment, draw_architecture, draw_back_translation
from cross2stra.reporting.scores import COLUMNS, read_scores
from cross2stra.reporting.structure_figures import draw_graphs, draw_issues, draw_trees, example
from cross2stra.reporting.style import save

LOSSES = ["cap", "tran", "cma", "cla", "ipb", "ptb"]
FIGURE_7 = ("ssr", "unison", "cross2stra")
ALIGNMENT = [name for name in curves.LABELS if name not in LOSSES]


@dataclass(frozen=True)
class Drawn:
    """A figure with its file name (no suffix) and its caption."""

    name: str
    caption: str
    figure: Figure


def write_figures(
    profile: Profile,
    experiments: Mapping[str, Experiment],
    results: Path,
    output: Path,
    stage_scores: Path | None = None,
) -> list[str]:
    """Write every figure that can be drawn as .pdf, .svg, .png, and figures.json: captions, and what is missing."""
    titles = titles_of(profile, experiments)
    found: list[Drawn] = []
    missing: list[str] = []
    for transfer in profile.transfers:
        _pictures(profile, shown_in_figure_7(titles, experiments), results, transfer, found, missing)
    _method(found)
    _structures(profile, titles, results, found, missing)
    _sweeps(profile, experiments, results, found, missing)
    _coincidence(profile, without_bounds(titles, experiments), results, found, missing)
    _ratings(profile, titles, results, found, missing)
    _curves(profile, titles, results, found, missing)
    _senses(profile, titles, results, found, missing)
    _stage_scores(profile, titles, stage_scores, found, missing)
    _filters(profile, results, found, missing)
    _drawn(profile, results, found, missing)
    found.sort(key=lambda drawn: int((re.match(r"figure(\d+)", drawn.name) or ["", "100"])[1]))
    with replacing(output) as folder:
        folder.mkdir()
        for drawn in found:
            save(drawn.figure, folder, drawn.name)
        captions = [{"name": drawn.name, "caption": drawn.caption} for drawn in found]
        write_json(folder / "figures.json", {"figures": captions, "missing": missing})
    return [drawn.name for drawn in found]


def shown_in_figure_7(titles: Mapping[str, str], experiments: Mapping[str, Experiment]) -> dict[str, str]:
    """The paper's systems beside Cross2StrA, where they were run; else every compared one."""
    if all(system in titles for system in FIGURE_7):
        return {system: titles[system] for system in FIGURE_7}
    blocks = {system: experiments[system].group for system in titles if system in experiments}
    return {s: title for s, title in titles.items() if blocks.get(s, "pivoting") in ("translation", "pivoting")}


def _pictures(
    profile: Profile, titles: dict[str, str], results: Path, transfer: str, found: list[Drawn], missing: list[str]
) -> None:
    chosen = pictures(results, transfer, list(titles), profile.seeds[0], 4)
    if not chosen:
        missing.append(f"Figure 7 for {transfer}: no captions/{transfer}/*/{profile.seeds[0]}.jsonl; caption first.")
        return
    explain(chosen, profile, results, transfer)
    caption = (
        f"Figure 7, {arrow(profile, transfer)}: test pictures drawn by a hash of their ids, captions of seed "
        f"{profile.seeds[0]}, references"
        + (", and English word by word from dictionaries." if chosen[0].glosses else ".")
    )
    found.append(Drawn(f"figure7_{transfer}", caption, gallery.draw_pictures(chosen, titles)))


def _method(found: list[Drawn]) -> None:
    found += [
        Drawn("figure2", "Figure 2: the captioner, from picture to target caption.", draw_architecture()),
        Drawn("figure3", "Figure 3: alignment of scene graphs and of constituency trees (Eq. 7, 8).", draw_alignment()),
        Drawn("figure4", "Figure 4: back-translation across modalities and languages.", draw_back_translation()),
    ]


def _structures(
    profile: Profile, titles: dict[str, str], results: Path, found: list[Drawn], missing: list[str]
) -> None:
    transfer = next(name for name, direction in profile.transfers.items() if not direction.models_of)
    shown = example(results, transfer)
    if shown is None:
        missing.append(f"Figures 1, 9 and 10: structures/{transfer}/ lacks graphs or trees, or text/ their sentences.")
        return
    translating = [system for system in ("early_translation", "late_translation") if system in titles]
    said = {}
    for picture in pictures(results, transfer, translating, profile.seeds[0], 1):
        for system, text in picture.captions.items():
            said[system] = f"{picture.pivots[system]} → {text}" if system in picture.pivots else text
        said["references"] = "; ".join(picture.references[:2])
    of, how = arrow(profile, transfer), "drawn by a hash of its id, structures as extracted"
    found += [
        Drawn(
            "figure1",
            f"Figure 1, {of}: what pictures, sentences and translations do not share. Colour: labels that both graphs have, "
            "phrases that both trees have at the same depth and below the same label. Examples drawn by a hash of their ids.",
            draw_issues(shown, said, titles | {"references": "References"}),
        ),
        Drawn("figure9", f"Figure 9, {of}: the constituency trees of a sentence pair, {how}.", draw_trees(shown)),
        Drawn(
            "figure10",
            f"Figure 10, {of}: the scene graphs of a picture and of its caption, {how}. Blue: things; green: attributes; "
            "orange: relations.",
            draw_graphs(shown),
        ),
    ]


def _sweeps(
    profile: Profile, experiments: Mapping[str, Experiment], results: Path, found: list[Drawn], missing: list[str]
) -> None:
    path = results / "scores.csv"
    scores = read_scores(path) if path.is_file() else pd.DataFrame(columns=COLUMNS)
    for transfer in profile.sweeps:
        of = arrow(profile, transfer)
        drawn = sweeps.thresholds(profile)
        points = sweeps.swept(
            profile, sweeps.threshold_places(profile, experiments, transfer), scores, transfer, "CIDEr-D"
        )
        figure = sweeps.draw_sweep(points, drawn, "CIDEr-D")
        if figure is not None:
            caption = (
                f"Figure 5, {of}: CIDEr-D by threshold of the alignment, one changed at a time from the checkpoint of the "
                "first stage; mean over seeds, bars are 95 % t intervals. Dotted: the profile's own threshold."
            )
            found.append(Drawn(f"figure5_{transfer}", caption, figure))
        points = sweeps.swept(profile, sweeps.wrong_places(profile, experiments, transfer), scores, transfer, "CIDEr-D")
        level = sweeps.level_of(scores, profile, transfer, sweeps.FLOOR, "CIDEr-D")
        figure = sweeps.draw_sweep(points, sweeps.WRONG, "CIDEr-D", level)
        if figure is not None:
            caption = (
                f"Limitations, {of}: Cross2StrA where a share of the structures that it reads at test is wrong; mean over "
                "seeds, bars are 95 % t intervals. Dotted: LateTranslation, which reads none."
            )
            found.append(Drawn(f"figure_wrong_{transfer}", caption, figure))
    if not any(drawn.name.startswith("figure5_") for drawn in found):
        missing.append("Figure 5 (thresholds of the alignment): no scores of rows with thresholds, from `sweeps`.")


def _coincidence(
    profile: Profile, titles: dict[str, str], results: Path, found: list[Drawn], missing: list[str]
) -> None:
    frame = coincidences(results)
    for transfer in profile.transfers:
        figure = draw_coincidence(frame[frame["transfer"] == transfer], profile, titles)
        if figure is None:
            missing.append(
                f"Figure 6 for {transfer}: no coincidence/{transfer}/*.parquet; run `cross2stra probe-structures`."
            )
            continue
        caption = (
            f"Figure 6, {arrow(profile, transfer)}: coincidence of a picture's scene graph with its caption's, and of the "
            "pivot caption's tree with the target caption's; 95 % intervals. Systems without a pivot caption have no βC."
        )
        found.append(Drawn(f"figure6_{transfer}", caption, figure))


def _ratings(profile: Profile, titles: dict[str, str], results: Path, found: list[Drawn], missing: list[str]) -> None:
    figure = draw_errors(profile, titles, results)
    if figure is None:
        missing.append(
            "Figure 8 (language quality by human raters): no ratings collected; such numbers are never simulated. The forms are "
            "in ratings/form/ of these results."
        )
        return
    caption = (
        f"Figure 8, {arrow(profile, profile.ratings.transfer)}: how much of a caption raters found wrong, 1 nothing to 10 all "
        "of it; mean over raters and pictures, 95 % intervals over pictures."
    )
    found.append(Drawn("figure8", caption, figure))


def _curves(profile: Profile, titles: dict[str, str], results: Path, found: list[Drawn], missing: list[str]) -> None:
    logs = training_logs(results)
    for transfer, direction in profile.transfers.items():
        part = logs[logs["transfer"] == transfer]
        if part.empty:
            reason = f"its models are those of {direction.models_of}" if direction.models_of else "no training log"
            missing.append(f"Learning curves of {transfer}: {reason}.")
            continue
        losses = curves.draw_curves(part, titles, LOSSES)
        if losses is not None:
            caption = f"Learning curves, {arrow(profile, transfer)}: a thin line for a seed, a thick one for the mean."
            found.append(Drawn(f"figure_losses_{transfer}", caption, losses))
        aligned = curves.draw_curves(part, titles, ALIGNMENT)
        if aligned is None:
            missing.append(f"Diagnostics of the alignment for {transfer}: none was logged.")
            continue
        caption = (
            f"Alignment, {arrow(profile, transfer)}: are there positives, how many, and how alike are the nodes of a "
            "pair; the last panel is the code-speak guard."
        )
        found.append(Drawn(f"figure_alignment_{transfer}", caption, aligned))


def _senses(profile: Profile, titles: dict[str, str], results: Path, found: list[Drawn], missing: list[str]) -> None:
    frame = senses(results)
    if frame.empty:
        missing.append(
            "Sense accuracy: no senses.csv below scores/; "
            + ("score with --senses." if profile.sources.world else "only the generated world knows the senses.")
        )
        return
    figure = gallery.draw_senses(gallery.sense_accuracy(frame), titles)
    if figure is not None:
        caption = (
            "Sense accuracy: share of the ambiguous words of test pictures whose right sense a caption names, mean over "
            "seeds. No system may beat the majority sense on control words: nothing tells their sense."
        )
        found.append(Drawn("figure_senses", caption, figure))


def _stage_scores(
    profile: Profile, titles: dict[str, str], path: Path | None, found: list[Drawn], missing: list[str]
) -> None:
    if path is None:
        missing.append("Scores after each stage: no --stage-scores was given.")
        return
    frame = read_csv(path, ["transfer", "system", "seed", "stage", "metric", "value"])
    for transfer in profile.transfers:
        part = frame[frame["transfer"] == transfer]
        figure = curves.draw_stage_scores(part, titles, "CIDEr-D")
        if figure is not None:
            caption = f"CIDEr-D on validation pictures after each stage, {arrow(profile, transfer)}; mean over seeds."
            found.append(Drawn(f"figure_stages_{transfer}", caption, figure))


def _filters(profile: Profile, results: Path, found: list[Drawn], missing: list[str]) -> None:
    for transfer, direction in profile.transfers.items():
        path = results / "text" / transfer / "filter.json"
        if direction.models_of:
            continue  # its text is that of the other transfer
        figure = draw_filter(read_json(path)) if path.is_file() else None
        if figure is None:
            missing.append(f"Filter of {transfer}: text/{transfer}/filter.json is not there, or counts nothing.")
            continue
        caption = f"Dictionary filter of the parallel text, {arrow(profile, transfer)}."
        found.append(Drawn(f"figure_filter_{transfer}", caption, figure))


def _drawn(profile: Profile, results: Path, found: list[Drawn], missing: list[str]) -> None:
    if profile.generator.pictures == "none":
        return
    for transfer, direction in profile.transfers.items():
        scenes = drawn_scenes(results, transfer)
        if not scenes:
            reason = f"its models are those of {direction.models_of}" if direction.models_of else "none was drawn"
            missing.append(f"Drawn pictures of {transfer}: {reason}.")
            continue
        caption = (
            f"What L_PTB reads, {arrow(profile, transfer)}: pictures drawn of pivot sentences (chosen by a hash of their "
            "ids), and what the extractor sees in them."
        )
        found.append(Drawn(f"figure_drawn_{transfer}", caption, draw_scenes(scenes)))
