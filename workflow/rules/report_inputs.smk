"""Functions of wildcards that name the inputs of scores, parts, tables and figures."""

from cross2stra.ratings.questions import rated


def staged(chosen):
    """Scores of the whole model after each of its stages, for those (transfer, seed) of `chosen` that are trained."""
    return [
        f"results/{{profile}}/stages/{stage}/scores/{transfer}/cross2stra/{seed}"
        for transfer, seed in chosen
        if transfer in TRAINED and "cross2stra" in profile.systems_of(transfer, seed)
        for stage in stages(experiments["cross2stra"])
    ]


def diagnosis_inputs(wildcards):
    """The trained model, its text and graphs, and pictures that have captions in both languages."""
    names = caption_inputs(wildcards)
    del names["images"]
    text = "results/{profile}/text/{transfer}"
    return names | {
        "captions": f"{text}/captions.parquet",
        "pairs": f"{text}/pairs.parquet",
        "language_graphs": "results/{profile}/structures/{transfer}/language_graphs.parquet",
        "bilingual": "results/{profile}/diagnosis/{transfer}/bilingual.parquet",
    }


def runs(place):
    """A path below results/{profile} for every transfer and seed of its models."""
    return [f"results/{{profile}}/{place}".replace("{transfer}", t).replace("{seed}", str(s)) for t, s in RUNS]


def diagnosed(chosen):
    """The compared systems that say a pivot caption, for those (transfer, seed) of `chosen` that are trained."""
    compared = [s for s in profile.systems if experiments[s].group not in ("ablation", "bound")]
    systems = [s for s in compared if experiments[s].pipeline != "early"]
    return [
        f"results/{{profile}}/diagnosis/{transfer}/{system}/{seed}"
        for transfer, seed in chosen
        if transfer in TRAINED
        for system in systems
        if system in profile.systems_of(transfer, seed)
    ]


def score_inputs(wildcards):
    """Captions of every system, and the references: opened as well by the probes below and by the report alone."""
    references = "results/{profile}/corpora/{transfer}/references"
    systems = profile.systems_of(wildcards.transfer, int(wildcards.seed))
    names = {
        "captions": expand("results/{{profile}}/captions/{{transfer}}/{system}/{{seed}}.jsonl", system=systems),
        "references": [f"{references}.val.parquet", f"{references}.test.parquet"],
        "beside": [f"{references}.val_sources.json", f"{references}.test_sources.json"],
    }
    return names | ({"world": WORLD} if profile.sources.world else {})


def probe_inputs(wildcards):
    """Captions of every system on the test pictures, and what reads structures in both languages."""
    text = f"results/{{profile}}/text/{models(wildcards.transfer)}"
    return {
        "captions": score_inputs(wildcards)["captions"],
        "references": "results/{profile}/corpora/{transfer}/references.test.parquet",
        "visual_graphs": "results/{profile}/structures/{transfer}/visual_graphs.parquet",
        "dictionary": f"{text}/dictionary.json",
        "pairs": f"{text}/pairs.parquet",
        "parser": pivot_parser(wildcards.transfer),
        "parser_target": target_parser(wildcards.transfer),
    }


def language_inputs(wildcards):
    """As `probe_inputs`, but what a picture shows is annotated where the profile's own graphs are extracted."""
    names = probe_inputs(wildcards)
    del names["parser"]
    if profile.sources.world and profile.structures.visual == "extracted":
        names["visual_graphs"] = "results/{profile}/structures/{transfer}/annotated/visual_graphs.parquet"
    return names


def senses_option(wildcards, input):
    return f"--senses {input.world}/gold/senses.parquet" if profile.sources.world else ""


GROUPS = {
    "systems": ("translation", "pivoting"), "ablations": ("ablation",), "bounds": ("bound",), "sweeps": ("sweep",),
}  # fmt: skip
"""Parts of a transfer and seed, and the blocks of experiments.yaml that they caption with."""


