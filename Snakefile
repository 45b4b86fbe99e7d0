# The whole paper as one DAG. The profile is one YAML of config/: snakemake --configfile config/mini.yaml …
from snakemake.utils import min_version, validate

min_version("9.0")

if not workflow.overwrite_configfiles:

    configfile: "config/demo.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/training_inputs.smk"
include: "workflow/rules/extractor_inputs.smk"
include: "workflow/rules/report_inputs.smk"


validate(config, "workflow/schemas/config.schema.yaml")


rule all:
    input:
        f"results/{profile.profile}/site",


rule tables:
    input:
        expand(f"results/{profile.profile}/tables/table{{number}}.md", number=(1, 2, 3, 4, 5)),


rule figures:
    input:
        f"results/{profile.profile}/figures",


# The paper's tables and figures by their numbers. Figures are drawn together, into one folder.
for number in range(1, 6):

    rule:
        name:
            f"table{number}"
        input:
            f"results/{profile.profile}/tables/table{number}.md",


for number in range(1, 11):

    rule:
        name:
            f"figure{number}"
        input:
            rules.figures.input,


rule report:
    input:
        f"results/{profile.profile}/site",


# Corpora, text and structures of every transfer: everything before the first trained system.
rule data:
    input:
        expand(f"results/{profile.profile}/corpora/{{transfer}}/counts.json", transfer=profile.transfers),
        expand(f"results/{profile.profile}/text/{{transfer}}/vocabulary.json", transfer=TRAINED),
        expand(f"results/{profile.profile}/structures/{{transfer}}/{{file}}.parquet", transfer=TRAINED, file=STRUCTURES),


# How good each extractor of structures is.
rule structures:
    input:
        f"results/{profile.profile}/structures/scores.csv",


include: "workflow/rules/download.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/structures.smk"
include: "workflow/rules/generation.smk"
include: "workflow/rules/extractors.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/caption.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/parts.smk"


if RECORDED:

    include: "workflow/rules/recorded.smk"


onstart:
    hold_lock()
