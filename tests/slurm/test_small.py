"""The four faults on a workflow of seconds: what they do to jobs, and that the workflow ends well all the same."""

from __future__ import annotations

from pathlib import Path

from cluster import Cluster
from faults import Fault, cancel, restart_controller, run, run_out_of_time

PROFILE = Path(__file__).parent / "profile"
WORKFLOW = """
rule all:
    input: expand("{rule}.txt", rule=["cancelled", "late", "hungry", "through"])


rule cancelled:
    output: "cancelled.txt"
    resources: mem_mb=200, runtime=5
    shell: "sleep 5; echo {resources.mem_mb} > {output}"


rule late:
    output: "late.txt"
    resources: mem_mb=200, runtime=lambda wildcards, attempt: 5 * attempt
    shell: "sleep 5; echo {resources.runtime} > {output}"


rule hungry:
    output: "hungry.txt"
    resources: mem_mb=lambda wildcards, attempt: 100 * attempt ** 2, runtime=5
    shell: "python3 -c 'import time; a = bytearray(200_000_000); time.sleep(6)'; echo {resources.mem_mb} > {output}"


rule through:
    output: "through.txt"
    resources: mem_mb=200, runtime=5
    shell: "sleep 5; echo {resources.mem_mb} > {output}"
"""


def test_each_fault_is_survived(slurm: Cluster, tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(WORKFLOW, "utf-8")
    faults = [
        Fault("cancelled", "cancelled", cancel),
        Fault("out of time", "late", run_out_of_time),
        Fault("controller restarted", "through", restart_controller),
    ]
    ended = run(slurm, ["snakemake", "--workflow-profile", str(PROFILE)], tmp_path, faults, limit=900)
    assert ended.status == 0, ended.said
    assert all(fault.done for fault in faults)
    assert (tmp_path / "cancelled.txt").read_text().strip() == "200"
    assert (tmp_path / "late.txt").read_text().strip() == "10"  # the second attempt
    assert (tmp_path / "hungry.txt").read_text().strip() in ("400", "900")  # the first had too little
    assert ended.said.count("Trying to restart job") >= 3
