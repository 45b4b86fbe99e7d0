"""Faults of files: a disk that is full or read-only, downloads that arrive damaged, a state that is torn."""

from __future__ import annotations

import csv
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jobs import contents, differences, finish, job_of, remove, restore, start_to_a_state, variant, whole
from kills import Trial, kill_group
from records import Job

from cross2stra.data.sources import Source

SMALL = 4
"""KiB that a file may have, where the disk is full."""


def _ends_well(fault: str, job: Job, number: int, folder: Path, clean: Path, told: str, left: bool) -> Trial:
    """Run a job again, now without the fault. `told`: the error that the fault ended in, empty where there was none."""
    remove(job, folder)
    status, said = finish(job, folder)
    differ = differences(job, folder, clean)
    restore(job, folder, clean)
    fine = left and bool(told) and status == 0 and not differ
    return Trial(
        fault, job.rule, number, 0, left and bool(told), status == 0, not differ, told + said[-600:] * (not fine)
    )


def _error(said: str) -> str:
    """The one sentence that a verb ended with, or nothing."""
    return next((line for line in said.splitlines() if line.startswith("error: ")), "")


def full_disk(clean: Path, folder: Path) -> list[Trial]:
    """No file may grow beyond a few KiB, as on a disk that has no more room."""
    rules = ("corpora", "dictionary", "filter", "tokenise", "language_graphs", "train", "caption", "world")
    trials = []
    for number, rule in enumerate(rules):
        job = job_of(clean, rule, "cross2stra" if rule == "train" else "")
        remove(job, folder)
        # The shell ignores the signal, and its child inherits that: writing fails as on a full disk, with an error.
        status, said = finish(job, folder, before=f"trap '' XFSZ; ulimit -f {SMALL};")
        left = whole(job, folder, clean)
        trials.append(_ends_well("full disk", job, number, folder, clean, _error(said) if status else "", left))
    return trials


def read_only_results(clean: Path, folder: Path) -> list[Trial]:
    """The results' folder cannot be written; root could, so without that right."""
    trials = []
    for number, rule in enumerate(("filter", "vocabulary", "caption")):
        job = job_of(clean, rule)
        remove(job, folder)
        places = {(folder / output).parent for output in job.outputs}
        for place in places:
            place.chmod(0o555)
        who = "setpriv --bounding-set=-dac_override --inh-caps=-dac_override" if os.geteuid() == 0 else ""
        # The log is the shell's, which may write; the verb may not.
        status, said = finish(job, folder, before=f'python() {{ command {who} python "$@"; }};')
        for place in places:
            place.chmod(0o755)
        left = whole(job, folder, clean)
        trials.append(_ends_well("read-only results", job, number, folder, clean, _error(said) if status else "", left))
    return trials


def torn_checkpoint(clean: Path, folder: Path, tries: int = 3) -> list[Trial]:
    """A stage is killed once it has a state, and the newest state is cut in its middle."""
    trials = []
    job = job_of(clean, "train", "--system cross2stra --seed 1 --stage joint")
    for number in range(tries):
        process, working = start_to_a_state(job, folder)
        if process.poll() is None:
            kill_group(process)
        newest = max(working.glob("state-*.safetensors"), default=None)
        told = ""
        if newest:
            data = newest.read_bytes()
            newest.write_bytes(data[: len(data) * (number + 1) // (tries + 1)])
            told = f"{newest.name} torn"
        left = whole(job, folder, clean)
        trials.append(_ends_well("torn checkpoint", job, number, folder, clean, told, left))
    return trials


BODY = b"".join(b"a line of raw text, the %dth\n" % number for number in range(5000))


def _flipped(data: bytes) -> bytes:
    """One bit of a byte in the first half is another."""
    place = len(data) // 3
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], float]] = {
    "cut in the middle": (bytes, 0.5),
    "cut before the last byte": (bytes, 1 - 1e-6),
    "cut at its origin": (lambda data: data[: len(data) // 2], 1),
    "empty": (lambda data: b"", 1),
    "a bit flipped": (_flipped, 1),
    "a bit flipped, then cut": (_flipped, 0.5),
    "another page": (lambda data: b"<html>Sign in</html>", 1),
}
"""What is served in place of a file, and the share of it after which the connection breaks."""


@contextmanager
def _server() -> Iterator[ThreadingHTTPServer]:
    """A server on loopback whose `serves` is one of DAMAGES, or (bytes, 1) for the file as it is."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            damage, share = server.serves  # type: ignore[attr-defined]
            body, asked = damage(BODY), self.headers.get("Range", "")
            begin = int(asked.removeprefix("bytes=").rstrip("-") or 0)
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(body) - begin))
            self.end_headers()
            self.wfile.write(body[begin : int(len(body) * share)])

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def damaged_downloads(clean: Path, folder: Path) -> list[Trial]:
    """A raw file comes cut, with a flipped bit, or another in its place; then the server is well again."""
    trials = []
    with _server() as server:
        digest = hashlib.sha256(BODY).hexdigest()
        url = f"http://127.0.0.1:{server.server_port}/x.txt"
        row = asdict(Source("x.txt", "upstream", "", "world", url, "", "", str(len(BODY)), digest, "MIT", ""))
        with (folder / "downloads.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerow(row)
        config = variant(folder, "downloads", sources={"table": "downloads.csv"})
        output = "results/downloads/x.txt"
        command = f"cross2stra download --config {config} --name x.txt --output {output}"
        job = Job("download", command, (), (output,), 0, 0)
        for number, (name, serves) in enumerate(DAMAGES.items()):
            remove(job, folder)
            server.serves = serves  # type: ignore[attr-defined]
            status, told = finish(job, folder)
            left = contents(folder / output) is None
            server.serves = (bytes, 1)  # type: ignore[attr-defined]
            again, said = finish(job, folder)
            equal = again == 0 and (folder / output).read_bytes() == BODY
            fine = bool(status) and left and bool(_error(told))
            reason = _error(told) if fine and equal else told + said
            trials.append(Trial("damaged download", name, number, 0, fine, again == 0, equal, reason))
    return trials
