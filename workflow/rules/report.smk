# Tables, figures and the page, from scores, captions and training logs; forms of the human study, and what raters saved.


rule rating_forms:
    input:
        unpack(form_inputs),
    output:
        directory("results/{profile}/ratings/form"),
    log:
        "logs/{profile}/rating_forms.log",
    benchmark:
        "results/{profile}/benchmarks/rating_forms.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        digest=depends("evaluation", "ratings"),
        results=lambda wildcards: f"results/{wildcards.profile}",
    message:
        "Write the forms of the human study"
    shell:
        'cross2stra ratings make --config "$PROFILE" --results {params.results} --output {output} 2> {log}'


rule ingest_ratings:
    input:
        rating_files,
    output:
        directory("results/{profile}/ratings/answers"),
    log:
        "logs/{profile}/ingest_ratings.log",
    benchmark:
        "results/{profile}/benchmarks/ingest_ratings.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        digest=depends("evaluation"),
        folder=profile.ratings.folder,
    message:
        "Read what raters saved"
    shell:
        'cross2stra ratings ingest --config "$PROFILE" --answers {params.folder:q} --output {output} 2> {log}'


rule make_tables:
    input:
        unpack(table_inputs),
    output:
        expand("results/{{profile}}/tables/table{number}.{kind}", number=(1, 2, 3, 4, 5), kind=("csv", "md", "tex")),
        html=[
            report(
                f"results/{{profile}}/tables/table{number}.html",
                caption="../report/tables.rst",
                category="Tables",
                labels={"table": str(number)},
            )
            for number in (1, 2, 3, 4, 5)
        ],
    log:
        "logs/{profile}/tables.log",
    benchmark:
        "results/{profile}/benchmarks/tables.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        experiments=EXPERIMENTS,
        rows=PRINTED,
        digest=depends("evaluation"),
        folder=lambda wildcards, output: os.path.dirname(output.html[0]),
    message:
        "Print the tables, the paper's numbers beside ours"
    shell:
        'cross2stra tables --config "$PROFILE" --experiments {params.experiments} --scores {input.scores} '
        "--output {params.folder} 2> {log}"


rule make_figures:
    input:
        unpack(figure_inputs),
    output:
        report(
            directory("results/{profile}/figures"),
            patterns=["figure{name}.svg"],
            caption="../report/figures.rst",
            category="Figures",
            labels={"figure": "{name}"},
        ),
    log:
        "logs/{profile}/figures.log",
    benchmark:
        "results/{profile}/benchmarks/figures.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        experiments=EXPERIMENTS,
        rows=PRINTED,
        digest=depends("evaluation"),
    message:
        "Draw the figures"
    shell:
        'cross2stra figures --config "$PROFILE" --experiments {params.experiments} '
        "--stage-scores {input.stage_scores} --output {output} 2> {log}"


rule make_site:
    input:
        world_structure_scores,
        rating_forms_of,
        tables=rules.make_tables.output.html,
        figures=rules.make_figures.output,
        scores=rules.collect_scores.output,
        documentation=DOCUMENTATION,
    output:
        report(
            directory("results/{profile}/site"),
            htmlindex="index.html",
            caption="../report/site.rst",
            category="Page",
            labels={"part": "tables, figures, pictures, documentation"},
        ),
    log:
        "logs/{profile}/site.log",
    benchmark:
        "results/{profile}/benchmarks/site.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        experiments=EXPERIMENTS,
        rows=PRINTED,
        tables=lambda wildcards, input: os.path.dirname(input.tables[0]),
        documentation=options("documentation"),
    message:
        "Build the page results/{wildcards.profile}/site/index.html"
    shell:
        'cross2stra site --config "$PROFILE" --experiments {params.experiments} --tables {params.tables} '
        "--figures {input.figures} {params.documentation} --output {output} 2> {log}"
