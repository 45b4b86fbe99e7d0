"""All figures of a profile, and the list of those that could not be drawn, with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import read_json, replacing_folder, write_json
from cross2stra.reporting import curves, gallery, sweeps
from cross2stra.reporting.coincidence import coincidences, draw_coincidence
from cross2stra.reporting.drawn_figure import draw_scenes, drawn_scenes
from cross2stra.reporting.filter_figure import draw_filter
from cross2stra.reporting.glosses import explain
from cross2stra.reporting.layout import arrow, titles_of, without_bounds
from cross2stra.reporting.ratings import collected, draw_errors, where_forms_are
from cross2stra.reporting.results import pictures, read_csv, senses, training_logs
from cross2stra.reporting.schematics import draw_alignment, draw_architecture, draw_back_translation
from cross2stra.reporting.scores import COLUMNS, read_scores
from cross2stra.reporting.structure_figures import draw_graphs, draw_issues, draw_trees, example
from cross2stra.reporting.style import save

FIGURE_7 = ("ssr", "unison", "cross2stra")


@dataclass(frozen=True)
class Drawn:
    """A figure with its file name (no suffix) and its caption."""

    name: str
    caption: str
    figure: Figure


@dataclass(frozen=True)
class Run:
    """What figures are drawn of: a profile with its rows and their titles, the folder of its results, stage scores."""

    profile: Profile
    experiments: Mapping[str, Experiment]
    titles: dict[str, str]
    results: Path
    stage_scores: Path | None


Parts = Iterator[Drawn | str]
"""Figures, and for what could not be drawn a sentence that says why."""


def write_figures(
    profile: Profile,
    experiments: Mapping[str, Experiment],
    results: Path,
    output: Path,
    stage_scores: Path | None = None,
) -> list[str]:
    """Write every figure that can be drawn as .pdf, .svg, .png, and figures.json: captions, sizes, and what is missing."""
    run = Run(profile, experiments, titles_of(profile, experiments), results, stage_scores)
    made = [drawn for part in PARTS for drawn in part(run)]
    found = [drawn for drawn in made if isinstance(drawn, Drawn)]
    found.sort(key=lambda drawn: int((re.match(r"figure(\d+)", drawn.name) or ["", "100"])[1]))
    with replacing_folder(output, "figures.json") as folder:
        for drawn in found:
            save(drawn.figure, folder, drawn.name)
        captions = [{"name": drawn.name, "caption": drawn.caption} | _pixels(drawn.figure) for drawn in found]
        missing = [reason for reason in made if isinstance(reason, str)]
        write_json(folder / "figures.json", {"figures": captions, "missing": missing})
    return [drawn.name for drawn in found]


def _pixels(figure: Figure) -> dict[str, int]:
    """Width and height in a browser's pixels, 96 an inch: a page keeps a figure's place before it is there."""
    width, height = figure.get_size_inches()
    return {"width": round(96 * width), "height": round(96 * height)}


def shown_in_figure_7(titles: Mapping[str, str], experiments: Mapping[str, Experiment]) -> dict[str, str]:
    """The paper's systems beside Cross2StrA, where they were run; else every compared one."""
    if all(system in titles for system in FIGURE_7):
        return {system: titles[system] for system in FIGURE_7}
    blocks = {system: experiments[system].group for system in titles if system in experiments}
    return {s: title for s, title in titles.items() if blocks.get(s, "pivoting") in ("translation", "pivoting")}


def _pictures(run: Run) -> Parts:
    profile, shown = run.profile, shown_in_figure_7(run.titles, run.experiments)
    for transfer in profile.transfers:
        chosen = pictures(run.results, transfer, list(shown), profile.seeds[0], 4)
        if not chosen:
            yield f"Figure 7 for {transfer}: no captions/{transfer}/*/{profile.seeds[0]}.jsonl; caption first."
            continue
        explain(chosen, profile, run.results, transfer)
        caption = (
            f"Figure 7, {arrow(profile, transfer)}: test pictures drawn by a hash of their ids, captions of seed "
            f"{profile.seeds[0]}, references, and below what a system says in Chinese, English word by word from dictionaries."
        )
        yield Drawn(f"figure7_{transfer}", caption, gallery.draw_pictures(chosen, shown))


def _method(_: Run) -> Parts:
    yield Drawn("figure2", "Figure 2: the captioner, from picture to target caption.", draw_architecture())
    caption = "Figure 3: alignment of scene graphs and of constituency trees (Eq. 7, 8)."
    yield Drawn("figure3", caption, draw_alignment())
    yield Drawn("figure4", "Figure 4: back-translation across modalities and languages.", draw_back_translation())


