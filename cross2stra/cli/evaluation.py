"""Verbs of the room evaluation: scores of captions, and the oracle of the metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Transfer, say

app = typer.Typer()

Captions = Annotated[list[Path], typer.Option(help="Captions .../{system}/{seed}.jsonl; give it once a system.")]
TestReferences = Annotated[Path, typer.Option(help="References of the test pictures.")]
Words = Annotated[Path, typer.Option(help="dictionary.json: which words of the two languages are the same.")]
Rows = Annotated[Path, typer.Option(help="Parquet: one row for each caption.")]


@app.command()
def score(
    config: Config,
    transfer: Transfer,
    captions: Captions,
    references: Annotated[list[Path], typer.Option(help="References of a split; give it once a split.")],
    output: Annotated[Path, typer.Option(help="Folder for scores.csv, statistics.parquet, lengths.csv, senses.csv.")],
    senses: Annotated[Path | None, typer.Option(help="Senses of ambiguous words, where the world tells them.")] = None,
) -> None:
    """Score the captions of every system of a transfer and seed with one METEOR process."""
    from cross2stra.configuration import read_profile
    from cross2stra.evaluation.meteor import Meteor
    from cross2stra.evaluation.scoring import score_transfer

    profile = read_profile(config)
    direction = profile.transfer(transfer)
    with Meteor() as scorer:
        score_transfer(transfer, direction, captions, references, senses, scorer, output)


@app.command()
def external_captions(
    captions: Annotated[
        Path, typer.Option(help="Captions by another system: .jsonl, .json or COCO-CN's .txt, or .gz.")
    ],
    images: Annotated[Path, typer.Option(help="Pictures of the transfer, images.parquet.")],
    output: Annotated[Path, typer.Option(help="Captions .../{name}/{seed}.jsonl.")],
) -> None:
    """Put another system's captions beside our own, to be scored like them."""
    from cross2stra.data.records import Image, read_records
    from cross2stra.evaluation.external import read_external, write_external

    counts = write_external(read_external(captions), read_records(images, Image), captions, output)
    say("external-captions", f"{captions}: {', '.join(f'{n} of {split}' for split, n in counts.items())}")


@app.command()
def probe_structures(
    config: Config,
    transfer: Transfer,
    captions: Captions,
    references: TestReferences,
    visual_graphs: Annotated[Path, typer.Option(help="Scene graphs of the pictures.")],
    dictionary: Words,
    pairs: Annotated[Path, typer.Option(help="Tokenised sentence pairs; held-out ones stand for people's trees.")],
    parser: Annotated[Path, typer.Option(help="Folder of the parser of pivot sentences.")],
    parser_target: Annotated[Path, typer.Option(help="Folder of the parser of target sentences.")],
    output: Rows,
) -> None:
    """Measure how far captions keep the scene graph of their picture and the tree of their pivot caption (Fig. 6)."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.dictionary import Dictionary
    from cross2stra.data.records import SentencePair, Split, read_records
    from cross2stra.evaluation.captions import read_captions, read_references
    from cross2stra.evaluation.coincidence import Translations
    from cross2stra.evaluation.structure_probe import Probe, write_coincidences
    from cross2stra.structures.graph import read_graphs_of
    from cross2stra.structures.language.graphs import RULES, LanguageGraphs
    from cross2stra.structures.syntax.backends import load_parser

    profile = read_profile(config)
    target = profile.transfer(transfer).target
    maker = LanguageGraphs(target, RULES[target], plural_nodes=profile.structures.plural_nodes)
    words = Translations(Dictionary.load(dictionary).translations)
    probe = Probe(transfer, target, maker, (load_parser(parser), load_parser(parser_target)), words)
    meant = read_references([references])[Split.TEST]
    graphs = read_graphs_of(visual_graphs, meant, features=False)
    pictures = {image: graphs[image] for image in meant}
    outputs = [read_captions(path) for path in captions]
    kept = [row for row in read_records(pairs, SentencePair) if row.split == Split.VALIDATION]
    rows = [row for output in outputs for row in probe.system(output, pictures)]
    rows += probe.references(meant, pictures, outputs[0].seed)
    rows += probe.pairs([(row.id, row.pivot_tokens, row.target_tokens) for row in kept], outputs[0].seed)
    write_coincidences(output, rows)


@app.command()
def probe_language(
    config: Config,
    transfer: Transfer,
    captions: Captions,
    references: TestReferences,
    visual_graphs: Annotated[
        Path, typer.Option(help="Scene graphs of what the pictures show, annotated where they are.")
    ],
    dictionary: Words,
    pairs: Annotated[Path, typer.Option(help="Tokenised sentence pairs, whose target side the language model reads.")],
    parser: Annotated[Path, typer.Option(help="Folder of the parser of target sentences.")],
    output: Rows,
) -> None:
    """Count what can be counted of language quality: perplexity, word order, parser confidence, things not there."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.dictionary import Dictionary
    from cross2stra.data.records import SentencePair, Split, read_records
    from cross2stra.evaluation.captions import read_captions, read_references
    from cross2stra.evaluation.coincidence import Translations
    from cross2stra.evaluation.language_model import LanguageModel
    from cross2stra.evaluation.quality import Judge, write_qualities
    from cross2stra.structures.graph import read_graphs_of
    from cross2stra.structures.language.graphs import RULES, LanguageGraphs
    from cross2stra.structures.syntax.parser import Parser

    profile = read_profile(config)
    target = profile.transfer(transfer).target
    maker = LanguageGraphs(target, RULES[target], plural_nodes=profile.structures.plural_nodes)
    written = [row.target_tokens.split() for row in read_records(pairs, SentencePair) if row.split == Split.TRAIN]
    words = Translations(Dictionary.load(dictionary).translations)
    judge = Judge(transfer, target, LanguageModel(written), Parser.load(parser), maker, words)
    meant = read_references([references])[Split.TEST]
    graphs = read_graphs_of(visual_graphs, meant, features=False)
    write_qualities(output, (row for path in captions for row in judge.system(read_captions(path), meant, graphs)))


