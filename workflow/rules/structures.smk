# The three structures under one contract: trees (SC), language scene graphs (LSG), visual scene graphs (VSG).


rule train_parser:
    input:
        raw=raw,
    output:
        directory("results/{profile}/structures/parsers/{language}"),
    log:
        "logs/{profile}/train_parser.{language}.log",
    benchmark:
        "results/{profile}/benchmarks/train_parser.{language}.tsv"
    conda:
        "../envs/parsing.yaml"
    priority: 20
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("structures.parser"),
        raw=raw_folder,
        seed=profile.seeds[0],
    message:
        "Train the {wildcards.language} constituency parser"
    shell:
        'cross2stra train-parser --config "$PROFILE" --language {wildcards.language} --raw {params.raw} '
        "--output {output} 2> {log}"


rule parse:
    input:
        raw=raw,
        parser=parser_of_side,
        captions=rules.tokenise.output.captions,
        pairs=rules.tokenise.output.pairs,
    output:
        trees=temp("results/{profile}/structures/{transfer}/shards/trees.{side}.{scatteritem}.parquet"),
        counts=temp("results/{profile}/structures/{transfer}/shards/trees.{side}.{scatteritem}.parquet.counts.json"),
    log:
        "logs/{profile}/{transfer}/parse.{side}.{scatteritem}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/parse.{side}.{scatteritem}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("structures.syntax"),
        language=language_of_side,
        raw=raw_folder,
        shard=shard_of,
        text=subpath(input.captions, parent=True),
    message:
        "Parse the {wildcards.side} sentences of {wildcards.transfer}, part {wildcards.scatteritem}"
    shell:
        'cross2stra parse --config "$PROFILE" --language {params.language} --parser {input.parser} '
        "--text {params.text} --side {wildcards.side} --raw {params.raw} --shard {params.shard} "
        "--output {output.trees} 2> {log}"


rule read_grammar:
    input:
        raw=raw,
    output:
        directory("results/{profile}/structures/grammars/{language}"),
    log:
        "logs/{profile}/read_grammar.{language}.log",
    benchmark:
        "results/{profile}/benchmarks/read_grammar.{language}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        raw=raw_folder,
    message:
        "Read the {wildcards.language} grammar off annotated derivations"
    shell:
        "cross2stra read-grammar --language {wildcards.language} --raw {params.raw} --output {output} 2> {log}"


rule language_graphs:
    input:
        raw=raw,
        captions=rules.tokenise.output.captions,
        pairs=rules.tokenise.output.pairs,
    output:
        graphs=temp("results/{profile}/structures/{transfer}/shards/language_graphs.{scatteritem}.parquet"),
        counts=temp("results/{profile}/structures/{transfer}/shards/language_graphs.{scatteritem}.parquet.counts.json"),
    log:
        "logs/{profile}/{transfer}/language_graphs.{scatteritem}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/language_graphs.{scatteritem}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends(*LANGUAGE),
        raw=raw_folder,
        shard=shard_of,
        text=subpath(input.captions, parent=True),
    message:
        "Scene graphs of the pivot sentences of {wildcards.transfer}, part {wildcards.scatteritem}"
    shell:
        'cross2stra language-graphs --config "$PROFILE" --transfer {wildcards.transfer} --text {params.text} '
        "--raw {params.raw} --shard {params.shard} --output {output.graphs} 2> {log}"


rule train_relations:
    input:
        raw=raw,
    output:
        directory("results/{profile}/structures/relations"),
    log:
        "logs/{profile}/train_relations.log",
    benchmark:
        "results/{profile}/benchmarks/train_relations.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        seed=profile.seeds[0],
        raw=raw_folder,
    message:
        "Learn which relation two boxes stand in"
    shell:
        'cross2stra train-relations --config "$PROFILE" --raw {params.raw} --output {output} 2> {log}'


rule train_extractor:
    input:
        raw=raw,
    output:
        directory("results/{profile}/structures/extractor"),
    log:
        "logs/{profile}/train_extractor.log",
    benchmark:
        "results/{profile}/benchmarks/train_extractor.tsv"
    conda:
        VISUAL_ENVIRONMENT
    priority: 30
    resources:
        mem_mb=6000,
        runtime=240,
    params:
        digest=depends("structures.extractor"),
        raw=raw_folder,
        seed=profile.seeds[0],
    message:
        "Learn to see: regions, their attributes and relations, from annotated pictures"
    shell:
        'cross2stra train-extractor --config "$PROFILE" --raw {params.raw} --output {output} 2> {log}'


