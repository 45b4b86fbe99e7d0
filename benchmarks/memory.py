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
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

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


@dataclass(frozen=True)
class Bench:
    """A small run, and where its enlarged corpora go."""

    results: Path
    transfer: str
    config: Path
    work: Path

    @property
    def corpora(self) -> Path:
        return self.results / "corpora" / self.transfer

    def row(self, step: str, times: int, items: int, *arguments: str) -> dict[str, object]:
        """Run a verb of the enlarged profile and say what it took."""
        common = ["--config", str(self.work / "profile.yaml"), "--transfer", self.transfer]
        held, seconds = peak(step, *common, *arguments)
        print(f"{step:16} {times:3} x {items:7} items {held:7.0f} MB {seconds:6.1f} s", flush=True)
        return {"step": step, "times": times, "items": items, "megabytes": round(held), "seconds": round(seconds, 1)}

    def prepare(self) -> dict[str, Any]:
        """Write the profile: the run's, with a filter that keeps the same number however much there is, and few updates."""
        profile: dict[str, Any] = yaml.safe_load(self.config.read_text("utf-8"))
        profile["filter"] |= {"train": 2000}
        profile["structures"] |= {"region_features": "none"}
        profile["training"] |= {"updates": dict.fromkeys(profile["training"]["updates"], 30)}
        self.work.mkdir(parents=True, exist_ok=True)
        (self.work / "profile.yaml").write_text(yaml.safe_dump(profile), "utf-8")
        return profile

    def filter(self, times: int, pairs: int) -> dict[str, object]:
        """Raw pairs -> 2,000 chosen ones."""
        table = self.work / "parallel.parquet"
        write_stream(table, ParallelSentence, parallel(self.corpora / "parallel_raw.parquet", times * pairs))
        words = self.results / "text" / self.transfer / "dictionary.json"
        options = ["--parallel", str(table), "--dictionary", str(words), "--output", str(self.work / "filtered")]
        return self.row("filter", times, times * pairs, *options)

    def tokenise(self, times: int, pairs: int, sides: list[str]) -> dict[str, object]:
        """Half as many captions as pairs."""
        said, table = self.work / "captions.parquet", self.work / "pairs.parquet"
        write_stream(said, Caption, captions(self.corpora / "captions.parquet", times * pairs // 2))
        write_stream(table, SentencePair, filtered(self.corpora / "parallel_raw.parquet", sides, times * pairs))
        options = ["--captions", str(said), "--parallel", str(table), "--output", str(self.work / "text")]
        return self.row("tokenise", times, times * pairs * 3 // 2, *options)

    def structure(self, times: int, sentences: int) -> dict[str, object]:
        """Dependencies and scene graphs of the sentences of `tokenise`."""
        options = [
            "--text",
            str(self.work / "text"),
            "--output",
            str(self.work / "structures" / "language_graphs.parquet"),
        ]
        return self.row("language-graphs", times, sentences, *options)

    def train(self, times: int, sentences: int) -> dict[str, object]:
        """A few updates on all of it."""
        text, structures = self.work / "text", self.work / "structures"
        vocabulary = ["vocabulary", "--config", str(self.work / "profile.yaml"), "--text", str(text)]
        peak(*vocabulary, "--output", str(text / "vocabulary.json"))
        seen = self.results / "structures" / self.transfer / "visual_graphs.parquet"
        write_graphs(structures / "visual_graphs.parquet", pictures(seen, text))
        for side in ("pivot", "target"):
            write_trees(structures / f"trees.{side}.parquet", flat(text, side))
        return self.row(
            "train", times, sentences, "--experiments", "config/experiments.yaml", "--system", "cross2stra",
            "--seed", "1", "--stage", "caption_translate", "--text", str(text), "--structures", str(structures),
            "--working", str(self.work / f"working{times}"), "--output", str(self.work / "model"),
        )  # fmt: skip


def main(
    results: Annotated[Path, typer.Option(help="Results of a run, such as results/demo.")],
    config: Annotated[Path, typer.Option(help="Its profile.")],
    work: Annotated[Path, typer.Option(help="Folder for the corpora, a few hundred MB.")],
    output: Annotated[Path, typer.Option(help="Table to write, CSV.")],
    transfer: Annotated[str, typer.Option(help="Transfer of the run.")] = "en-zh_aic",
    lines: Annotated[int, typer.Option(help="Pairs of the smallest corpus of filter and tokenise.")] = 30000,
    sentences: Annotated[int, typer.Option(help="Sentences of the smallest corpus of structures and training.")] = 4000,
) -> None:
    """Measure, print and write the table."""
    bench = Bench(results, transfer, config, work)
    sides = [bench.prepare()["transfers"][transfer][side] for side in ("pivot", "target")]
    rows = []
    for times in TIMES:
        rows += [bench.filter(times, lines), bench.tokenise(times, lines, sides)]
    for times in TIMES:
        bench.tokenise(times, sentences * 2 // 3, sides)  # the text of the next two
        rows += [bench.structure(times, times * sentences), bench.train(times, times * sentences)]
    with replacing(output) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(",".join(rows[0]) + "\n")
        file.writelines(",".join(map(str, row.values())) + "\n" for row in rows)
    print(output)


if __name__ == "__main__":
    typer.run(main)
