"""Functions of wildcards that name a rule's inputs and parameters: the shape of the DAG, where it is not one path."""

import re

from cross2stra.configuration.digests import as_read, as_trained, captions_digest, digest, keys_of
from cross2stra.data.sources import MIRROR_VARIABLE, mirror_folder, read_by, read_sources
from cross2stra.reporting.recorded import records

KINDS = {"trees.pivot": "syntax", "trees.target": "syntax", "language_graphs": "language", "visual_graphs": "visual"}
"""Tables of structures, and their kinds as rows of experiments.yaml name them."""
STRUCTURES = tuple(KINDS)
PREPARED = ("sources", "world", "filter", "structures")
BACK_TRANSLATING = ("back_translate", "joint")
SEES = {"boxes": "relations", "extracted": "extractor"}.get(profile.structures.visual)
"""What the profile trains to make visual scene graphs, if anything."""
PAIRED = {"captions": "captions.parquet", "pivots": "pivots.parquet", "vocabulary": "vocabulary.json"}
"""What joins a picture to its other language: bounds alone read it."""
DRAWS = profile.generator.pictures != "none"
"""Whether imagined scenes are drawn and seen again; without, the imagined scene itself is what is read."""
IMAGINED = "imagined_graphs" if DRAWS else "generated_graphs"
GATHERED = (*STRUCTURES, *(["generated_graphs"] if DRAWS else []))
PAINTING_ENVIRONMENT = f"../envs/{'generation' if 'gligen' in map(profile.painter_of, TRAINED) else 'core'}.yaml"
RECORDED = os.environ.get("CROSS2STRA_RECORDED")
"""A folder of recorded captions, which are taken in place of training where it has them."""
if not RECORDED and (taken := records(Path("results", profile.profile))):
    raise WorkflowError(
        f"captions of {len(taken)} systems in results/{profile.profile} come from records: name their folder as before "
        f"(RECORDED=… of make, CROSS2STRA_RECORDED), or remove results/{profile.profile}/recorded to train these systems here"
    )
if RECORDED and not any(Path(RECORDED, t, s, f"{n}.zip").exists() for t, n in RUNS for s in profile.systems_of(t, n)):
    raise WorkflowError(
        f"RECORDED (of make, CROSS2STRA_RECORDED): {RECORDED} has no record of a run of profile {profile.profile}; expected "
        "{transfer}/{system}/{seed}.zip in it, as in config/recorded/study"
    )
if not profile.sources.world and (folder := mirror_folder(profile.sources)) and not folder.is_dir():
    raise WorkflowError(f"MIRROR (of make, {MIRROR_VARIABLE}) or sources.mirror: {folder} is no folder; mend its name")
VISUAL_ENVIRONMENT = f"../envs/{'detectron2' if profile.structures.extractor.detector == 'detectron2' else 'core'}.yaml"
SOURCES = {
    row.name: row for row in read_sources(profile.sources.table) if row.variant == profile.sources.variant
}
"""The rows of sources.csv that the profile reads, by the name of their file."""
PRINTED = digest(*experiments.values())
"""Parameter of what prints experiments.yaml: titles, blocks, tables, in the order of its rows."""


LANGUAGE = ("structures.language", "structures.plural_nodes")
"""Keys that language scene graphs come from."""
VISUAL = tuple(f"structures.{key}" for key in ("visual", "extractor", "region_features", "max_objects", "max_relations"))
"""Keys that visual scene graphs come from."""


def section(name):
    """A section of the profile, or one key of it alone: `filter.max_tokens`."""
    name, _, key = name.partition(".")
    return keys_of(getattr(profile, name), key) if key else getattr(profile, name)


def source_row(name):
    """A parameter that changes with what is read of a file's row of sources.csv: it is obtained again."""
    fields = ("urls", "member", "mirror_path", "bytes", "sha256")
    return " ".join(getattr(SOURCES[name], field) if name in SOURCES else "" for field in fields)


def depends(*names):
    """A parameter that changes with these sections or keys, the wildcards' transfer and its system's row.

    The rule runs again then.
    """

    def value(wildcards):
        sections = [section(name) for name in names]
        if hasattr(wildcards, "transfer"):
            sections.append(as_read(profile.transfers[wildcards.transfer]))
        if hasattr(wildcards, "system"):
            sections.append(as_trained(experiments[wildcards.system]))
        return digest(*sections)

    return value


