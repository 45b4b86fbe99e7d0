"""Functions that name the inputs of scores of extractors: what a profile has annotations for."""

ANNOTATIONS = {
    "relation_scores": ("vrd_annotations_train.json", "vg150_annotations.json"),
    "language_scores": ("factual_sg.csv", "flickr8kzhc.caption.txt", "coco-cn_ext.icap2020.txt"),
}
"""Tables of scores on annotations of real data, and the files without which they cannot be made."""


def unscored():
    """Tables of scores on real annotations that the profile cannot make, each with what it lacks."""
    if profile.sources.world:
        return {}
    there = source_names(profile.transfers)
    missing = {name: [file for file in files if file not in there] for name, files in ANNOTATIONS.items()}
    found = {name: f"no {', '.join(files)} among its sources" for name, files in missing.items() if files}
    if profile.structures.extractor.detector != "trained":
        found["detector_scores"] = f"its detector is {profile.structures.extractor.detector}'s"
    return found


def structure_score_inputs(wildcards):
    """Extractors that the profile trains; tables of scores on real annotations that it has, or on those of the world."""
    languages = sorted({name for transfer in profile.transfers.values() for name in (transfer.pivot, transfer.target)})
    folder = "results/{profile}/structures"
    trained = [f"{folder}/parsers/{language}" for language in languages]
    trained += [f"{folder}/{SEES}"] if SEES else []
    trained += [f"results/{{profile}}/external/{name}/pictures" for name in TRAINED if profile.painter_of(name) == "learned"]
    if profile.sources.world:
        tables = [f"annotated_sentences.{language}" for language in languages]
        tables += [f"predicted_trees.{name}" for name in TRAINED if "cross2stra" in profile.systems]
    else:
        tables = [name for name in ("detector_scores", *ANNOTATIONS) if name not in unscored()]
    return {"trained": trained, "table": [f"{folder}/{name}.csv" for name in tables]}


def world_structure_scores(wildcards):
    """In the world the extractors' scores are quickly had, and are on the page; on real data they are a target apart."""
    return [f"results/{wildcards.profile}/structures/scores.csv"] if profile.sources.world else []


def predicted_tree_inputs(wildcards):
    """Captions by the whole model, first seed, the parser of their pivot sentences, and the grammar that judges it."""
    return {
        "captions": f"results/{{profile}}/captions/{{transfer}}/cross2stra/{profile.seeds[0]}.jsonl",
        "parser": pivot_parser(wildcards.transfer),
        "grammar": pivot_grammar(wildcards.transfer),
    }
