# Scores: all systems of a transfer and seed in one job, so that one Java process serves them.


rule score:
    input:
        unpack(score_inputs),
    output:
        directory("results/{profile}/scores/{transfer}/{seed}"),
    log:
        "logs/{profile}/{transfer}/score.{seed}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/score.{seed}.tsv"
    conda:
        "../envs/metrics.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends(),
        captions=options("captions"),
        references=options("references"),
        senses=senses_option,
    message:
        "Score every system on {wildcards.transfer}, seed {wildcards.seed}"
    shell:
        'cross2stra score --config "$PROFILE" --transfer {wildcards.transfer} {params.captions} '
        "{params.references} {params.senses} --output {output} 2> {log}"


rule collect_scores:
    input:
        scores=runs("scores/{transfer}/{seed}"),
    output:
        "results/{profile}/scores.csv",
    log:
        "logs/{profile}/collect_scores.log",
    benchmark:
        "results/{profile}/benchmarks/collect_scores.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        scores=options("scores"),
    message:
        "Collect the scores of all transfers and seeds"
    shell:
        "cross2stra collect-scores {params.scores} --output {output} 2> {log}"


rule probe_structures:
    input:
        unpack(probe_inputs),
    output:
        "results/{profile}/coincidence/{transfer}/{seed}.parquet",
    log:
        "logs/{profile}/{transfer}/probe_structures.{seed}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/probe_structures.{seed}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends("structures.plural_nodes"),
        captions=options("captions"),
    message:
        "Do captions keep the structures of their picture and pivot? {wildcards.transfer}, seed {wildcards.seed}"
    shell:
        'cross2stra probe-structures --config "$PROFILE" --transfer {wildcards.transfer} {params.captions} '
        "--references {input.references} --visual-graphs {input.visual_graphs} --dictionary {input.dictionary} "
        "--pairs {input.pairs} --parser {input.parser} --parser-target {input.parser_target} --output {output} 2> {log}"


rule probe_language:
    input:
        unpack(language_inputs),
    output:
        "results/{profile}/quality/{transfer}/{seed}.parquet",
    log:
        "logs/{profile}/{transfer}/probe_language.{seed}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/probe_language.{seed}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends("structures.plural_nodes"),
        captions=options("captions"),
    message:
        "Count what can be counted of the language of captions: {wildcards.transfer}, seed {wildcards.seed}"
    shell:
        'cross2stra probe-language --config "$PROFILE" --transfer {wildcards.transfer} {params.captions} '
        "--references {input.references} --visual-graphs {input.visual_graphs} --dictionary {input.dictionary} "
        "--pairs {input.pairs} --parser {input.parser_target} --output {output} 2> {log}"


rule score_stage:
    input:
        captions=rules.caption_stage.output,
        references=rules.corpora.output.validation,
    output:
        directory("results/{profile}/stages/{stage}/scores/{transfer}/{system}/{seed}"),
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/score.{stage}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/score.{stage}.tsv"
    conda:
        "../envs/metrics.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        digest=depends(),
    message:
        "Score {wildcards.system} on validation pictures of {wildcards.transfer} after stage {wildcards.stage}"
    shell:
        'cross2stra score --config "$PROFILE" --transfer {wildcards.transfer} --captions {input.captions} '
        "--references {input.references} --output {output} 2> {log}"


rule collect_stage_scores:
    input:
        scores=staged(RUNS),
    output:
        "results/{profile}/stage_scores.csv",
    log:
        "logs/{profile}/collect_stage_scores.log",
    benchmark:
        "results/{profile}/benchmarks/collect_stage_scores.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        scores=options("scores"),
        stages=lambda wildcards, input: " ".join(f"--stage {Path(folder).parts[-5]}" for folder in input.scores),
    message:
        "Collect the validation scores after each stage"
    shell:
        "cross2stra collect-stage-scores {params.scores} {params.stages} --output {output} 2> {log}"


# Pictures with captions in both languages: apart from the corpora, so that nothing that trains is near them.
rule bilingual:
    input:
        raw=raw,
    output:
        "results/{profile}/diagnosis/{transfer}/bilingual.parquet",
    log:
        "logs/{profile}/{transfer}/bilingual.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/bilingual.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends("sources"),
        raw=raw_folder,
    message:
        "Captions of pictures of {wildcards.transfer} that have both languages"
    shell:
        'cross2stra bilingual --config "$PROFILE" --transfer {wildcards.transfer} --raw {params.raw} '
        "--output {output} 2> {log}"


# What joins pictures to their other language: read by the bounds supervised_target and gold_pivot, by nothing else.
rule paired:
    input:
        raw=raw,
        images=rules.corpora.output.images,
        vocabulary=lambda wildcards: f"results/{{profile}}/text/{models(wildcards.transfer)}/vocabulary.json",
    output:
        **{name: f"results/{{profile}}/paired/{{transfer}}/{file}" for name, file in PAIRED.items()},
    log:
        "logs/{profile}/{transfer}/paired.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/paired.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends("sources", "text"),
        raw=raw_folder,
        folder=subpath(output.captions, parent=True),
    message:
        "Captions of {wildcards.transfer} in the other language, for bounds"
    shell:
        'cross2stra paired --config "$PROFILE" --transfer {wildcards.transfer} --raw {params.raw} '
        "--images {input.images} --vocabulary {input.vocabulary} --output {params.folder} 2> {log}"


rule diagnose:
    input:
        unpack(diagnosis_inputs),
    output:
        directory("results/{profile}/diagnosis/{transfer}/{system}/{seed}"),
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/diagnose.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/diagnose.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        experiments=EXPERIMENTS,
        digest=depends("decoding"),
        parser=options("parser"),
        structures=subpath(input.visual_graphs, parent=True),
        text=subpath(input.vocabulary, parent=True),
    message:
        "Where does {wildcards.system} lose its score on {wildcards.transfer}, seed {wildcards.seed}?"
    shell:
        'cross2stra diagnose --config "$PROFILE" --experiments {params.experiments} '
        "--transfer {wildcards.transfer} --system {wildcards.system} --seed {wildcards.seed} --model {input.model} "
        "--text {params.text} --structures {params.structures} --bilingual {input.bilingual} {params.parser} "
        "--output {output} 2> {log}"
