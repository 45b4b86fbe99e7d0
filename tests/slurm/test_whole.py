"""The whole DAG of config/test.yaml through SLURM, with the four faults: it ends, and its results are those of a local run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import jobs
import records
from cluster import Cluster
from faults import Fault, cancel, restart_controller, run, run_out_of_time
from kills import comparable

PROFILE = Path(__file__).parent / "profile"
# The first attempt has too little memory and is killed for it.
HUNGRY = "train_generator:mem_mb=200 if attempt == 1 else 3000"


def test_the_whole_workflow_through_slurm(slurm: Cluster, tmp_path: Path) -> None:
    folder, local = tmp_path / "slurm", tmp_path / "local"
    folder.mkdir()
    shutil.copy(jobs.ROOT / "config" / "test.yaml", folder / "test.yaml")
    faults = [
        Fault("cancelled", "train", cancel),
        Fault("out of time", "visual_graphs", run_out_of_time),
        Fault("controller restarted", "caption", restart_controller),
    ]
    options = ["--workflow-profile", str(PROFILE), "--notemp", "--set-resources", HUNGRY]
    command = ["snakemake", "--snakefile", str(jobs.ROOT / "Snakefile"), "--configfile", "test.yaml", *options]
    ended = run(slurm, command, folder, faults, limit=3600)
    assert ended.status == 0, ended.said[-4000:]
    for fault in faults:
        assert fault.done, fault.name
        print(f"{fault.name}: {fault.done.comment}, job {fault.done.number}")
    for rule, number, state in re.findall(
        r"Error in rule (\w+):\s+message: SLURM-job '(\d+)' .*?status is: '(\w+)'", ended.said
    ):
        print(f"run again: {rule}, after job {number} was {state}")
    assert ended.said.count("Trying to restart job") >= 3  # cancelled, out of time, out of memory
    jobs.clean_run(local)
    made = [job for job in records.jobs(local) if comparable(job)]
    assert len(made) > 80
    print(f"{len(made)} jobs compared with those of a local run")
    assert {
        job.rule: jobs.differences(job, folder, local) for job in made if jobs.differences(job, folder, local)
    } == {}