def part_inputs(wildcards):
    """What a part makes, also for the test sets that the same checkpoints caption, so that its record is whole."""
    if wildcards.transfer not in profile.transfers:
        raise WorkflowError(f"{CONFIG}: no transfer {wildcards.transfer!r}; it has {', '.join(profile.transfers)}")
    if int(wildcards.seed) not in profile.seeds_of(wildcards.transfer):
        raise WorkflowError(f"{CONFIG}: {wildcards.transfer} has the seeds {profile.seeds_of(wildcards.transfer)}, not {wildcards.seed}")
    if wildcards.group not in (*GROUPS, "all"):
        raise WorkflowError(f"no group {wildcards.group!r} of systems; there are {', '.join(GROUPS)}")
    seed, group = int(wildcards.seed), wildcards.group
    transfers = [name for name in profile.transfers if models(name) == wildcards.transfer or name == wildcards.transfer]
    chosen = [(transfer, seed) for transfer in transfers]
    account = diagnosed(chosen) + staged(chosen)
    if group == "all":
        return expand("results/{{profile}}/scores/{transfer}/{{seed}}", transfer=transfers) + account
    captions = [
        f"results/{{profile}}/captions/{transfer}/{system}/{seed}.jsonl"
        for transfer in transfers
        for system in profile.systems_of(transfer, seed)
        if experiments[system].group in GROUPS[group]
    ]
    if not captions:
        raise WorkflowError(f"{CONFIG}: no system of {wildcards.transfer}, seed {seed}, is in group {group!r}")
    return captions + (account if group == "systems" else [])


DOCUMENTATION = [
    os.path.relpath(path)
    for pattern in ("README.md", "docs/*.md", "config/*.md")
    for path in sorted(Path(workflow.basedir).glob(pattern))
    if path.name != "dag.md"
]
"""What becomes a page beside the results; a graph of the DAG does not, a Markdown viewer draws it."""


if profile.ratings.folder and not Path(profile.ratings.folder, "key.csv").is_file():
    raise WorkflowError(
        f"{CONFIG}: field 'ratings.folder': no key.csv in {profile.ratings.folder}; put the forms' key beside what raters saved "
        "(docs/human-study.md)"
    )
RATED = rated(profile)
"""Systems of the human study that the profile runs."""


def form_inputs(wildcards):
    """What raters see: captions of the first seed, pictures, or, where pictures may have no file, their boxes."""
    transfer = profile.ratings.transfer
    boxes = {"visual_graphs": f"results/{{profile}}/structures/{transfer}/visual_graphs.parquet"}
    return {
        "captions": expand(
            "results/{{profile}}/captions/{transfer}/{system}/{seed}.jsonl",
            transfer=transfer,
            system=RATED,
            seed=profile.seeds[0],
        ),
        "images": f"results/{{profile}}/corpora/{transfer}/images.parquet",
        **({} if profile.sources.world else boxes),
    }


def rating_forms_of(wildcards):
    return [f"results/{wildcards.profile}/ratings/form"] if RATED else []


def rating_files(wildcards):
    return sorted(map(str, Path(profile.ratings.folder).glob("*.csv")))


def ratings_of(wildcards):
    """What raters said, where the profile names a folder of it."""
    return [f"results/{wildcards.profile}/ratings/answers"] if profile.ratings.folder else []


def table_inputs(wildcards):
    corpora = expand("results/{{profile}}/corpora/{transfer}/statistics.json", transfer=profile.transfers)
    return {
        "scores": "results/{profile}/scores.csv",
        "statistics": corpora,
        "diagnosis": diagnosed(RUNS),
        "coincidence": runs("coincidence/{transfer}/{seed}.parquet"),
        "quality": runs("quality/{transfer}/{seed}.parquet"),
        "ratings": ratings_of(wildcards),
    }


def figure_inputs(wildcards):
    """What Figure 7, the curves and the senses are drawn from: captions of the first seed, scores, references."""
    transfers = list(profile.transfers)
    references = "results/{{profile}}/corpora/{transfer}/references.test.parquet"
    images = "results/{{profile}}/corpora/{transfer}/images.parquet"
    return {
        "captions": [
            f"results/{{profile}}/captions/{transfer}/{system}/{profile.seeds[0]}.jsonl"
            for transfer in transfers
            for system in profile.systems_of(transfer, profile.seeds[0])
        ],
        "references": expand(references, transfer=transfers),
        "images": expand(images, transfer=transfers),
        "scores": runs("scores/{transfer}/{seed}"),
        "all_scores": "results/{profile}/scores.csv",
        "stage_scores": "results/{profile}/stage_scores.csv",
        "coincidence": runs("coincidence/{transfer}/{seed}.parquet"),
        "ratings": ratings_of(wildcards),
        "structures": expand(f"results/{{{{profile}}}}/structures/{TRAINED[0]}/{{table}}.parquet", table=STRUCTURES),
        "generated_graphs": expand(
            "results/{{profile}}/structures/{transfer}/generated_graphs.parquet", transfer=TRAINED if DRAWS else []
        ),
    }
