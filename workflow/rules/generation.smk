# From a pivot sentence's scene graph to a picture of it and what is seen in that: what L_PTB (Eq. 10) reads.


rule train_generator:
    input:
        captions=rules.tokenise.output.captions,
        language_graphs="results/{profile}/structures/{transfer}/language_graphs.parquet",
        visual_graphs="results/{profile}/structures/{transfer}/visual_graphs.parquet",
    output:
        directory("results/{profile}/external/{transfer}/generator"),
    log:
        "logs/{profile}/{transfer}/train_generator.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/train_generator.tsv"
    conda:
        "../envs/core.yaml"
    priority: 20
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("generator"),
        text=subpath(input.captions, parent=True),
    message:
        "Train the scene generator of {wildcards.transfer}: language graph to visual graph"
    shell:
        'cross2stra train-generator --config "$PROFILE" --text {params.text} '
        "--language-graphs {input.language_graphs} --visual-graphs {input.visual_graphs} --output {output} 2> {log}"


rule imagine_scenes:
    input:
        generator=rules.train_generator.output,
        pairs=rules.tokenise.output.pairs,
        vocabulary=rules.vocabulary.output,
        language_graphs="results/{profile}/structures/{transfer}/language_graphs.parquet",
    output:
        graphs=f"results/{{profile}}/structures/{{transfer}}/{IMAGINED}.parquet",
        counts=f"results/{{profile}}/structures/{{transfer}}/{IMAGINED}.parquet.counts.json",
    log:
        "logs/{profile}/{transfer}/imagine_scenes.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/imagine_scenes.tsv"
    conda:
        "../envs/core.yaml"
    priority: 20
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        digest=depends("generator"),
        pairs=profile.training.back_pairs,
        text=subpath(input.pairs, parent=True),
    message:
        "Imagine a scene for each pivot sentence of {wildcards.transfer}'s parallel text"
    shell:
        'cross2stra imagine-scenes --config "$PROFILE" --generator {input.generator} '
        "--text {params.text} --language-graphs {input.language_graphs} --output {output.graphs} 2> {log}"


rule train_pictures:
    input:
        captions=rules.tokenise.output.captions,
        images="results/{profile}/corpora/{transfer}/images.parquet",
        raw=raw,
        visual_graphs="results/{profile}/structures/{transfer}/visual_graphs.parquet",
    output:
        directory("results/{profile}/external/{transfer}/pictures"),
    log:
        "logs/{profile}/{transfer}/train_pictures.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/train_pictures.tsv"
    conda:
        "../envs/core.yaml"
    priority: 20
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        digest=depends("pictures"),
        raw=raw_folder,
        seed=profile.seeds[0],
        text=subpath(input.captions, parent=True),
    message:
        "Train the picture generator of {wildcards.transfer}: scene graph to layout to picture"
    shell:
        'cross2stra train-pictures --config "$PROFILE" --raw {params.raw} --text {params.text} '
        "--images {input.images} --visual-graphs {input.visual_graphs} --output {output} 2> {log}"


rule draw_pictures:
    input:
        unpack(drawing_inputs),
    output:
        directory("results/{profile}/structures/{transfer}/drawn/{scatteritem}"),
    log:
        "logs/{profile}/{transfer}/draw_pictures.{scatteritem}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/draw_pictures.{scatteritem}.tsv"
    conda:
        PAINTING_ENVIRONMENT
    priority: 20
    resources:
        mem_mb=3000,
        runtime=480,
    params:
        digest=depends("generator"),
        shard=shard_of,
        trained=options("pictures"),
    message:
        "Draw the imagined scenes of {wildcards.transfer}, part {wildcards.scatteritem}"
    shell:
        'cross2stra draw-pictures --config "$PROFILE" --transfer {wildcards.transfer} --scenes {input.scenes} '
        "{params.trained} --shard {params.shard} --output {output} 2> {log}"


rule generated_graphs:
    input:
        unpack(drawn_inputs),
    output:
        graphs=temp("results/{profile}/structures/{transfer}/shards/generated_graphs.{scatteritem}.parquet"),
        counts=temp("results/{profile}/structures/{transfer}/shards/generated_graphs.{scatteritem}.parquet.counts.json"),
    log:
        "logs/{profile}/{transfer}/generated_graphs.{scatteritem}.log",
    benchmark:
        "results/{profile}/benchmarks/{transfer}/generated_graphs.{scatteritem}.tsv"
    conda:
        VISUAL_ENVIRONMENT
    priority: 20
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        digest=depends(*VISUAL),
        raw=raw_folder,
        trained=options("extractor"),
    message:
        "Scene graphs of the drawn pictures of {wildcards.transfer}, part {wildcards.scatteritem}"
    shell:
        'cross2stra visual-graphs --config "$PROFILE" --transfer {wildcards.transfer} '
        "--images {input.pictures}/images.parquet --raw {params.raw} --pictures {input.pictures} {params.trained} "
        "--output {output.graphs} 2> {log}"
