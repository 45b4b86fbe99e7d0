# Captions of an earlier run in place of training, where there is a record of them: `make study RECORDED=config/recorded/study`.
# What there is no record of is trained; a record of another configuration is refused.
ruleorder: recorded_captions > translate_captions > caption
ruleorder: recorded_diagnosis > diagnose
ruleorder: recorded_stage_scores > score_stage


rule recorded:
    input:
        record_file,
    output:
        directory("results/{profile}/recorded/{transfer}/{system}/{seed}"),
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/recorded.log",
    conda:
        "../envs/core.yaml"
    params:
        digest=lambda wildcards: captions_digest(profile, experiments, wildcards.transfer, wildcards.system),
    message:
        "Take the record of {wildcards.system} on {wildcards.transfer}, seed {wildcards.seed}"
    shell:
        "cross2stra restore --record {input:q} --digest {params.digest} --output {output} 2> {log}"


rule recorded_captions:
    input:
        rules.recorded.output,
    output:
        "results/{profile}/captions/{transfer}/{system}/{seed}.jsonl",
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/recorded_captions.log",
    conda:
        "../envs/core.yaml"
    message:
        "Recorded captions of {wildcards.system} on {wildcards.transfer}, seed {wildcards.seed}"
    shell:
        "cp {input}/captions.jsonl {output} 2> {log}"


rule recorded_diagnosis:
    input:
        rules.recorded.output,
    output:
        directory("results/{profile}/diagnosis/{transfer}/{system}/{seed}"),
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/recorded_diagnosis.log",
    conda:
        "../envs/core.yaml"
    message:
        "Recorded diagnosis of {wildcards.system} on {wildcards.transfer}, seed {wildcards.seed}"
    shell:
        "of_record {input}/diagnosis {output} 2> {log}"


rule recorded_stage_scores:
    input:
        rules.recorded.output,
    output:
        directory("results/{profile}/stages/{stage}/scores/{transfer}/{system}/{seed}"),
    log:
        "logs/{profile}/{transfer}/{system}/{seed}/recorded_scores.{stage}.log",
    conda:
        "../envs/core.yaml"
    message:
        "Recorded scores of {wildcards.system} on {wildcards.transfer}, seed {wildcards.seed}, after {wildcards.stage}"
    shell:
        "mkdir -p {output}; of_record {input}/{wildcards.stage}/scores.csv {output} 2> {log}"
