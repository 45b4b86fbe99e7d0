# A part of a long profile: the captions of a group of systems, or (group `all`) the scores of a transfer and seed,
# those of the test sets that the same checkpoints caption included. `make study PART=<transfer>/<seed>[/<group>]`
rule part:
    input:
        part_inputs,
    output:
        touch("results/{profile}/parts/{transfer}/{seed}/{group}.done"),
    message:
        "Part {wildcards.transfer}/{wildcards.seed}/{wildcards.group} is complete"


rule part_of_all_seeds:
    input:
        lambda wildcards: expand(
            "results/{{profile}}/parts/{{transfer}}/{seed}/all.done", seed=profile.seeds_of(wildcards.transfer)
        ),
    output:
        touch("results/{profile}/parts/{transfer}/all.done"),
    message:
        "Part {wildcards.transfer} is complete"
