"""Memory of the long verbs against the size of the corpus: filter, tokenise, language-graphs and train, on text of 1, 3 and 10 times.

The corpus is made of a small run's, two of its sentences joined to one, so that no sentence comes twice and all words are
known. What is reported is the peak of anonymous memory (what a process itself holds; pages of mapped files come and go as
the machine has room), sampled from /proc every 20 ms. Run by `make memory`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
import yaml

from cross2stra.data.files import replacing
from cross2stra.data.records import Caption, ParallelSentence, SentencePair, Split, read_records
from cross2stra.data.streams import stream_records, write_stream
from cross2stra.structures.graph import SceneGraph, read_graphs, write_graphs
from cross2stra.structures.tree import flat_tree, write_trees

TIMES = (1, 3, 10)


def combinations(rows: list, seed: int = 7919) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Pairs of rows, none twice, as many as there are."""
    size = len(rows)
    for number in range(size * size):
        first, round_ = number % size, number // size
        yield rows[first], rows[(first * seed + round_) % size]


def parallel(source: Path, count: int) -> Iterator[ParallelSentence]:
    """`count` sentence pairs."""
    rows = read_records(source, ParallelSentence)
    for number, (a, b) in enumerate(islice(combinations(rows), count)):
        yield ParallelSentence(str(number), a.source, "", f"{a.en} and {b.en}", f"{a.zh}，{b.zh}")


def filtered(source: Path, transfer: list[str], count: int) -> Iterator[SentencePair]:
    """`count` training pairs, as `filter` would leave them."""
    for row in parallel(source, count):
        yield SentencePair(row.id, Split.TRAIN, row.source, 1.0, *(getattr(row, language) for language in transfer))


def captions(source: Path, count: int) -> Iterator[Caption]:
    """`count` training captions of as many pictures."""
    rows = [row for row in read_records(source, Caption) if row.split == Split.TRAIN]
    for number, (a, b) in enumerate(islice(combinations(rows, 104729), count)):
        yield Caption(str(number), a.split, a.language, f"{a.text} and {b.text}")


def pictures(source: Path, text: Path) -> Iterator[tuple[str, SceneGraph]]:
    """A graph for each captioned picture."""
    graphs = list(read_graphs(source).values())
    for number, caption in enumerate(stream_records(text / "captions.parquet", Caption)):
        yield caption.image_id, graphs[number % len(graphs)]


def flat(text: Path, side: str) -> Iterator[tuple[str, str, bool]]:
    """A flat tree for each sentence of a side."""
    seen = set()
    for pair in stream_records(text / "pairs.parquet", SentencePair):
        tokens = getattr(pair, f"{side}_tokens")
        if tokens not in seen:
            seen.add(tokens)
            yield tokens, flat_tree(tokens.split()), True


def peak(*arguments: str) -> tuple[float, float]:
    """Run a verb -> MB of anonymous memory at its peak, and seconds."""
    began, most = time.monotonic(), 0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        verb = subprocess.Popen([sys.executable, "-m", "cross2stra", *arguments], stderr=said)
        while verb.poll() is None:
            with suppress(OSError):
                status = Path(f"/proc/{verb.pid}/status").read_text("utf-8").splitlines()
                most = max(most, *(int(line.split()[1]) for line in status if line.startswith("RssAnon:")), 0)
            time.sleep(0.02)
        if verb.returncode:
            said.seek(0)
            raise SystemExit(f"{arguments[0]} failed:\n{said.read()[-2000:]}")
    return most / 1024, time.monotonic() - began


def measure(
    results: Path, transfer: str, config: Path, times: int, pairs: int, work: Path
) -> Iterator[dict[str, object]]:
    """The rows of one size."""
    text, structures = work / "text", work / "structures"
    text.mkdir(parents=True, exist_ok=True)
    structures.mkdir(exist_ok=True)
    profile = yaml.safe_load(config.read_text("utf-8"))
    profile["filter"] |= {"train": pairs // 2}  # what is kept is chosen, however much there is
    profile["structures"] |= {"region_features": "none"}
    profile["training"] |= {"updates": dict.fromkeys(profile["training"]["updates"], 30)}
    (work / "profile.yaml").write_text(yaml.safe_dump(profile), "utf-8")
    common = ["--config", str(work / "profile.yaml"), "--transfer", transfer]
    corpora = results / "corpora" / transfer
    write_stream(work / "parallel.parquet", ParallelSentence, parallel(corpora / "parallel_raw.parquet", times * pairs))
    write_stream(work / "captions.parquet", Caption, captions(corpora / "captions.parquet", times * pairs // 4))

    def row(step: str, items: int, *arguments: str) -> dict[str, object]:
        held, seconds = peak(step, *arguments)
        print(f"{step:16} {times:3} x {items:7} items {held:7.0f} MB {seconds:6.1f} s", flush=True)
        return {"step": step, "times": times, "items": items, "megabytes": round(held), "seconds": round(seconds, 1)}

    sides = [profile["transfers"][transfer][side] for side in ("pivot", "target")]
    kept = filtered(corpora / "parallel_raw.parquet", sides, times * pairs // 2)
    write_stream(work / "filtered.parquet", SentencePair, kept)
    yield row(
        "filter", times * pairs, *common, "--parallel", str(work / "parallel.parquet"),
        "--dictionary", str(results / "text" / transfer / "dictionary.json"), "--output", str(text),
    )  # fmt: skip
    yield row(
        "tokenise", times * pairs * 3 // 4, *common, "--captions", str(work / "captions.parquet"),
        "--parallel", str(work / "filtered.parquet"), "--output", str(text),
    )  # fmt: skip
    graphs = structures / "language_graphs.parquet"
    yield row(
        "language-graphs", times * pairs * 3 // 4, *common, "--text", str(text), "--output", str(graphs),
    )  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "cross2stra", "vocabulary", "--config", str(work / "profile.yaml"), "--text", str(text),
         "--output", str(text / "vocabulary.json")],
        check=True,
    )  # fmt: skip
    write_graphs(
        structures / "visual_graphs.parquet",
        pictures(results / "structures" / transfer / "visual_graphs.parquet", text),
    )
    for side in ("pivot", "target"):
        write_trees(structures / f"trees.{side}.parquet", flat(text, side))
    yield row(
        "train", times * pairs * 3 // 4, *common, "--experiments", "config/experiments.yaml", "--system", "cross2stra",
        "--seed", "1", "--stage", "caption_translate", "--text", str(text), "--structures", str(structures),
        "--working", str(work / "working"), "--output", str(work / "model"),
    )  # fmt: skip


def main(
    results: Annotated[Path, typer.Option(help="Results of a run, such as results/demo.")],
    config: Annotated[Path, typer.Option(help="Its profile.")],
    work: Annotated[Path, typer.Option(help="Folder for the corpora, a few hundred MB.")],
    output: Annotated[Path, typer.Option(help="Table to write, CSV.")],
    transfer: Annotated[str, typer.Option(help="Transfer of the run.")] = "en-zh_aic",
    pairs: Annotated[int, typer.Option(help="Sentence pairs of the smallest corpus.")] = 8000,
) -> None:
    """Measure, print and write the table."""
    rows = [row for times in TIMES for row in measure(results, transfer, config, times, pairs, work / str(times))]
    with replacing(output) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(",".join(rows[0]) + "\n")
        file.writelines(",".join(map(str, row.values())) + "\n" for row in rows)
    print(output)


if __name__ == "__main__":
    typer.run(main)