def _structures(run: Run) -> Parts:
    profile = run.profile
    transfer = next(name for name, direction in profile.transfers.items() if not direction.models_of)
    shown = example(run.results, transfer)
    if shown is None:
        yield f"Figures 1, 9 and 10: structures/{transfer}/ lacks graphs or trees, or text/ their sentences."
        return
    translating = [system for system in ("early_translation", "late_translation") if system in run.titles]
    captioned = next(iter(pictures(run.results, transfer, translating, profile.seeds[0], 1)), None)
    of, how = arrow(profile, transfer), "drawn by a hash of its id, structures as extracted"
    yield Drawn(
        "figure1",
        f"Figure 1, {of}: what pictures, sentences and translations do not share. Colour: labels that both graphs have, "
        "phrases that both trees have at the same depth and below the same label. No picture has captions in both languages, so "
        "that the picture and the sentence pair are two examples, drawn by a hash of their ids.",
        draw_issues(shown, captioned, run.titles),
    )
    yield Drawn("figure9", f"Figure 9, {of}: the constituency trees of a sentence pair, {how}.", draw_trees(shown))
    yield Drawn(
        "figure10",
        f"Figure 10, {of}: the scene graphs of a picture and of its caption, {how}. Blue: things; green: attributes; "
        "orange: relations.",
        draw_graphs(shown),
    )


def _sweeps(run: Run) -> Parts:
    profile, experiments = run.profile, run.experiments
    path = run.results / "scores.csv"
    scores = read_scores(path) if path.is_file() else pd.DataFrame(columns=COLUMNS)
    swept = False
    for transfer in profile.further:
        of = arrow(profile, transfer)
        drawn = sweeps.thresholds(profile)
        points = sweeps.swept(
            profile, sweeps.threshold_places(profile, experiments, transfer), scores, transfer, "CIDEr-D"
        )
        figure = sweeps.draw_sweep(points, drawn, "CIDEr-D")
        if figure is not None:
            swept = True
            caption = (
                f"Figure 5, {of}: CIDEr-D by threshold of the alignment, one changed at a time from the checkpoint of the "
                "first stage; mean over seeds, bars are 95 % t intervals. Dotted: the profile's own threshold."
            )
            yield Drawn(f"figure5_{transfer}", caption, figure)
        points = sweeps.swept(profile, sweeps.wrong_places(profile, experiments, transfer), scores, transfer, "CIDEr-D")
        figure = sweeps.draw_sweep(points, sweeps.WRONG, "CIDEr-D")
        if figure is not None:
            caption = (
                f"Limitations, {of}: Cross2StrA where a share of the structures that it reads at test is wrong; mean over "
                "seeds, bars are 95 % t intervals. Grey, of the same pictures: LateTranslation, which reads none."
            )
            yield Drawn(f"figure_wrong_{transfer}", caption, figure)
    if not swept:
        yield "Figure 5 (thresholds of the alignment): no scores of rows with thresholds; `further` names those that are run."


def _coincidence(run: Run) -> Parts:
    profile, titles = run.profile, without_bounds(run.titles, run.experiments)
    frame = coincidences(profile, run.results)
    for transfer in profile.transfers:
        figure = draw_coincidence(frame[frame["transfer"] == transfer], profile, titles)
        if figure is None:
            yield f"Figure 6 for {transfer}: no coincidence/{transfer}/*.parquet; run the verb `probe-structures`."
            continue
        caption = (
            f"Figure 6, {arrow(profile, transfer)}: coincidence of a picture's scene graph with its caption's, and of the "
            "pivot caption's tree with the target caption's, as Appendix B.2 prints it and with its denominator weighted too; "
            "95 % intervals. Systems without a pivot caption have no βC. "
            "People: the references of the pictures (βG), and held-out sentence pairs (βC); what people's translations keep is "
            "the mark to be near, more is not better."
        )
        yield Drawn(f"figure6_{transfer}", caption, figure)


def _ratings(run: Run) -> Parts:
    caption = (
        f"Figure 8, {arrow(run.profile, run.profile.ratings.transfer)}: how much of a caption raters found wrong, 1 nothing "
        "to 10 all of it; mean over raters and pictures, 95 % intervals over pictures."
    )
    if not collected(run.results):
        caption += f" No ratings were collected: such numbers are never simulated. {where_forms_are(run.profile)}"
    yield Drawn("figure8", caption, draw_errors(run.titles, run.results))


