"""How each table and figure is computed: what it is made of, and the verbs that make it, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cross2stra.configuration import Profile
from cross2stra.configuration.digests import digest


@dataclass(frozen=True)
class Origin:
    """`made_of`: a phrase; `verbs`: of the command line, the last one writes the file."""

    made_of: str
    verbs: tuple[str, ...]


_SCORES = ("caption-pictures", "score", "collect-scores", "tables")
_CAPTIONS = "captions of every system on the test pictures, and the references"
ORIGINS: Mapping[str, Origin] = {
    "table1": Origin("scores of every system; in grey the paper's own", _SCORES),
    "table2": Origin("scores of the systems without a learning strategy", _SCORES),
    "table3": Origin("scores on COCO-CN, in the world by the models of en-zh_aic", _SCORES),
    "table4": Origin("what raters saved", ("ratings make", "ratings ingest", "tables")),
    "table5": Origin("statistics.json of every transfer's corpora", ("corpora", "tables")),
    "table_shape": Origin("Table 1 to 3, and the numbers that the paper prints", _SCORES),
    "table_differences": Origin("statistics of every caption, resampled over seeds and pictures", _SCORES),
    "table_coincidence": Origin(
        "graphs and trees of every caption", ("caption-pictures", "probe-structures", "tables")
    ),
    "table_quality": Origin(_CAPTIONS, ("caption-pictures", "probe-language", "tables")),
    "table_diagnosis": Origin(
        "validation pictures, held-out sentence pairs, pictures with captions in both languages",
        ("bilingual", "diagnose", "tables"),
    ),
    "table_throughput": Origin("time and memory of the extractors' jobs", ("tables",)),
    "table": Origin(_CAPTIONS, _SCORES),
    "figure1": Origin("structures of one picture and one sentence pair", ("parse", "visual-graphs", "figures")),
    "figure2": Origin("code", ("figures",)),
    "figure3": Origin("code", ("figures",)),
    "figure4": Origin("code", ("figures",)),
    "figure5": Origin("scores of rows with a threshold of their own", ("train", *_SCORES[:-1], "figures")),
    "figure6": Origin("graphs and trees of every caption", ("caption-pictures", "probe-structures", "figures")),
    "figure7": Origin("captions of test pictures, drawn by a hash of their ids", ("caption-pictures", "figures")),
    "figure8": Origin("what raters saved", ("ratings make", "ratings ingest", "figures")),
    "figure9": Origin("trees of one sentence pair", ("parse", "figures")),
    "figure10": Origin("graphs of one picture and its caption", ("visual-graphs", "language-graphs", "figures")),
    "figure_losses": Origin("log.csv of every stage of every system", ("train", "figures")),
    "figure_compared": Origin("log.csv of systems with an objective of their own", ("train", "figures")),
    "figure_alignment": Origin("log.csv of the stages that align", ("train", "figures")),
    "figure_stages": Origin(
        "captions of validation pictures after each stage",
        ("caption-pictures", "score", "collect-stage-scores", "figures"),
    ),
    "figure_wrong": Origin("scores of Cross2StrA with wrong structures at test", (*_SCORES[:-1], "figures")),
    "figure_senses": Origin("senses of ambiguous words that captions name", (*_SCORES[:-1], "figures")),
    "figure_filter": Origin("filter.json of the parallel text", ("filter", "figures")),
    "figure_drawn": Origin("pictures drawn of sentences, and what is seen there", ("draw-pictures", "figures")),
}
"""By the beginning of a file's name, the longest one that fits."""


def origin_of(name: str) -> Origin:
    """The origin of a file of tables/ or figures/. Raises KeyError for a name that begins like none."""
    return ORIGINS[max((key for key in ORIGINS if name == key or name.startswith(key + "_")), key=len, default=name)]


def computed(
    name: str, folder: Path, profile: Profile, config: str, revision: str, recorded: bool
) -> list[tuple[str, str]]:
    """What a page says below a table or figure: (heading, text); `folder` holds it, and is named `tables` or `figures`.

    `recorded`: some captions are from records, whose folder a run has to be given again.
    """
    origin = origin_of(name)
    numbered = name if name.removeprefix("table").isdecimal() else "table1"  # they are written together
    records = "CROSS2STRA_RECORDED=<folder of the records> " if recorded else ""
    target = folder / f"{numbered}.md" if folder.name == "tables" else folder
    return [
        ("Made of", origin.made_of),
        ("By the verbs", ", ".join(origin.verbs)),
        ("Again", f"{records}.venv/bin/snakemake --cores all --configfile {config} -- {target.as_posix()}"),
        ("Configuration", f"{config}, digest {digest(profile)}"),
        ("Revision of the page", revision),
    ]
