"""A SLURM of one node on loopback: munge, controller and node daemon as processes of ours, their state in one folder.

Needs root and Debian's packages slurm-wlm and munge. Jobs of Snakemake's plugin look for the configuration at its default
place, so it is linked there; a configuration of somebody else is not touched. What is started here is stopped here.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM = Path("/etc/slurm")
FILES = ("slurm.conf", "cgroup.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
CONTROLLER_PORT, NODE_PORT = 26817, 26818
START, STOP = 30.0, 10.0
"""Seconds that a daemon has to come up, and to go."""


@dataclass(frozen=True)
class Job:
    """A job of the queue; the plugin writes its rule into the comment."""

    number: str
    state: str
    comment: str


@dataclass
class Cluster:
    """One node; `folder` holds keys, state and logs."""

    folder: Path
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Bring all up. Raises OSError where a program is missing, we are not root, or another SLURM is configured."""
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing or os.geteuid():
            raise OSError(f"needs root and {', '.join(missing or PROGRAMS)}: apt-get install slurm-wlm munge")
        for name in FILES:
            if (SYSTEM / name).exists() and not (SYSTEM / name).is_symlink():
                raise OSError(f"{SYSTEM / name} is another cluster's; this one is for machines without SLURM")
        for name in ("state", "spool", "log", "run"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        self._write()
        SYSTEM.mkdir(exist_ok=True)
        for name in FILES:
            (SYSTEM / name).unlink(missing_ok=True)
            (SYSTEM / name).symlink_to(self.folder / name)
        self._run(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/run/munge.sock",
            f"--pid-file={self.folder}/run/munged.pid", f"--seed-file={self.folder}/run/seed",
            f"--log-file={self.folder}/log/munged.log",
        )  # fmt: skip
        self._until("munged", lambda: (self.folder / "run/munge.sock").exists())
        self.start_controller()
        self._run("slurmd", "-D", "-N", socket.gethostname().split(".")[0])
        self._until("slurmd", lambda: _said("sinfo", "-h", "-o", "%t").strip() == "idle")

    def start_controller(self) -> None:
        """Start the controller, with the jobs that it knew when it went."""
        self._run("slurmctld", "-D")
        self._until("slurmctld", lambda: "is UP" in _said("scontrol", "ping"))

    def stop_controller(self) -> None:
        """Take the controller away; jobs run on."""
        self._end("slurmctld")

    def jobs(self) -> list[Job]:
        """Jobs that wait or run; none while there is no controller."""
        lines = _said("squeue", "-h", "-o", "%i|%T|%k").splitlines()
        return [Job(*line.split("|", 2)) for line in lines if line.count("|") >= 2]

    def pause(self, job: Job) -> None:
        """Stop a job's processes where they are, so that it runs out of time."""
        for line in _said("scontrol", "listpids", job.number).splitlines()[1:]:
            number = line.split()[0]
            if number.isdigit() and int(number) > 1:
                os.kill(int(number), signal.SIGSTOP)

    def stop(self) -> None:
        """End the daemons, newest first, and take our links away."""
        subprocess.run(["scancel", "--user=root"], check=False, capture_output=True, timeout=20)
        for name in reversed(list(self.daemons)):
            self._end(name)
        for name in FILES:
            if (SYSTEM / name).is_symlink() and (SYSTEM / name).resolve().parent == self.folder.resolve():
                (SYSTEM / name).unlink()

    def _run(self, name: str, *options: str) -> None:
        with (self.folder / "log" / f"{name}.out").open("ab") as log:
            self.daemons[name] = subprocess.Popen([name, *options], stdout=log, stderr=log, start_new_session=True)

    def _until(self, name: str, ready: Callable[[], bool]) -> None:
        limit = time.monotonic() + START
        while not ready():
            if self.daemons[name].poll() is not None or time.monotonic() > limit:
                said = (self.folder / "log" / f"{name}.out").read_text("utf-8", "replace")[-500:]
                raise OSError(f"{name} did not come up in {START:.0f} s: {said}")
            time.sleep(0.1)

    def _end(self, name: str) -> None:
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(STOP)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _write(self) -> None:
        host = socket.gethostname().split(".")[0]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 - 1024
        settings = {
            "ClusterName": "test",
            "SlurmctldHost": f"{host}(127.0.0.1)",
            "SlurmUser": "root",
            "SlurmdUser": "root",
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={self.folder}/run/munge.sock",
            "SlurmctldPort": CONTROLLER_PORT,
            "SlurmdPort": NODE_PORT,
            "CommunicationParameters": "NoCtldInAddrAny,NoInAddrAny",
            "StateSaveLocation": self.folder / "state",
            "SlurmdSpoolDir": self.folder / "spool",
            "SlurmctldPidFile": self.folder / "run/slurmctld.pid",
            "SlurmdPidFile": self.folder / "run/slurmd.pid",
            "SlurmctldLogFile": self.folder / "log/slurmctld.log",
            "SlurmdLogFile": self.folder / "log/slurmd.log",
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "SwitchType": "switch/none",
            "MpiDefault": "none",
            "ReturnToService": 2,
            "SlurmdParameters": "config_overrides",
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_CPU_Memory",
            "SchedulerParameters": "sched_interval=1,bf_interval=1",
            "JobAcctGatherType": "jobacct_gather/linux",
            "JobAcctGatherFrequency": 1,
            "JobAcctGatherParams": "OverMemoryKill",
            "AccountingStorageType": "accounting_storage/none",
            "MinJobAge": 600,
            "KillWait": 5,
        }
        lines = [f"{name}={value}" for name, value in settings.items()]
        lines.append(f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory={memory} State=UNKNOWN")
        lines.append(f"PartitionName=main Nodes={host} Default=YES MaxTime=1-00:00:00 DefMemPerCPU=1024 State=UP")
        (self.folder / "slurm.conf").write_text("\n".join(lines) + "\n", "utf-8")
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n", "utf-8")


def _said(*command: str) -> str:
    """What a command of SLURM prints; nothing where the controller does not answer."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout if done.returncode == 0 else ""


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that is up, and gone afterwards."""
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
