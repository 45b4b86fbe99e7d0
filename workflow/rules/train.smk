# The external back-translator M, and one job for each stage of each system.


rule train_back_translator:
    input:
        parallel=rules.corpora.output.parallel,
    output:
        directory("results/{profile}/external/{transfer}/{translator}"),
    log:
        "logs/{profile}/{transfer}/train_{translator}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/train_{translator}.tsv"
    wildcard_constraints:
        translator="back_translator|translator",
    conda:
        "../envs/core.yaml"
    priority: 20
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("back_translator", "filter.max_tokens"),
        direction=lambda wildcards: "--reverse" if wildcards.translator == "translator" else "",
    message:
        "Train the external {wildcards.translator} of {wildcards.transfer}"
    shell:
        'cross2stra train-back-translator --config "$PROFILE" --transfer {wildcards.transfer} '
        "--parallel {input.parallel} {params.direction} --output {output} 2> {log}"


# The working folder holds resumable checkpoints: no output, or Snakemake would delete it when a killed stage goes on.
rule train:
    input:
        unpack(stage_inputs),
    output:
        directory("results/{profile}/checkpoints/{transfer}/{system}/{seed}/{stage}"),
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/train.{stage}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/train.{stage}.tsv"
    conda:
        "../envs/parsing.yaml"
    threads: 1
    priority: 10
    resources:
        mem_mb=3000,
        runtime=480,
    params:
        experiments=EXPERIMENTS,
        digest=depends_on_stage,
        models=options("parser", "back_translator", "previous"),
        structures=structures_folder,
        text=subpath(input.vocabulary, parent=True),
        working=working_folder,
    message:
        "Train {wildcards.system} on {wildcards.transfer}, seed {wildcards.seed}, stage {wildcards.stage}"
    shell:
        'cross2stra train --config "$PROFILE" --experiments {params.experiments} '
        "--transfer {wildcards.transfer} --system {wildcards.system} --seed {wildcards.seed} --stage {wildcards.stage} "
        "--text {params.text} --structures {params.structures} {params.models} --working {params.working} "
        "--output {output} 2> {log} && rm -rf {params.working}"
