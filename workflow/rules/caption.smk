# Captions of validation, test and unlabelled pictures, by the last stage's model, or as another system gave them.
ruleorder: external_captions > caption
ruleorder: translate_captions > caption


rule external_captions:
    input:
        captions=external_file,
        images="results/{profile}/corpora/{transfer}/images.parquet",
    output:
        "results/{profile}/captions/{transfer}/{system}/{seed}.jsonl",
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/external_captions.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/external_captions.tsv"
    conda:
        "../envs/core.yaml"
    wildcard_constraints:
        system="|".join(map(re.escape, profile.external_captions)) or "(?!)",
    message:
        "Take the captions of {wildcards.system} on {wildcards.transfer} as given"
    shell:
        "cross2stra external-captions --captions {input.captions:q} --images {input.images} --output {output} 2> {log}"


rule translate_captions:
    input:
        unpack(translated_inputs),
    output:
        "results/{profile}/captions/{transfer}/{system}/{seed}.jsonl",
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/translate_captions.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/translate_captions.tsv"
    conda:
        "../envs/core.yaml"
    wildcard_constraints:
        system="|".join(name for name, row in experiments.items() if row.translator == "external") or "(?!)",
    resources:
        mem_mb=3000,
        runtime=120,
    message:
        "Translate the pivot captions of {wildcards.transfer}, seed {wildcards.seed}, by an external translator"
    shell:
        'cross2stra translate-captions --config "$PROFILE" --transfer {wildcards.transfer} '
        "--captions {input.captions} --translator {input.translator} --output {output} 2> {log}"


rule caption:
    input:
        unpack(caption_inputs),
    output:
        "results/{profile}/captions/{transfer}/{system}/{seed}.jsonl",
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/caption.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/caption.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        experiments=EXPERIMENTS,
        digest=depends("decoding"),
        parser=options("parser", "pivots"),
        structures=subpath(input.visual_graphs, parent=True),
        text=subpath(input.vocabulary, parent=True),
    message:
        "Caption the pictures of {wildcards.transfer} with {wildcards.system}, seed {wildcards.seed}"
    shell:
        'cross2stra caption-pictures --config "$PROFILE" --experiments {params.experiments} '
        "--transfer {wildcards.transfer} --system {wildcards.system} --model {input.model} --text {params.text} "
        "--structures {params.structures} --images {input.images} {params.parser} --output {output} 2> {log}"


# After each stage, validation pictures only: does each stage help?
rule caption_stage:
    input:
        unpack(stage_caption_inputs),
    output:
        "results/{profile}/stages/{stage}/captions/{transfer}/{system}/{seed}.jsonl",
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/caption.{stage}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/caption.{stage}.tsv"
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
        "Caption validation pictures of {wildcards.transfer} with {wildcards.system} after stage {wildcards.stage}"
    shell:
        'cross2stra caption-pictures --config "$PROFILE" --experiments {params.experiments} --split val '
        "--transfer {wildcards.transfer} --system {wildcards.system} --model {input.model} --text {params.text} "
        "--structures {params.structures} --images {input.images} {params.parser} --output {output} 2> {log}"


# One file with all that captions a photo: `cross2stra import-model`, then `cross2stra caption PHOTO --model FOLDER`.
rule export_model:
    input:
        unpack(export_inputs),
    output:
        "results/{profile}/export/{transfer}.{system}.{seed}.zip",
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/export_model.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/{system}/{seed}/export_model.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        experiments=EXPERIMENTS,
        digest=depends("structures", "decoding"),
        parts=options("parser", "parser_target", "relations", "detector", "extractor"),
        names=names_option,
    message:
        "Put {wildcards.system} of {wildcards.transfer}, seed {wildcards.seed}, into one file"
    shell:
        'cross2stra export-model --config "$PROFILE" --experiments {params.experiments} '
        "--transfer {wildcards.transfer} --system {wildcards.system} --seed {wildcards.seed} --model {input.model} "
        "--vocabulary {input.vocabulary} {params.parts} {params.names} --output {output} 2> {log}"
