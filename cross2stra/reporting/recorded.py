"""Captions of a real run with their account, one small zip for each system, transfer and seed: kept beside the numbers.

Tables and figures can be made again from them without training, and the parts of a long profile can be run on several
machines. A record says which revision made it and with which configuration; another configuration does not get it.
"""

from __future__ import annotations

import filecmp
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from cross2stra.configuration import Experiment, Profile, stages
from cross2stra.configuration.digests import captions_digest
from cross2stra.data.archives import unpack_archive, whole_archive, write_archive
from cross2stra.data.files import checked, finished, parse_json, read_json, replacing_folder

RECORD = "record.json"
CAPTIONS = "captions.jsonl"


class Record(BaseModel):
    """Whose captions a zip holds, and what made them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transfer: str
    system: str
    seed: int
    digest: str
    revision: str


def write_records(
    profile: Profile, experiments: Mapping[str, Experiment], results: Path, revision: str, output: Path
) -> list[Path]:
    """Write `output`/{transfer}/{system}/{seed}.zip for all captions below `results` -> the files.

    Captions that were themselves restored from a record are left out: their record is there. The same captions as in a
    record that is there keep its revision, as a folder goes on from one revision to the next, and what it knows of their
    training where checkpoints were removed since. Raises ValueError when there are none, or when a record has the same ones
    by another configuration: the profile was changed, and they were not made again.
    """
    found, taken = [], {(record.transfer, record.system, str(record.seed)) for record in records(results)}
    for captions in finished(results, "captions/*/*/*.jsonl"):
        transfer, system, seed = captions.parts[-3], captions.parts[-2], captions.stem
        if (transfer, int(seed)) not in profile.runs:
            continue
        if system not in profile.systems_of(transfer, int(seed)) or (transfer, system, seed) in taken:
            continue
        found.append(output / transfer / system / f"{seed}.zip")
        digest = captions_digest(profile, experiments, transfer, system)
        made = trained_at(profile, experiments, results, transfer, system, seed) or revision
        record = Record(transfer=transfer, system=system, seed=int(seed), digest=digest, revision=made)
        members = _before(found[-1], captions.read_bytes())
        if members:
            record = _record(f"{found[-1]}: {RECORD}", members[RECORD])
            if record.digest != digest:
                raise ValueError(
                    f"{captions}: as recorded with another configuration (digest {record.digest}, now {digest}); run the "
                    f"workflow with this one first, or remove {found[-1]}"
                )
        members |= {RECORD: record.model_dump_json(indent=1).encode() + b"\n", CAPTIONS: captions.read_bytes()}
        for name, path in _account(results, transfer, system, seed):
            members[name] = path.read_bytes()
        write_archive(found[-1], members.items())
    if not found:
        raise ValueError(
            f"{results}: no captions/TRANSFER/SYSTEM/SEED.jsonl was made here; run the profile, or a part of it"
        )
    return found


def trained_at(
    profile: Profile, experiments: Mapping[str, Experiment], results: Path, transfer: str, system: str, seed: int | str
) -> str:
    """The revision that ended the training of the model behind these captions; empty where no account says it."""
    source = profile.transfers[transfer].models_of or transfer
    for name in filter(None, (system, experiments[system].model_of)):
        stage = results / "checkpoints" / source / name / str(seed) / stages(experiments[name])[-1]
        if (stage / "metrics.json").is_file():
            return str(read_json(stage / "metrics.json").get("revision", ""))
    return ""


def _before(file: Path, captions: bytes) -> dict[str, bytes]:
    """The members of a record that is there, if it is of these captions; else none."""
    if not file.is_file():
        return {}
    with whole_archive(file) as archive:
        if CAPTIONS not in archive.namelist() or RECORD not in archive.namelist():
            raise ValueError(f"{file}: lacks {RECORD} or {CAPTIONS}; remove it, and record again")
        same = archive.read(CAPTIONS) == captions
        return {name: archive.read(name) for name in archive.namelist()} if same else {}


def _account(results: Path, transfer: str, system: str, seed: str) -> Iterator[tuple[str, Path]]:
    """Name in the zip -> file: log, account and validation scores of each stage, scores of the steps."""
    for folder in finished(results, f"checkpoints/{transfer}/{system}/{seed}/*"):
        yield from ((f"{folder.name}/{name}", folder / name) for name in ("log.csv", "metrics.json"))
    for path in finished(results, f"stages/*/scores/{transfer}/{system}/{seed}/scores.csv"):
        yield f"{path.parts[-6]}/scores.csv", path
    for path in finished(results, f"diagnosis/{transfer}/{system}/{seed}/scores.csv"):
        yield "diagnosis/scores.csv", path


def records(results: Path) -> list[Record]:
    """The records that captions below `results` come from, sorted."""
    paths = [path for path in finished(results, f"recorded/*/*/*/{RECORD}") if in_use(results, path.parent)]
    return [_record(str(path), path.read_bytes()) for path in paths]


def in_use(results: Path, folder: Path) -> bool:
    """Whether the captions below `results` are those of a restored record, and not since made anew."""
    captions = results / "captions" / folder.relative_to(results / "recorded").with_suffix(".jsonl")
    return captions.is_file() and filecmp.cmp(folder / CAPTIONS, captions, shallow=False)


def restore(file: Path, digest: str, output: Path) -> Record:
    """Unpack a record to a folder, which appears whole or not at all.

    Raises ValueError when `file` is no record, or was made with another configuration than the one `digest` is of.
    """
    with replacing_folder(output, RECORD) as folder:
        unpack_archive(file, folder, (".json", ".jsonl", ".csv"))
        if not (folder / RECORD).is_file() or not (folder / CAPTIONS).is_file():
            raise ValueError(f"{file}: lacks {RECORD} or {CAPTIONS}; expected a file that `cross2stra record` wrote")
        record = _record(f"{file}: {RECORD}", (folder / RECORD).read_bytes())
        if record.digest != digest:
            raise ValueError(
                f"{file}: recorded with another configuration (digest {record.digest}, expected {digest}); give the "
                f"configuration of its revision {record.revision}, or run without records, to train"
            )
    return record


def _record(name: str, content: bytes) -> Record:
    advice = "expected the account of a record, of this version; take the version that wrote it, or record again"
    return checked(Record, parse_json(content, name, advice), name, advice)
