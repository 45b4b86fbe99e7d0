"""Functions of wildcards that name the inputs of training and of captioning: a stage, a trained model, a record."""

from cross2stra.configuration import stages


def previous_stage(wildcards):
    """The checkpoint that a stage starts from: the stage before, a warm start's, or none."""
    row = experiments[wildcards.system]
    order = stages(row)
    if wildcards.stage not in order:
        raise WorkflowError(f"{wildcards.system} has no stage {wildcards.stage!r}; its stages are {', '.join(order)}")
    place = order.index(wildcards.stage)
    if place:
        system, stage = wildcards.system, order[place - 1]
    elif row.warm_start:
        system, stage = row.warm_start["system"], row.warm_start["stage"]
    else:
        return {}
    return {"previous": f"results/{{profile}}/checkpoints/{{transfer}}/{system}/{{seed}}/{stage}"}


def stage_inputs(wildcards):
    """Text, structures and the stage before; from back-translation on also M, imagined scenes and a parser."""
    row = experiments[wildcards.system]
    if row.method == "paired_captions":
        paired = "results/{profile}/paired/{transfer}"
        graphs = "results/{profile}/structures/{transfer}/visual_graphs.parquet"
        return {name: f"{paired}/{file}" for name, file in PAIRED.items() if name != "pivots"} | {"visual_graphs": graphs}
    text, structures = "results/{profile}/text/{transfer}", "results/{profile}/structures/{transfer}"
    names = {name: f"{text}/{name}.parquet" for name in ("captions", "pairs", "unpaired")}
    names |= {"vocabulary": f"{text}/vocabulary.json"}
    annotated = annotations_of(wildcards.system)
    for name in STRUCTURES:
        place = f"{structures}/annotated" if KINDS[name] in annotated else structures
        names[name.replace(".", "_")] = f"{place}/{name}.parquet"
    names |= previous_stage(wildcards)
    if wildcards.stage in BACK_TRANSLATING:
        if "ipb" in row.losses:
            names["back_translator"] = "results/{profile}/external/{transfer}/back_translator"
        if "ptb" in row.losses:
            names["generated_graphs"] = f"{structures}/generated_graphs.parquet"
        if row.constituency:
            names["parser"] = (pivot_grammar if "syntax" in annotated else pivot_parser)(wildcards.transfer)
    return names


def depends_on_stage(wildcards):
    """As `depends`, but updates and weights of later stages do not count, unless their updates come to this one.

    How long captions may be counts where training decodes some.
    """
    training, order = profile.training, stages(experiments[wildcards.system])
    if wildcards.stage != order[-1]:
        kept = order[: order.index(wildcards.stage) + 1]
        training = training.model_copy(
            update={
                "updates": {stage: n for stage, n in training.updates.items() if stage in kept},
                "weights": {stage: w for stage, w in training.weights.items() if stage in kept},
            }
        )
    row = as_trained(experiments[wildcards.system])
    further = [profile.compared] if row.method else []
    if wildcards.stage in BACK_TRANSLATING or row.pipeline == "early" or row.method:
        further.append(section("decoding.max_tokens"))
    return digest(profile.model, profile.text, training, row, *further)


def working_folder(wildcards):
    """Resumable checkpoints of a stage, apart for each configuration: a changed one does not go on from the old one's."""
    external = ("generator", "pictures", "back_translator") if wildcards.stage in BACK_TRANSLATING else ()
    key = f"{depends(*PREPARED, *external)(wildcards)}-{depends_on_stage(wildcards)}"
    place = "/".join((wildcards.transfer, wildcards.system, wildcards.seed, wildcards.stage))
    return f"results/{wildcards.profile}/working/{place}/{key}"


def caption_inputs(wildcards):
    """The last stage's model with the text it was trained on, and the pictures of this transfer."""
    row, source = experiments[wildcards.system], models(wildcards.transfer)
    trained = model_of(wildcards.system)
    annotated = "annotated/" if "visual" in row.annotated else ""
    text = "paired" if row.method == "paired_captions" else "text"
    names = {
        "model": f"results/{{profile}}/checkpoints/{source}/{trained}/{{seed}}/{stages(experiments[trained])[-1]}",
        "vocabulary": f"results/{{profile}}/{text}/{source}/vocabulary.json",
        "images": "results/{profile}/corpora/{transfer}/images.parquet",
        "visual_graphs": f"results/{{profile}}/structures/{{transfer}}/{annotated}visual_graphs.parquet",
    }
    if row.constituency:
        names["parser"] = pivot_grammar(wildcards.transfer) if "syntax" in row.annotated else pivot_parser(wildcards.transfer)
    if row.human_pivot:
        names["pivots"] = f"results/{{profile}}/paired/{{transfer}}/{PAIRED['pivots']}"
    return names


def export_inputs(wildcards):
    """What captions, without pictures: the model, its text and parsers, and what sees."""
    names = caption_inputs(wildcards)
    del names["images"], names["visual_graphs"]
    if "parser" in names:
        names["parser_target"] = target_parser(wildcards.transfer)
    if SEES is None:
        raise WorkflowError(f"{CONFIG}: structures.visual {profile.structures.visual!r} sees no photo; no model to export")
    if SEES == "extractor" and profile.structures.extractor.detector == "detectron2":
        raise WorkflowError(
            f"{CONFIG}: structures.extractor.detector `detectron2` stays in its own folder, so one file cannot hold what the "
            "model sees with; export a model of a profile whose detector is `trained`, or of structures.visual `boxes`"
        )
    names[SEES] = f"results/{{profile}}/structures/{SEES}"
    if SEES == "relations":
        return names | {"detector": "results/{profile}/raw/files/FastestDet.onnx"}
    return names | {"raw": raw(wildcards)}


def names_option(wildcards, input):
    """What the extractor's ids are called, from where captioning takes it (`extracted_graphs`)."""
    return f"--names {raw_folder(wildcards, input)}/gold/names.json" if "raw" in input.keys() else ""


def external_file(wildcards):
    """The file of captions that another system made; one transfer and the first seed have it."""
    found = profile.external_file(wildcards.system, wildcards.transfer)
    if found is None or int(wildcards.seed) != profile.seeds[0]:
        raise WorkflowError(f"{wildcards.system}: no captions of {wildcards.transfer}, seed {wildcards.seed}, are given")
    return str(found)


def translated_inputs(wildcards):
    """A system's own captions, and the external translator that translates their pivots again."""
    row = experiments[wildcards.system]
    return {
        "captions": f"results/{{profile}}/captions/{{transfer}}/{row.model_of}/{{seed}}.jsonl",
        "translator": f"results/{{profile}}/external/{models(wildcards.transfer)}/translator",
    }


def record_file(wildcards):
    """The record of these captions; what was trained here goes before it."""
    place = f"{wildcards.transfer}/{wildcards.system}/{wildcards.seed}"
    trained = Path(str(caption_inputs(wildcards)["model"]).format(**wildcards))
    return f"{RECORDED}/{place}.zip" if not trained.exists() else f"{trained} is not to be replaced by a record"


def stage_caption_inputs(wildcards):
    """As `caption_inputs`, with the model of any stage."""
    model = "results/{profile}/checkpoints/{transfer}/{system}/{seed}/{stage}"
    return caption_inputs(wildcards) | {"model": model}
