# A part of a long profile: the captions of a group of systems, or (group `all`) the scores of a transfer and seed,
# those of the test sets that the same checkpoints caption included. `make study PART=<transfer>/<seed>[/<group>]`
rule part:
    input:
        part_inputs,
    output:
        touch("results/{profile}/parts/{transfer}/{seed}/{group}.done"),
    wildcard_constraints: # what is none of the profile's is named by `part_inputs`
        transfer="[^/]+",
        group="[^/]+",
    message:
        "Part {wildcards.transfer}/{wildcards.seed}/{wildcards.group} is complete"


rule part_of_all_seeds:
    input:
        lambda wildcards: expand(
            "results/{{profile}}/parts/{{transfer}}/{seed}/all.done",
            seed=profile.seeds_of(wildcards.transfer) if wildcards.transfer in profile.transfers else profile.seeds,
        ),
    output:
        touch("results/{profile}/parts/{transfer}/all.done"),
    wildcard_constraints:
        transfer="[^/]+",
    message:
        "Part {wildcards.transfer} is complete"