def _curves(run: Run) -> Parts:
    logs = training_logs(run.profile, run.results)
    for transfer, direction in run.profile.transfers.items():
        part = logs[logs["transfer"] == transfer]
        if part.empty:
            reason = f"its models are those of {direction.models_of}" if direction.models_of else "no training log"
            yield f"Learning curves of {transfer}: {reason}."
            continue
        losses = curves.draw_curves(part, run.titles, curves.LOSSES)
        if losses is not None:
            caption = (
                f"Learning curves, {arrow(run.profile, transfer)}: a thin line for a seed, a thick one for the mean at "
                "updates that all seeds have: the guard against code-speak ends L_IPB of some seeds early. Dotted: a stage begins."
            )
            yield Drawn(f"figure_losses_{transfer}", caption, losses)
        compared = curves.draw_curves(part, run.titles, curves.COMPARED)
        if compared is not None:
            caption = (
                f"What compared systems learn beside captions and translations, {arrow(run.profile, transfer)}: rewards of "
                "sentences that SSR draws, the fluency that FG reads, PivotAlign's ties, UNISON's adversary (judges that are "
                "fooled have a loss of 2.77) and cycle. A thin line for a seed, a thick one for their mean."
            )
            yield Drawn(f"figure_compared_{transfer}", caption, compared)
        aligned = curves.draw_curves(part, run.titles, curves.ALIGNMENT)
        if aligned is None:
            yield f"Diagnostics of the alignment for {transfer}: none was logged."
            continue
        caption = (
            f"Alignment, {arrow(run.profile, transfer)}: are there positives, how many, and how alike are the nodes of a "
            "pair; how many sentence pairs have an imagined scene whose caption agrees with them; and how much more perplexing "
            "than after stage 2 pivot captions are to a language model, by which L_IPB is left out of a stage once they are "
            f"beyond {run.profile.training.code_speak:g} times. Dotted: a stage begins."
        )
        yield Drawn(f"figure_alignment_{transfer}", caption, aligned)


def _senses(run: Run) -> Parts:
    frame = senses(run.profile, run.results)
    if frame.empty:
        yield "Sense accuracy: no senses.csv below scores/; " + (
            "score with --senses." if run.profile.sources.world else "only the generated world knows the senses."
        )
        return
    names = {transfer: arrow(run.profile, transfer) for transfer in run.profile.transfers}
    figure = gallery.draw_senses(gallery.sense_accuracy(frame), run.titles, names)
    if figure is not None:
        caption = (
            "Sense accuracy: share of the ambiguous words of test pictures whose right sense a caption names, mean over "
            "seeds. Cued: the picture shows what decides it; stated: those of them, other ones for each system, where the "
            "system's own pivot caption says it. A word that is named in neither sense counts as wrong. On control words no system "
            "may beat the majority sense beyond chance (a warning above would say so): nothing tells theirs."
        )
        yield Drawn("figure_senses", caption, figure)


def _stage_scores(run: Run) -> Parts:
    if run.stage_scores is None:
        yield "Scores after each stage: no --stage-scores was given."
        return
    frame = read_csv(run.stage_scores, ["transfer", "system", "seed", "stage", "metric", "value"])
    for transfer in run.profile.transfers:
        figure = curves.draw_stage_scores(frame[frame["transfer"] == transfer], run.titles, "CIDEr-D")
        if figure is not None:
            of = arrow(run.profile, transfer)
            caption = (
                f"CIDEr-D on validation pictures after each stage, {of}; mean over seeds, bars are 95 % t intervals."
            )
            yield Drawn(f"figure_stages_{transfer}", caption, figure)


def _filters(run: Run) -> Parts:
    for transfer, direction in run.profile.transfers.items():
        path = run.results / "text" / transfer / "filter.json"
        if direction.models_of:
            continue  # its text is that of the other transfer
        figure = draw_filter(read_json(path)) if path.is_file() else None
        if figure is None:
            yield f"Filter of {transfer}: text/{transfer}/filter.json is not there, or counts nothing."
            continue
        caption = (
            f"Dictionary filter of the parallel text, {arrow(run.profile, transfer)}. Left: what becomes of sentence pairs, by the "
            "first reason that fits (rank: pairs that passed, beyond those that are kept; no agreement: too few pivot words have "
            "a translation on the other side). Right: how many pairs have which share of words in the dictionary."
        )
        yield Drawn(f"figure_filter_{transfer}", caption, figure)


def _drawn(run: Run) -> Parts:
    if run.profile.generator.pictures == "none":
        return
    for transfer, direction in run.profile.transfers.items():
        scenes = drawn_scenes(run.results, transfer)
        if not scenes:
            reason = f"its models are those of {direction.models_of}" if direction.models_of else "none was drawn"
            yield f"Drawn pictures of {transfer}: {reason}."
            continue
        caption = (
            f"What L_PTB reads, {arrow(run.profile, transfer)}: pictures drawn of pivot sentences (chosen by a hash of their "
            "ids), and what the extractor sees in them."
        )
        yield Drawn(f"figure_drawn_{transfer}", caption, draw_scenes(scenes))


PARTS: tuple[Callable[[Run], Parts], ...] = (
    _pictures,
    _method,
    _structures,
    _sweeps,
    _coincidence,
    _ratings,
    _curves,
    _senses,
    _stage_scores,
    _filters,
    _drawn,
)
