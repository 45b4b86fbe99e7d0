# Raw files -> records -> filtered, tokenised text -> vocabulary.


rule corpora:
    input:
        raw=raw,
    output:
        images="results/{profile}/corpora/{transfer}/images.parquet",
        captions="results/{profile}/corpora/{transfer}/captions.parquet",
        unpaired="results/{profile}/corpora/{transfer}/unpaired.parquet",
        parallel="results/{profile}/corpora/{transfer}/parallel_raw.parquet",
        validation="results/{profile}/corpora/{transfer}/references.val.parquet",
        test="results/{profile}/corpora/{transfer}/references.test.parquet",
        sources=expand(
            "results/{{profile}}/corpora/{{transfer}}/references.{split}_sources.json", split=("val", "test")
        ),
        quarantine="results/{profile}/corpora/{transfer}/quarantine.parquet",
        counts="results/{profile}/corpora/{transfer}/counts.json",
        statistics="results/{profile}/corpora/{transfer}/statistics.json",
    log:
        "logs/{profile}/{transfer}/corpora.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/corpora.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends("sources"),
        raw=raw_folder,
        folder=subpath(output.images, parent=True),
    message:
        "Read the corpora of {wildcards.transfer}: splits, quarantine, counts"
    shell:
        'cross2stra corpora --config "$PROFILE" --transfer {wildcards.transfer} --raw {params.raw} '
        "--output {params.folder} 2> {log}"


rule dictionary:
    input:
        captions=rules.corpora.output.captions,
        parallel=rules.corpora.output.parallel,
        given=sorted(profile.filter.dictionary.values()),
    output:
        "results/{profile}/text/{transfer}/dictionary.json",
    log:
        "logs/{profile}/{transfer}/dictionary.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/dictionary.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("filter.dictionary"),
    message:
        "Build the caption dictionaries of {wildcards.transfer}"
    shell:
        'cross2stra dictionary --config "$PROFILE" --transfer {wildcards.transfer} --captions {input.captions} '
        "--parallel {input.parallel} --output {output} 2> {log}"


rule filter:
    input:
        unpack(filter_inputs),
    output:
        parallel="results/{profile}/text/{transfer}/parallel.parquet",
        counts="results/{profile}/text/{transfer}/filter.json",
        examples="results/{profile}/text/{transfer}/filter_examples.csv",
    log:
        "logs/{profile}/{transfer}/filter.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/filter.tsv"
    conda:
        "../envs/core.yaml"
    threads: 1 # a large corpus on a machine of its own: more (profiles/slurm)
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("filter"),
        truth=truth_option,
        folder=subpath(output.parallel, parent=True),
    message:
        "Keep the caption-like sentence pairs of {wildcards.transfer}"
    shell:
        'cross2stra filter --config "$PROFILE" --transfer {wildcards.transfer} --parallel {input.parallel} '
        "--dictionary {input.dictionary} {params.truth} --processes {threads} --output {params.folder} 2> {log}"


rule tokenise:
    input:
        captions=rules.corpora.output.captions,
        unpaired=rules.corpora.output.unpaired,
        parallel=rules.filter.output.parallel,
    output:
        captions="results/{profile}/text/{transfer}/captions.parquet",
        unpaired="results/{profile}/text/{transfer}/unpaired.parquet",
        pairs="results/{profile}/text/{transfer}/pairs.parquet",
    log:
        "logs/{profile}/{transfer}/tokenise.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/tokenise.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        digest=depends(),
        folder=subpath(output.captions, parent=True),
    message:
        "Tokenise the captions and sentence pairs of {wildcards.transfer}"
    shell:
        'cross2stra tokenise --config "$PROFILE" --transfer {wildcards.transfer} --captions {input.captions} '
        "--unpaired {input.unpaired} --parallel {input.parallel} --output {params.folder} 2> {log}"


rule vocabulary:
    input:
        rules.tokenise.output,
    output:
        "results/{profile}/text/{transfer}/vocabulary.json",
    log:
        "logs/{profile}/{transfer}/vocabulary.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/vocabulary.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        digest=depends("text"),
        text=subpath(output[0], parent=True),
    message:
        "Count the words of {wildcards.transfer}"
    shell:
        'cross2stra vocabulary --config "$PROFILE" --text {params.text} --output {output} 2> {log}'
