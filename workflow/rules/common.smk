"""What all rules share: the profile, the shell, the lock."""

import fcntl
import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, workflow.basedir)
from cross2stra.configuration import STAGES, Profile, read_experiments, read_profile, with_external
from cross2stra.configuration.digests import fingerprint

# A verb reads one file: no second one, no --config KEY=VALUE, could reach it, so both are refused.
if len(workflow.configfiles) != 1:
    raise WorkflowError(f"give one --configfile, not {len(workflow.configfiles)}: a profile is one YAML of config/")
CONFIG = os.path.relpath(workflow.configfiles[0])
"""`$PROFILE` of a shell line, no parameter: a copy under another name remakes nothing. What a rule reads of it is its digest."""
EXPERIMENTS = os.path.relpath(Path(workflow.basedir, "config/experiments.yaml"))
# Verbs read these files when they start, which may be days from now: one that finds them changed refuses (cli/__init__.py).
# A job that a cluster starts has the fingerprint of the run that sent it.
os.environ.setdefault("CROSS2STRA_READ", fingerprint(CONFIG, EXPERIMENTS))
try:
    profile = read_profile(CONFIG)
    experiments = read_experiments(EXPERIMENTS)
except ValueError as error:
    raise WorkflowError(str(error)) from error
if not profile.transfers:
    raise WorkflowError(f"{CONFIG}: field 'transfers': there is none; name one, as config/demo.yaml does")
if Profile.model_validate(config) != profile:
    raise WorkflowError(f"--config changes keys of {CONFIG} that verbs would not see: copy the file and change the copy")
for system in {*profile.systems, *(row for rows in profile.further.values() for row in rows)}:
    if system not in experiments:
        raise WorkflowError(f"{CONFIG}: field 'systems' or 'further': {system!r} is no row of {EXPERIMENTS}; add a row, or remove it")
try:
    profile, experiments = with_external(profile, experiments)
except ValueError as error:
    raise WorkflowError(f"{CONFIG}: field {error}") from error

TRAINED = [name for name, transfer in profile.transfers.items() if not transfer.models_of]
RUNS = profile.runs
WORLD = "results/{profile}/raw/world"

# `python` is the one that runs Snakemake, unless a conda environment is active (verb.sh is read after activation).
os.environ.update(
    PATH=os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", ""))),
    PROFILE=CONFIG,
    EXPERIMENTS=EXPERIMENTS,
    VERB=str(Path(workflow.basedir, "workflow/verb.sh")),
)
shell.prefix('set -euo pipefail; source "$VERB"; ')


wildcard_constraints:
    profile=re.escape(profile.profile),
    transfer="|".join(map(re.escape, profile.transfers)),
    system="|".join(map(re.escape, experiments)),
    seed=r"0|[1-9]\d*",
    stage="|".join((*STAGES, "caption")),
    language="en|zh",
    side="pivot|target",


# `priority`: the longest chain goes first, or a core is idle at the end. It begins with the extractor (30) and goes on with
# back-translation (20), then come the stages of training (10); captions, scores and checks find room between.
scattergather:
    shards=profile.structures.shards,


def hold_lock():
    """One run in a working directory: a lock that goes with the process, however it ends."""
    global LOCK
    LOCK = open(".snakemake/running", "w")
    try:
        fcntl.flock(LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise WorkflowError(f"another run is at work in {os.getcwd()}: wait for it, or stop it") from error