rule visual_graphs:
    input:
        unpack(visual_inputs),
    output:
        graphs=temp("results/{profile}/structures/{transfer}/shards/visual_graphs.{scatteritem}.parquet"),
        counts=temp("results/{profile}/structures/{transfer}/shards/visual_graphs.{scatteritem}.parquet.counts.json"),
    log:
        "logs/{profile}/{transfer}/visual_graphs.{scatteritem}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/visual_graphs.{scatteritem}.tsv"
    conda:
        VISUAL_ENVIRONMENT
    priority: 20
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        digest=depends(*VISUAL),
        raw=raw_folder,
        shard=shard_of,
        trained=options("relations", "extractor"),
    message:
        "Scene graphs of the pictures of {wildcards.transfer}, part {wildcards.scatteritem}"
    shell:
        'cross2stra visual-graphs --config "$PROFILE" --transfer {wildcards.transfer} --images {input.images} '
        "--raw {params.raw} {params.trained} --shard {params.shard} --output {output.graphs} 2> {log}"


rule gather:
    input:
        part=gather.shards("results/{{profile}}/structures/{{transfer}}/shards/{{table}}.{scatteritem}.parquet"),
        counts=gather.shards(
            "results/{{profile}}/structures/{{transfer}}/shards/{{table}}.{scatteritem}.parquet.counts.json"
        ),
    output:
        table="results/{profile}/structures/{transfer}/{table}.parquet",
        counts="results/{profile}/structures/{transfer}/{table}.parquet.counts.json",
    log:
        "logs/{profile}/{transfer}/gather.{table}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/gather.{table}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    wildcard_constraints:
        table="|".join(map(re.escape, GATHERED)),
    params:
        parts=options("part"),
    message:
        "Put the parts of {wildcards.table} of {wildcards.transfer} into one table"
    shell:
        "cross2stra gather {params.parts} --output {output.table} 2> {log}"


# The annotations where the profile's own graphs are extracted: what a bound's captions are made from.
rule annotated_visual_graphs:
    input:
        images="results/{profile}/corpora/{transfer}/images.parquet",
        raw=raw,
    output:
        graphs="results/{profile}/structures/{transfer}/annotated/visual_graphs.parquet",
        counts="results/{profile}/structures/{transfer}/annotated/visual_graphs.parquet.counts.json",
    log:
        "logs/{profile}/{transfer}/annotated_visual_graphs.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/annotated_visual_graphs.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        digest=depends(*VISUAL),
        raw=raw_folder,
    message:
        "Annotated scene graphs of the pictures of {wildcards.transfer}"
    shell:
        'cross2stra visual-graphs --config "$PROFILE" --transfer {wildcards.transfer} --images {input.images} '
        "--raw {params.raw} --annotated --output {output.graphs} 2> {log}"


rule annotated_language_graphs:
    input:
        raw=raw,
        captions=rules.tokenise.output.captions,
        pairs=rules.tokenise.output.pairs,
    output:
        graphs="results/{profile}/structures/{transfer}/annotated/language_graphs.parquet",
        counts="results/{profile}/structures/{transfer}/annotated/language_graphs.parquet.counts.json",
    log:
        "logs/{profile}/{transfer}/annotated_language_graphs.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/annotated_language_graphs.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends(*LANGUAGE),
        raw=raw_folder,
        text=subpath(input.captions, parent=True),
    message:
        "Annotated scene graphs of the pivot sentences of {wildcards.transfer}"
    shell:
        'cross2stra language-graphs --config "$PROFILE" --transfer {wildcards.transfer} --text {params.text} '
        "--raw {params.raw} --annotated --output {output.graphs} 2> {log}"


# Where a sentence has no derivation, noise among the parallel text, the parser's tree stands in and is counted.
rule annotated_trees:
    input:
        raw=raw,
        parser=parser_of_side,
        captions=rules.tokenise.output.captions,
        pairs=rules.tokenise.output.pairs,
    output:
        trees="results/{profile}/structures/{transfer}/annotated/trees.{side}.parquet",
        counts="results/{profile}/structures/{transfer}/annotated/trees.{side}.parquet.counts.json",
    log:
        "logs/{profile}/{transfer}/annotated_trees.{side}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/annotated_trees.{side}.tsv"
    conda:
        "../envs/parsing.yaml"
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("structures.syntax"),
        language=language_of_side,
        raw=raw_folder,
        text=subpath(input.captions, parent=True),
    message:
        "Annotated trees of the {wildcards.side} sentences of {wildcards.transfer}"
    shell:
        'cross2stra parse --config "$PROFILE" --language {params.language} --parser {input.parser} '
        "--text {params.text} --side {wildcards.side} --raw {params.raw} --annotated --output {output.trees} 2> {log}"
