# Raw data: the generated world, or the files of config/sources.csv.


rule world:
    output:
        directory("results/{profile}/raw/world"),
    log:
        "logs/{profile}/world.log",
    benchmark:
        "results/{profile}/benchmarks/world.tsv"
    conda:
        "../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        digest=depends("world"),
    message:
        "Generate the picture world: pictures, captions in both languages, parallel text, gold structures"
    shell:
        'cross2stra world --config "$PROFILE" --output {output} 2> {log}'


rule download:
    output:
        "results/{profile}/raw/files/{name}",
    wildcard_constraints:
        name=r"\w[\w.-]*",
    log:
        "logs/{profile}/download/{name}.log",
    benchmark:
        "results/{profile}/benchmarks/download/{name}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=500,
        runtime=720,
    params:
        digest=depends("sources"),
        row=lambda wildcards: source_row(wildcards.name),
    message:
        "Fetch {wildcards.name} and check its bytes and sha256"
    shell:
        'cross2stra download --config "$PROFILE" --name {wildcards.name} --output {output} 2> {log}'


rule photos:
    output:
        directory("results/{profile}/raw/photos"),
    log:
        "logs/{profile}/photos.log",
    benchmark:
        "results/{profile}/benchmarks/photos.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=500,
        runtime=60,
    params:
        digest=depends("sources"),
        row=source_row("flickr8k_photos"),
    message:
        "Fetch the photos that have annotated boxes"
    shell:
        'cross2stra download --config "$PROFILE" --name flickr8k_photos --output {output} 2> {log}'