def model_of(system):
    """The row whose trained model captions for this one."""
    return experiments[system].model_of if experiments[system].model_of and not annotations_of(system) else system


def annotations_of(system):
    """The kinds of structures that this row is trained on as annotated."""
    return experiments[system].annotated if profile.structures.bounds == "retrained" else []


def options(*names):
    """`--name value` for those of these inputs that the job has; once for each file of an input that has several."""

    def value(wildcards, input):
        present = [(name, input[name]) for name in names if name in input.keys()]
        files = [(name, file) for name, own in present for file in ([own] if isinstance(own, str) else own)]
        return " ".join(f"--{name.replace('_', '-')} {shlex.quote(str(file))}" for name, file in files)

    return value


def models(transfer):
    """The transfer whose text, vocabulary and checkpoints serve `transfer`."""
    return profile.transfers[transfer].models_of or transfer


def source_names(transfers):
    """The files of sources.csv that the corpora of these transfers are made from."""
    corpora = {profile.transfers[name].corpus for name in transfers}
    names = read_by(corpora, SOURCES.values())
    if not names:
        raise WorkflowError(
            f"{CONFIG}: no row of {profile.sources.table} ({profile.sources.variant}) names {' or '.join(sorted(corpora))} in "
            "its column `corpora`; add the files that the corpus reads"
        )
    return names


def raw(wildcards):
    """The raw data: the world's folder, or the downloaded files of the transfer (without one: of all transfers)."""
    if profile.sources.world:
        return WORLD
    transfers = [wildcards.transfer] if hasattr(wildcards, "transfer") else list(profile.transfers)
    return [f"results/{{profile}}/raw/files/{name}" for name in source_names(transfers)]


def raw_folder(wildcards, input):
    """The folder that holds what `raw` names."""
    return input.raw if profile.sources.world else os.path.dirname(input.raw[0])


def structures_folder(wildcards, input):
    """The folder of a transfer's structures, of which some inputs may lie below, in `annotated`."""
    folder = Path(input.visual_graphs).parent
    return str(folder.parent if folder.name == "annotated" else folder)


def truth_option(wildcards, input):
    """In the world it is known which pairs are about pictures: the filter is measured against it."""
    return f"--truth {input.world}/gold/parallel_truth.parquet" if profile.sources.world else ""


def filter_inputs(wildcards):
    names = {
        "parallel": "results/{profile}/corpora/{transfer}/parallel_raw.parquet",
        "dictionary": "results/{profile}/text/{transfer}/dictionary.json",
    }
    return names | ({"world": WORLD} if profile.sources.world else {})


def language_of_side(wildcards):
    return getattr(profile.transfers[wildcards.transfer], wildcards.side)


def parser_of_side(wildcards):
    return f"results/{wildcards.profile}/structures/parsers/{language_of_side(wildcards)}"


def shard_of(wildcards):
    return wildcards.scatteritem.replace("-of-", "/")


def visual_inputs(wildcards):
    names = {"images": "results/{profile}/corpora/{transfer}/images.parquet", "raw": raw(wildcards)}
    return names | ({SEES: f"results/{{profile}}/structures/{SEES}"} if SEES else {})


def drawing_inputs(wildcards):
    """Imagined scenes, and who draws them, if it is learned."""
    names = {"scenes": f"results/{{profile}}/structures/{{transfer}}/{IMAGINED}.parquet"}
    learned = {"pictures": "results/{profile}/external/{transfer}/pictures"}
    return names | (learned if profile.painter_of(wildcards.transfer) == "learned" else {})


def drawn_inputs(wildcards):
    """A part of the drawn pictures, and what sees."""
    names = visual_inputs(wildcards) | {"pictures": "results/{profile}/structures/{transfer}/drawn/{scatteritem}"}
    del names["images"]
    return names


def pivot_parser(transfer):
    return f"results/{{profile}}/structures/parsers/{profile.transfers[transfer].pivot}"


def pivot_grammar(transfer):
    return f"results/{{profile}}/structures/grammars/{profile.transfers[transfer].pivot}"


def target_parser(transfer):
    return f"results/{{profile}}/structures/parsers/{profile.transfers[transfer].target}"
