"""Verbs of the room structures: constituency trees and language scene graphs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer

from cross2stra.cli.options import Config, Transfer, say

app = typer.Typer()

Language = Annotated[Literal["en", "zh"], typer.Option(help="Language of the sentences.")]
Text = Annotated[Path, typer.Option(help="Folder with captions.parquet and pairs.parquet, tokenised.")]

Shard = Annotated[str, typer.Option(help="i/n: only that part of the sentences.")]
Annotations = Annotated[bool, typer.Option("--annotated", help="The annotations, whatever the profile's backend is.")]


@app.command("train-parser")
def train_parser_verb(
    config: Config,
    language: Language,
    raw: Annotated[Path, typer.Option(help="Raw folder: annotated derivations (gold/), or the treebank's archive.")],
    output: Annotated[Path, typer.Option(help="Folder of the parser.")],
) -> None:
    """Train a Berkeley parser on derivations or on a treebank; its held-out scores are in scores.json."""
    from cross2stra.configuration import Parser as Settings
    from cross2stra.configuration import read_profile
    from cross2stra.data.files import replacing_folder, write_json
    from cross2stra.structures.syntax.parser import published
    from cross2stra.structures.syntax.training import train_parser
    from cross2stra.structures.syntax.treebanks import training_trees

    profile = read_profile(config)
    settings = profile.structures.parser.get(language, Settings())
    if settings.folder:
        published(Path(settings.folder))
        with replacing_folder(output, "parser.json") as temporary:
            write_json(temporary / "parser.json", {"published": str(Path(settings.folder).resolve())})
            write_json(temporary / "scores.json", {})
        return
    left_out: Counter[str] = Counter()
    trees = training_trees(raw, language, left_out)
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()) if count)
    say("train-parser", f"{language}: {len(trees)} trees of different sentences; left out: {reasons or 'none'}")
    parser, scores = train_parser(trees, settings, profile.seeds[0])
    parser.save(output, scores | {"left_out": dict(sorted(left_out.items()))})
    say("train-parser", f"{language}: labelled F1 {scores['f1']:.1f} on {scores['sentences']} held-out sentences")


@app.command("read-grammar")
def read_grammar_verb(
    language: Language,
    raw: Annotated[Path, typer.Option(help="Raw folder with annotated derivations (gold/).")],
    output: Annotated[Path, typer.Option(help="Folder of the grammar; stands where a parser's folder may.")],
) -> None:
    """The grammar that annotated derivations are of: its chart parse is the annotation of sentences that a model says."""
    from cross2stra.structures.syntax.chart import Grammar
    from cross2stra.structures.syntax.treebanks import corpus_trees

    grammar = Grammar.of(corpus_trees(raw, language))
    grammar.save(output)
    say("read-grammar", f"{language}: {len(grammar.binary)} rules, {len(grammar.words)} words")


@app.command("parse")
def parse_verb(
    config: Config,
    language: Language,
    parser: Annotated[Path, typer.Option(help="Folder of the parser, from train-parser.")],
    text: Text,
    side: Annotated[Literal["pivot", "target"], typer.Option(help="Whose sentences.")],
    output: Annotated[Path, typer.Option(help="Parquet of trees; counts are written beside it.")],
    raw: Annotated[Path | None, typer.Option(help="Raw folder, for annotated derivations.")] = None,
    annotated: Annotations = False,
    shard: Shard = "1/1",
) -> None:
    """The constituency tree of each distinct sentence of one side."""
    from dataclasses import asdict

    from cross2stra.configuration import read_profile
    from cross2stra.data.files import counts_beside, write_json
    from cross2stra.structures import sentences
    from cross2stra.structures.syntax.backends import trees
    from cross2stra.structures.syntax.parser import Parser
    from cross2stra.structures.syntax.treebanks import gold_trees
    from cross2stra.structures.tree import write_trees

    backend = "annotated" if annotated else read_profile(config).structures.syntax.get(language, "benepar")
    texts = sentences.sentences(text, side, shard)
    gold = gold_trees(raw, language) if backend == "annotated" else {}
    rows, counts = trees(texts, gold, Parser.load(parser), backend)
    write_trees(output, rows)
    write_json(counts_beside(output), asdict(counts))
    say("parse", f"{side} ({language}): {counts.annotated} annotated, {counts.parsed} parsed, {counts.flat} flat")


@app.command("language-graphs")
def language_graphs_verb(
    config: Config,
    transfer: Transfer,
    text: Text,
    output: Annotated[Path, typer.Option(help="Parquet of graphs; counts are written beside it.")],
    raw: Annotated[Path | None, typer.Option(help="Raw folder, for annotated graphs.")] = None,
    annotated: Annotations = False,
    shard: Shard = "1/1",
) -> None:
    """The scene graph of each distinct pivot sentence, keyed by its tokens."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.files import counts_beside, write_json
    from cross2stra.structures import sentences
    from cross2stra.structures.graph import write_graphs
    from cross2stra.structures.language.gold import by_tokens, gold_graphs
    from cross2stra.structures.language.graphs import RULES, LanguageGraphs

    profile = read_profile(config)
    language = profile.transfer(transfer).pivot
    backend = profile.structures.language.get(language, RULES[language])
    if annotated:
        backend = "annotated"
    texts = sentences.sentences(text, "pivot", shard)
    gold = by_tokens(texts, gold_graphs(raw, language)) if backend == "annotated" else {}
    maker = LanguageGraphs(language, backend, gold, profile.structures.plural_nodes)
    write_graphs(output, zip(texts, maker.stream(texts), strict=True))
    counts = maker.counts()
    write_json(counts_beside(output), counts)
    say(
        "language-graphs",
        f"{language}: {counts['annotated']} annotated, {counts['by_rule']} by rule, "
        f"of which {counts['fallback']} fell back to one word",
    )


