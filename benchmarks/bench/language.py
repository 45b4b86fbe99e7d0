"""Scene graphs of English sentences, beside scenegraphparser and beside what spaCy alone takes."""

from __future__ import annotations

from collections.abc import Iterator

from harness import Case

from cross2stra.structures.language.comparison import peer_graphs
from cross2stra.structures.language.english import parse
from cross2stra.structures.language.graphs import LanguageGraphs
from cross2stra.world.knobs import turned
from cross2stra.world.parallel import draw_pairs


def drawn(pairs: int) -> list[str]:
    """The distinct English sentences of so many pairs of the world."""
    return list(dict.fromkeys(pair.en.strip(" .").lower() for pair in draw_pairs(pairs, 1, 256, turned({})) if pair.en))


def cases() -> Iterator[Case]:
    """Distinct sentences of the world; spaCy alone is the floor, so a ratio of 0.77 is 1.3 times its time."""
    texts = drawn(900)
    words = [text.split() for text in texts]
    for peer, aim, theirs in (
        ("spaCy alone", ">= 0.77", lambda: sum(len(document) for document in parse(words))),
        ("scenegraphparser", "> 1", lambda: peer_graphs(texts)),
    ):
        yield Case(
            f"scene graphs of {len(texts)} English sentences",
            peer,
            aim,
            lambda: LanguageGraphs("en", "spacy").graphs(texts),
            theirs,
            lambda own, other: "other graphs" if isinstance(other, list) else "the graphs beside",
            rounds=5,
        )
