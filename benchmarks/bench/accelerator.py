"""Updates at the paper's width on a GPU: examples a second, the share of the device's rate, and what takes the time.

python benchmarks/bench/accelerator.py --output results/bench/accelerator
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import paper_scale
import torch
import typer
from accelerate.state import AcceleratorState
from harness import seconds
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from cross2stra.configuration import STAGES, Compute, Profile, read_profile
from cross2stra.data.files import write_json
from cross2stra.model.decoding import beam_search
from cross2stra.model.layers import DecoderLayer, EncoderLayer
from cross2stra.training import processes
from cross2stra.training.corpus import TransferData
from cross2stra.training.loop import Plan, optimizer_of, run
from cross2stra.training.pseudo import FlatTrees
from cross2stra.training.stages import PivotStage

LOSSES = ["cap", "tran", "cma", "cla", "ipb", "ptb"]
FEATURES = 2048
"""Numbers of a region (A.1)."""


def rate_of_products(device: str, size: int) -> float:
    """Operations a second of bfloat16 matrix products, median of ten on random numbers."""
    a, b = (torch.randn(size, size, dtype=torch.bfloat16, device=device) for _ in range(2))
    times = []
    for _ in range(13):
        began = seconds(device)
        a @ b
        times.append(seconds(device) - began)
    return 2 * size**3 / statistics.median(times[3:])


@dataclass
class Watched:
    """A stage that notes when each update begins, and what the middle ones do."""

    stage: PivotStage
    device: str
    observe: tuple[int, int] = (0, 0)
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    seen: list[dict[str, float]] = field(default_factory=list)
    operations: float = 0.0
    _profiler: Any = None

    @property
    def model(self) -> nn.Module:
        return self.stage.model

    @property
    def account(self) -> dict[str, float]:
        return {}

    def prepare(self, step: int) -> bool | None:
        self.ended.append(seconds(self.device))  # what stages 3 and 4 prepare is dear, but done 27 times a stage
        good = self.stage.prepare(step)
        self.began.append(seconds(self.device))
        if step == self.observe[0] < self.observe[1]:
            kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if self.device == "cuda" else [])]
            self._profiler = profile(activities=kinds)
            self._profiler.start()
        if step == self.observe[1] and self._profiler:
            self._profiler.stop()
        return good

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        found = self.stage.losses(step)
        self.seen.append({name: float(value.detach()) for name, (_, value) in found[0].items()})
        return found

    def update(self) -> float:
        """Seconds of an update, median of those that nothing was observed in, the first ones left out."""
        each = [after - before for before, after in zip(self.began, self.ended[1:], strict=False)]
        return statistics.median(each[3 : self.observe[0] or None])

    def doing(self) -> dict[str, object]:
        """Where the observed updates' time goes: kernels of the device, calls of the CPU, milliseconds an update."""
        updates = self.observe[1] - self.observe[0]
        kernels: Counter[str] = Counter()
        calls: Counter[str] = Counter()
        launched = 0
        for event in self._profiler.key_averages():
            if event.self_device_time_total and not event.key.startswith(("aten::", "autograd::", "Optimizer.")):
                kernels[event.key[:70]] += event.self_device_time_total / 1000 / updates
                launched += event.count
            calls[event.key[:70]] += event.self_cpu_time_total / 1000 / updates
        return {
            "device_ms": sum(kernels.values()),
            "kernels": launched / updates,
            "kernels_ms": dict(kernels.most_common(12)),
            "calls_ms": dict(calls.most_common(16)),
        }


@cache
def drawn(config: Path, small: bool, rows: int) -> TransferData:
    """The data, made once."""
    return paper_scale.corpus(
        settings_of(config, small, 8), rows, 8 if small else FEATURES, 6 if small else paper_scale.REGIONS
    )


def settings_of(config: Path, small: bool, batch: int, workers: int = 0, **training: object) -> Profile:
    """The profile with this batch and sizes; `small`: what a CPU does in seconds."""
    settings = read_profile(config)
    changes = {
        "batch": batch,
        "back_agreement": 0.0,
        "save_every": 10**9,
        "code_speak": 1e9,
        "refreshes": 1,
        "back_pairs": 256,
    } | training
    compute = settings.compute.model_copy(update={"workers": workers})
    found = settings.model_copy(
        update={
            "training": settings.training.model_copy(update=changes),
            "compute": compute,
            "decoding": settings.decoding.model_copy(update={"max_tokens": 20}),  # what is not trained never ends
        }
    )
    if not small:
        return found
    model = settings.model.model_copy(update={"d_model": 64, "feed_forward": 128, "decoder_layers": 2})
    text = settings.text.model_copy(update={"max_words": 300, "max_tokens": 20})
    return found.model_copy(update={"model": model, "text": text})


