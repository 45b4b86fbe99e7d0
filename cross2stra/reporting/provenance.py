"""Where a page's numbers come from: configuration, revision, versions of packages, and what is missing."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from cross2stra.configuration import Experiment, Profile
from cross2stra.configuration.digests import digest
from cross2stra.configuration.revision import revision
from cross2stra.reporting.layout import titles_of
from cross2stra.reporting.recorded import records
from cross2stra.reporting.results import accounts

PACKAGES = (
    "torch", "transformers", "benepar", "spacy", "jieba", "pycocoevalcap", "pandas", "matplotlib", "snakemake",
)  # fmt: skip

COMPARED = ("fg", "ssr", "pivot_align", "unison")
"""Systems of the paper that not every profile has the time to train."""


def provenance(profile: Profile, config: Path, results: Path) -> dict[str, str]:
    """Rows for a reader: profile, configuration file and digest, revision, Python, packages."""
    rows = {
        "Profile": profile.profile,
        "Configuration": f"{config.name}, digest {digest(profile)}",
        "Revision": revision(config.resolve().parent),
        "Seeds": "; ".join(f"{name}: {', '.join(map(str, profile.seeds_of(name)))}" for name in profile.transfers),
        **_trained(profile, results),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    }
    for name in PACKAGES:
        try:
            rows[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return rows


def _trained(profile: Profile, results: Path) -> dict[str, str]:
    """One row on the revisions that trained what was trained here; none where no account says one."""
    made = Counter(account["revision"] for account in accounts(profile, results).values() if "revision" in account)
    told = [f"{name}, {number} stages" for name, number in sorted(made.items())]
    return {"Models trained at": "; ".join(told)} if told else {}


def recorded_captions(results: Path, titles: Mapping[str, str]) -> list[list[str]]:
    """Captions that were not made by this run, the header first: transfer, seed, revision that trained, systems.

    Empty where all were.
    """
    parts: dict[tuple[str, int, str], list[str]] = {}
    for record in records(results):
        key = (record.transfer, record.seed, record.revision)
        parts.setdefault(key, []).append(titles.get(record.system, record.system))
    rows = [[transfer, str(seed), made, ", ".join(said)] for (transfer, seed, made), said in sorted(parts.items())]
    return [["Transfer", "Seed", "Revision", "Systems"], *rows] if rows else []


def absences(profile: Profile, experiments: Mapping[str, Experiment], results: Path, more: list[str]) -> list[str]:
    """Sentences on what a reader could look for on the page and why it is not there."""
    found = []
    paper = {"zh-en_coco": "Table 1", "en-zh_aic": "Table 1", "en-zh_cococn": "Table 3"}
    for transfer, table in paper.items():
        if transfer not in profile.transfers:
            found.append(f"{table}, transfer {transfer}: not in profile {profile.profile}; another profile runs it.")
    titles = titles_of(profile, experiments)
    for system, title in titles.items():
        for transfer in profile.transfers:
            meant = [s for s in profile.seeds_of(transfer) if system in profile.systems_of(transfer, s)]
            seeds = [s for s in meant if not _captioned(results, transfer, system, s)]
            if seeds:
                shown = ", ".join(map(str, seeds))
                found.append(f"{title} on {transfer}, seed {shown}: no captions among these results.")
    if not {"no_cma", "no_cla", "no_ipb", "no_ptb"} & titles.keys():
        found.append(
            "Table 2 (each learning strategy alone): systems w/o CMA, CLA, IPB, PTB are no rows of this profile."
        )
    printed = [system for system in COMPARED if system not in titles]
    if printed:
        names = ", ".join(experiments[system].title if system in experiments else system for system in printed)
        found.append(f"{names}: only the numbers printed in the paper, in grey; this profile does not run them.")
    return found + more


def _captioned(results: Path, transfer: str, system: str, seed: int) -> bool:
    return (results / "captions" / transfer / system / f"{seed}.jsonl").is_file()