@app.command()
def metric_oracle(
    folder: Annotated[Path, typer.Option(help="COCO-CN's results: merged references and systems/result_*.txt.gz.")],
    variants: Annotated[bool, typer.Option(help="Also score with cn, zhm and single references.")] = False,
    output: Annotated[Path | None, typer.Option(help="CSV of the comparison.")] = None,
) -> None:
    """Score COCO-CN's published outputs and print our numbers beside the published ones."""
    from cross2stra.data.files import replacing
    from cross2stra.evaluation import coco_cn
    from cross2stra.evaluation.meteor import Meteor
    from cross2stra.evaluation.metrics import METRICS

    with Meteor() as scorer:
        rows = coco_cn.oracle(folder, scorer)
    print(f"{'system':14}{'metric':10}{'published':>11}{'ours':>9}{'difference':>12}")
    for row in rows:
        print(f"{row.system:14}{row.metric:10}{row.published:11.2f}{row.ours:9.2f}{row.difference:+12.2f}")
    worst = max(abs(row.difference) for row in rows if row.metric != "METEOR")
    meteor = [row.difference for row in rows if row.metric == "METEOR"]
    print(
        f"BLEU, ROUGE-L and CIDEr-D differ by at most {worst:.2f} points; METEOR by "
        f"{min(meteor):+.2f} to {max(meteor):+.2f} (tokens as given, all merged references)"
    )
    if variants:
        references = coco_cn.read_merged(folder)
        print(f"\n{'system':14}{'references':12}" + "".join(f"{metric:>9}" for metric in METRICS))
        with Meteor() as scorer:
            for name, (captions, _) in coco_cn.systems(folder).items():
                for choice, found in coco_cn.variant_scores(captions, references, scorer).items():
                    print(f"{name:14}{choice:12}" + "".join(f"{found[metric]:9.2f}" for metric in METRICS))
    if output:
        with replacing(output) as temporary:
            lines = [f"{r.system},{r.metric},{r.published:.4f},{r.ours:.4f},{r.difference:.4f}" for r in rows]
            temporary.write_text(
                "\n".join(["system,metric,published,ours,difference", *lines]) + "\n", encoding="utf-8"
            )