@dataclass(frozen=True)
class Run:
    """Some updates of a stage. `observed`: how many of the last ones go through the profiler."""

    settings: Profile
    data: TransferData
    stage: str
    device: str
    updates: int
    observed: int = 0
    small: bool = False
    compiled: bool = False

    def __call__(self) -> Watched:
        """Train, and count the operations of one more update."""
        AcceleratorState._reset_state(reset_partial_state=True)  # several settings in one process
        compute, training = Compute(device=self.device), self.settings.training  # type: ignore[arg-type]
        accelerator = processes.start(training, compute)
        back = paper_scale.back_translator(self.data, self.small) if self.stage in ("back_translate", "joint") else None
        with tempfile.TemporaryDirectory() as folder:
            model, plan = paper_scale.model_of(self.settings, self.data), Plan(self.stage, self.updates, 0, 1)
            if self.compiled:
                for part in model.modules():
                    if isinstance(part, DecoderLayer | EncoderLayer):
                        part.compile(dynamic=True)
            stage = PivotStage(model, self.data, self.settings, LOSSES, plan, Path(folder), FlatTrees(), back)
            observe = (self.updates - self.observed, self.updates) if self.observed else (0, 0)
            watched = Watched(stage, self.device, observe)
            run(watched, plan, training, Path(folder), optimizer_of(model, training), accelerator)
            if not self.compiled:
                with FlopCounterMode(display=False) as counter, torch.autocast(self.device, torch.bfloat16):
                    torch.stack([v for _, v in stage.losses(self.updates - 1)[0].values()]).sum().backward()
                watched.operations = counter.get_total_flops()
            stage.ahead.close()
        return watched


def agreement(config: Path, device: str, output: Path) -> None:
    """Losses of the CPU and of the device, update by update, in float32 and without dropout."""
    found: dict[str, list[dict[str, float]]] = {}
    for name in STAGES:
        for where in ("cpu", device):
            torch.set_default_device(where)
            settings = settings_of(config, True, 16, precision="float32", warm_up=5, learning_rate=1e-3)
            settings = settings.model_copy(update={"model": settings.model.model_copy(update={"dropout": 0.0})})
            found[f"{name} {where}"] = Run(settings, drawn(config, True, 64), name, where, 12, small=True)().seen
        own, other = found[f"{name} cpu"], found[f"{name} {device}"]
        for until in (1, 4, 12):
            worst = {
                loss: max(abs(a[loss] - b[loss]) / abs(a[loss]) for a, b in zip(own[:until], other, strict=False))
                for loss in own[0]
            }
            said = ", ".join(f"{loss} {value:.1e}" for loss, value in worst.items())
            print(f"agreement {name}, {until} updates: {said}", flush=True)
    write_json(output / "agreement.json", found)


def main(
    output: Annotated[Path, typer.Option(help="Folder for the numbers.")],
    config: Annotated[Path, typer.Option(help="Profile with the widths.")] = Path("config/paper.yaml"),
    device: Annotated[str, typer.Option(help="cuda or cpu.")] = "cuda",
    small: Annotated[bool, typer.Option(help="Tiny sizes, to try the script itself.")] = False,
    only: Annotated[
        str, typer.Option(help="Parts, apart by commas: agreement, stages, batches, compiled, captions.")
    ] = "",
    updates: Annotated[int, typer.Option(help="Updates of each stage.")] = 24,
    batches: Annotated[str, typer.Option(help="Batches of the first stage.")] = "64,256,1024",
    workers: Annotated[int, typer.Option(help="Processes that make batches ahead.")] = 4,
) -> None:
    """Measure and print; everything in detail goes to `output`."""
    parts = set(only.split(",")) if only else {"agreement", "stages", "batches", "captions"}
    output.mkdir(parents=True, exist_ok=True)
    processes.use(device)
    peak = rate_of_products(device, 256 if small else 8192)
    print(f"{device}: bfloat16 products at {peak / 1e12:.1f} T operations/s", flush=True)
    rows: list[dict[str, object]] = []
    pictures = 256 if small else 2048

    def note(name: str, batch: int, observed: int = 0, compiled: bool = False) -> None:
        settings = settings_of(config, small, batch, workers)
        if device == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        data = drawn(config, small, pictures)
        watched = Run(settings, data, name, device, updates, observed, small, compiled)()
        each = watched.update()
        row = {
            "stage": name,
            "batch": batch,
            "compiled": compiled,
            "ms": 1000 * each,
            "examples_per_s": batch / each,
            "share_of_rate": watched.operations / each / peak,
            "operations": watched.operations,
            "memory_gb": torch.cuda.max_memory_allocated() / 1e9 if device == "cuda" else 0.0,
        }
        print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}), flush=True)
        if observed:
            row |= watched.doing()
            print(f"  device busy {row['device_ms']:.1f} ms in {row['kernels']:.0f} kernels an update", flush=True)
        rows.append(row)
        write_json(output / f"{'-'.join(sorted(parts))}.json", rows)

    if "agreement" in parts:
        agreement(config, device, output)
        torch.set_default_device(device)
    if "batches" in parts:
        for batch in map(int, batches.split(",")):
            note("caption_translate", batch)
    if "captions" in parts:
        data = drawn(config, small, pictures)
        model = paper_scale.model_of(settings_of(config, small, 64), data).eval()
        for _ in range(2):
            began = seconds(device)
            with torch.no_grad(), torch.autocast(device, torch.bfloat16):
                h = model.scene(data.scenes(range(128)))
                said = beam_search(model.captioner, model.pivot_embedding, h, 20, 5)
            took = seconds(device) - began
        print(f"captions by beam 5: {128 / took:.1f}/s, {sum(map(len, said)) / 128:.1f} words", flush=True)
    if "stages" in parts:
        for name in STAGES:
            note(name, 8 if small else 64, 4)
    if "compiled" in parts:
        for batch in map(int, batches.split(",")):
            note("caption_translate", batch, compiled=True)


if __name__ == "__main__":
    typer.run(main)
