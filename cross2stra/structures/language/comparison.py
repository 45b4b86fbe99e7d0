"""Parsers of sentences to scene graphs, measured on graphs that people wrote; for English beside `scenegraphparser`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from cross2stra.data.chance import draw
from cross2stra.data.languages import tokenise
from cross2stra.data.streams import Ledger
from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.language.english import MODEL
from cross2stra.structures.language.gold import gold_graphs
from cross2stra.structures.language.graphs import RULES, LanguageGraphs
from cross2stra.structures.language.scores import GraphScore, graph_score, tuples
from cross2stra.structures.language.written import (
    Written,
    chinese,
    chinese_captions,
    chinese_label,
    english_label,
    factual,
)
from cross2stra.structures.scores import Row, rows_of

_ANNOTATED = 1000
CONSTRUCTIONS = {
    "的 (modifier or owner)": "的",
    "的 after a verb (relative clause)": r"[着了过穿戴拿骑坐站玩看]\S{0,4}的",
    "numeral and measure word": "[一二两三四五六七八九十几数][个只条匹辆张件把位名座棵群对双排些架艘块片头]",
    "place (在 … 上, 里, 旁边)": "在.*(上|里|中|下|前|后|旁|边|间|内|外)",
    "有 (existence)": "有",
    "着 (lasting state)": "着",
    "和, 与 (joined)": "[和与]",
    "把, 被": "把(?!手)|被",
    "comma (several clauses)": "[,，]",
}
"""What a caption may hold, by the characters that show it: where the rules' errors are looked for."""


def compare(raw: Path, annotations: Path, part: str) -> list[Row]:
    """Scores on the `part` (development or test) of FACTUAL and of the written Chinese graphs."""
    ledger = Ledger()
    english = [row for row in factual(raw / "factual_sg.csv", ledger) if row.part == part]
    written = [row for row in chinese(annotations, chinese_captions(raw)) if row.part == part]
    tokens = [" ".join(words) for words in tokenise("zh", [row.text for row in written])]
    rows = []
    for extractor, graphs in (
        ("rules (spaCy)", LanguageGraphs("en", "spacy").graphs([row.text for row in english])),
        ("scenegraphparser", peer_graphs([row.text for row in english])),
    ):
        rows += _rows(extractor, f"FACTUAL {part}", english, graphs, english_label)
    made = LanguageGraphs("zh", "jieba").graphs(tokens)
    for source in sorted({row.key.split("/")[0] for row in written}):
        kept = [number for number, row in enumerate(written) if row.key.startswith(f"{source}/")]
        own = [written[number] for number in kept]
        rows += _rows("rules (jieba)", f"{source} {part}", own, [made[number] for number in kept], chinese_label)
    data = f"written Chinese graphs {part}"
    return [*rows, *_rows("rules (jieba)", data, written, made, chinese_label), *_by_construction(data, written, made)]


def compare_annotated(raw: Path, language: str) -> list[Row]:
    """Scores of the rules on sentences whose graphs `raw` annotates, drawn by seed.

    Raises ValueError where it annotates none.
    """
    gold = gold_graphs(raw, language)
    if not gold:
        raise ValueError(f"{raw}: no annotated graphs of {language} sentences; only a generated world has them")
    texts = sorted(draw(sorted(gold), min(_ANNOTATED, len(gold)), f"language-graphs-{language}"))
    written = [Written(text, "", text, "test", gold[text]) for text in texts]
    maker = LanguageGraphs(language, RULES[language])
    made = maker.graphs([" ".join(words) for words in tokenise(language, texts)])
    normalise = {"en": english_label, "zh": chinese_label}[language]
    return _rows(f"rules, {language}", "annotated sentences", written, made, normalise)


def _by_construction(data: str, written: Sequence[Written], made: Sequence[SceneGraph]) -> list[Row]:
    """F1 of the captions that hold each construction, and how many there are."""
    rows: list[Row] = []
    for name, pattern in CONSTRUCTIONS.items():
        own = [number for number, row in enumerate(written) if re.search(pattern, row.text)]
        if own:
            score = graph_score(
                (tuples(written[number].graph, chinese_label), tuples(made[number], chinese_label)) for number in own
            )
            rows += rows_of("rules (jieba)", data, {f"F1 with {name}": score.f1, f"captions with {name}": len(own)})
    return rows


def _rows(
    extractor: str,
    data: str,
    written: Sequence[Written],
    graphs: Sequence[SceneGraph],
    normalise: Callable[[str, bool], str],
) -> list[Row]:
    score = graph_score(
        (tuples(row.graph, normalise), tuples(graph, normalise)) for row, graph in zip(written, graphs, strict=True)
    )
    print(f"[language-graphs] {data}, {extractor}: F1 {score.f1:.1f}", file=sys.stderr, flush=True)
    return rows_of(extractor, data, _flat(score))


def _flat(score: GraphScore) -> dict[str, float]:
    plain = {field.name: getattr(score, field.name) for field in fields(score) if field.name != "of_length"}
    names = ("F1 of objects", "F1 of attributes", "F1 of relations")
    return plain | dict(zip(names, score.of_length, strict=True))


def peer_graphs(sentences: Sequence[str]) -> list[SceneGraph]:
    """What `scenegraphparser` (Mao 2018, after Schuster et al. 2015) makes of sentences; heads of its noun phrases."""
    import sng_parser

    parser = sng_parser.Parser("spacy", model=MODEL)
    graphs = []
    for sentence in sentences:
        found, builder = parser.parse(sentence), GraphBuilder()
        nodes = [builder.add_object(entity["head"]) for entity in found["entities"]]
        for node, entity in zip(nodes, found["entities"], strict=True):
            for modifier in entity["modifiers"]:
                if modifier["dep"] != "det":
                    builder.add_attribute(node, modifier["span"])
        for relation in found["relations"]:
            builder.add_relation(nodes[relation["subject"]], relation["relation"], nodes[relation["object"]])
        graphs.append(builder.build())
    return graphs
