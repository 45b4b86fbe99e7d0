# How good the extractors are, each judged by structures that people or the world annotated.


rule score_relations:
    input:
        raw=raw,
    output:
        scores="results/{profile}/structures/relation_scores.csv",
        unlabelled="results/{profile}/structures/vrd_unlabelled.jsonl",
    log:
        "logs/{profile}/score_relations.log",
    benchmark:
        "results/{profile}/benchmarks/score_relations.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("structures.extractor"),
        seed=profile.seeds[0],
        raw=raw_folder,
    message:
        "Relations of VRD and VG150, boxes and labels given: the motif network beside the frequency table"
    shell:
        'cross2stra score-relations --config "$PROFILE" --raw {params.raw} --scores {output.scores} '
        "--unlabelled {output.unlabelled} 2> {log}"


rule score_detector:
    input:
        photos=rules.photos.output,
        entities="results/{profile}/raw/files/flickr30k_entities.jsonl",
    output:
        "results/{profile}/structures/detector_scores.csv",
    log:
        "logs/{profile}/score_detector.log",
    benchmark:
        "results/{profile}/benchmarks/score_detector.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        digest=depends("structures.extractor"),
        seed=profile.seeds[0],
    message:
        "Find the regions of real photos: the detector, trained and tested on Flickr8k's"
    shell:
        'cross2stra score-detector --config "$PROFILE" --entities {input.entities} --photos {input.photos} '
        "--output {output} 2> {log}"


rule score_language_graphs:
    input:
        raw=raw,
        annotations=os.path.join(workflow.basedir, "config/annotations/chinese_scene_graphs.jsonl"),
    output:
        "results/{profile}/structures/language_scores.csv",
    log:
        "logs/{profile}/score_language_graphs.log",
    benchmark:
        "results/{profile}/benchmarks/score_language_graphs.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        raw=raw_folder,
    message:
        "Language scene graphs against written ones, English and Chinese"
    shell:
        "cross2stra score-language-graphs --raw {params.raw} --annotations {input.annotations:q} --output {output} 2> {log}"


rule score_annotated_sentences:
    input:
        raw=raw,
    output:
        "results/{profile}/structures/annotated_sentences.{language}.csv",
    log:
        "logs/{profile}/score_annotated_sentences.{language}.log",
    benchmark:
        "results/{profile}/benchmarks/score_annotated_sentences.{language}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        raw=raw_folder,
    message:
        "Rules for {wildcards.language} scene graphs against the graphs that the world annotates"
    shell:
        "cross2stra score-annotated-sentences --language {wildcards.language} --raw {params.raw} --output {output} 2> {log}"


rule score_predicted_trees:
    input:
        unpack(predicted_tree_inputs),
    output:
        "results/{profile}/structures/predicted_trees.{transfer}.csv",
    log:
        "logs/{profile}/{transfer}/score_predicted_trees.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/score_predicted_trees.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    message:
        "Trees of the pivot captions of {wildcards.transfer} against the chart parse of the world's grammar"
    shell:
        "cross2stra score-predicted-trees --captions {input.captions} --parser {input.parser} "
        "--grammar {input.grammar} --output {output} 2> {log}"


rule structure_scores:
    input:
        unpack(structure_score_inputs),
    output:
        "results/{profile}/structures/scores.csv",
    log:
        "logs/{profile}/structure_scores.log",
    benchmark:
        "results/{profile}/benchmarks/structure_scores.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        inputs=options("trained", "table"),
    message:
        "Put the scores of all extractors into one table" + "".join(f"; no {name}: {why}" for name, why in unscored().items())
    shell:
        "cross2stra structure-scores {params.inputs} --output {output} 2> {log}"