@app.command("score-language-graphs")
def score_language_graphs_verb(
    raw: Annotated[Path, typer.Option(help="Folder of raw files: FACTUAL, Flickr8k-CN, iCap.")],
    annotations: Annotated[Path, typer.Option(help="Written Chinese scene graphs, such as config/annotations/….")],
    output: Annotated[Path, typer.Option(help="Table of scores, CSV.")],
    part: Annotated[str, typer.Option(help="development (rules may be mended on it) or test.")] = "test",
) -> None:
    """Score the rules for language scene graphs on graphs that people wrote, beside the package scenegraphparser."""
    from cross2stra.structures.language.comparison import compare
    from cross2stra.structures.scores import write_rows

    write_rows(output, compare(raw, annotations, part))


@app.command("score-annotated-sentences")
def score_annotated_sentences_verb(
    language: Language,
    raw: Annotated[Path, typer.Option(help="Raw folder with annotated graphs of sentences (gold/).")],
    output: Annotated[Path, typer.Option(help="Table of scores, CSV.")],
) -> None:
    """Score the rules for language scene graphs on the graphs that a generated world gives its sentences."""
    from cross2stra.structures.language.comparison import compare_annotated
    from cross2stra.structures.scores import write_rows

    write_rows(output, compare_annotated(raw, language))


@app.command("score-predicted-trees")
def score_predicted_trees_verb(
    captions: Annotated[Path, typer.Option(help="Captions of a system that says pivot captions, JSON lines.")],
    parser: Annotated[Path, typer.Option(help="Folder of the parser of pivot sentences.")],
    grammar: Annotated[Path, typer.Option(help="Folder of the grammar of pivot sentences.")],
    output: Annotated[Path, typer.Option(help="Table of scores, CSV.")],
) -> None:
    """Score a parser on sentences that a model said, by the chart parse of the annotated grammar."""
    from dataclasses import asdict

    from cross2stra.evaluation.captions import read_captions
    from cross2stra.structures.scores import rows_of, write_rows
    from cross2stra.structures.syntax.backends import load_parser
    from cross2stra.structures.syntax.scores import bracket_score
    from cross2stra.structures.tree import read_tree

    said = sorted({caption.pivot for caption in read_captions(captions).captions.values() if caption.pivot})
    sentences = [sentence.split() for sentence in said]
    gold, found = (map(read_tree, load_parser(folder).parse(sentences)) for folder in (grammar, parser))
    score = bracket_score(zip(gold, found, strict=True))
    data = "/".join(captions.with_suffix("").parts[-3:])
    write_rows(output, rows_of("/".join(parser.parts[-2:]), f"pivot captions of {data}", asdict(score)))
    say("score-predicted-trees", f"{data}: F1 {score.f1:.1f} on {score.sentences} sentences")


@app.command("structure-scores")
def structure_scores_verb(
    output: Annotated[Path, typer.Option(help="Table of scores, CSV.")],
    table: Annotated[list[Path], typer.Option(help="A table of scores.")] = [],  # noqa: B006
    trained: Annotated[list[Path], typer.Option(help="Folder of a trained extractor, with scores.json.")] = [],  # noqa: B006
) -> None:
    """Put the scores of all extractors into one table: extractor, data, metric, value."""
    from cross2stra.structures.scores import beside, read_rows, write_rows

    rows = [row for folder in trained for row in beside(folder, f"{folder.parent.name}/{folder.name}", "held out")]
    write_rows(output, [*rows, *(row for path in table for row in read_rows(path))])
