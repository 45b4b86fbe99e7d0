"""Scene graphs of sentences, in bulk: annotated ones where there are any, else rules; never an empty graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cross2stra.data.streams import chunks
from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.language import chinese, english, universal
from cross2stra.structures.language.facts import Facts, single_object

BACKENDS = {"annotated": None, "spacy": "en", "stanza": "en", "jieba": "zh"}
"""Backend -> the one language that it reads (None: any)."""
_TOGETHER = 8 * 256
"""Sentences whose graphs are made at once: some batches of spaCy's."""
RULES = {"en": "spacy", "zh": "jieba"}
"""Language -> the backend whose rules read it, where a profile names none."""


class LanguageGraphs:
    """Scene graphs of one language.

    `backend`: `spacy`, `stanza` (English rules on the dependencies of either), `jieba` (Chinese rules), or `annotated`: the
    graph in `gold`, by tokenised sentence, and rules for a sentence that is not in it. `plural_nodes`: rules give a node for
    each of `two dogs`. `annotated`, `by_rule`, `fallback` count sentences;
    `fallback` are those in which no object was found.
    """

    def __init__(
        self, language: str, backend: str, gold: Mapping[str, SceneGraph] | None = None, plural_nodes: bool = False
    ) -> None:
        if backend not in BACKENDS:
            raise ValueError(f"structures.language: no backend {backend!r}; there are {sorted(BACKENDS)}")
        if BACKENDS[backend] not in (None, language):
            raise ValueError(f"structures.language: {backend!r} reads {BACKENDS[backend]!r}, not {language!r}")
        self.language, self.backend, self.plural_nodes = language, backend, plural_nodes
        self.gold = dict(gold or {}) if backend == "annotated" else {}
        self.annotated = self.by_rule = self.fallback = 0

    def counts(self) -> dict[str, int]:
        """Sentences by where their graph came from."""
        return {"annotated": self.annotated, "by_rule": self.by_rule, "fallback": self.fallback}

    def graphs(self, sentences: Sequence[str]) -> list[SceneGraph]:
        """The graph of each sentence (space-joined tokens), with at least one node."""
        missing = [sentence for sentence in dict.fromkeys(sentences) if sentence not in self.gold]
        made = dict(zip(missing, self._by_rule(missing), strict=True))
        self.annotated += sum(sentence in self.gold for sentence in sentences)
        return [self.gold[sentence] if sentence in self.gold else made[sentence] for sentence in sentences]

    def stream(self, sentences: Iterable[str]) -> Iterator[SceneGraph]:
        """The same, some sentences at a time; their batches in the dependency parser are those of the whole."""
        for some in chunks(sentences, _TOGETHER):
            yield from self.graphs(some)

    def _by_rule(self, sentences: Sequence[str]) -> Iterator[SceneGraph]:
        words = [sentence.split() or ["<unk>"] for sentence in sentences]
        for tokens, found in zip(words, self._facts(words), strict=True):
            self.by_rule += 1
            if found.objects:
                yield found.graph(self.plural_nodes)
            else:
                self.fallback += 1
                yield single_object(tokens[0].lower())

    def _facts(self, words: Sequence[Sequence[str]]) -> Iterable[Facts]:
        if self.language == "en":
            parse = universal.parse if self.backend == "stanza" else english.parse
            return map(english.facts, parse(words))
        return map(chinese.facts, words)
