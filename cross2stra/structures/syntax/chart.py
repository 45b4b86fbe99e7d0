"""The chart parse of an annotated grammar: the probabilistic grammar that its derivations are of, and CKY over it.

A sentence that a model said has no annotated tree, but the world's grammar has one for it: the most probable derivation
under the rules counted in the annotated derivations. It stands for gold where extractors are judged (docs/readings.md, 8, 18).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from nltk import Tree

from cross2stra.data.files import read_json, replacing_folder, write_json
from cross2stra.structures.tree import canonical, escape, flat_tree, one_line

GRAMMAR_FILE = "grammar.json"
_UNKNOWN = "<unknown>"
_NOTHING = -1e9
"""Log-probability of what no rule makes."""


class Grammar:
    """Binary rules and words of a treebank in Chomsky normal form; symbols remember the parent of their phrase.

    `binary`: [parent, left, right, log-probability], `words`: word -> [[symbol, log-probability], …], the word
    `<unknown>` for one that no derivation has. Symbols are strings.
    """

    def __init__(self, binary: Sequence[tuple[str, str, str, float]], words: dict[str, list], roots: dict[str, float]):
        self.binary, self.words, self.roots = list(binary), words, roots
        self.symbols = sorted(
            {name for rule in binary for name in rule[:3]} | {s for row in words.values() for s, _ in row}
        )
        self.number = {name: i for i, name in enumerate(self.symbols)}
        order = sorted(self.binary)
        self._parents, self._left, self._right = (
            np.asarray([self.number[rule[place]] for rule in order], dtype=np.int64) for place in range(3)
        )
        self._scores = np.asarray([rule[3] for rule in order])

    @classmethod
    def of(cls, trees: Iterable[Tree]) -> Grammar:
        """Relative frequencies of the rules of canonical trees. Raises ValueError where there is no tree of two words."""
        rules: dict[str, Counter] = defaultdict(Counter)
        words: dict[str, Counter] = defaultdict(Counter)
        roots: Counter[str] = Counter()
        for tree in trees:
            if len(tree.leaves()) < 2:
                continue
            normal = tree.copy(deep=True)
            normal.chomsky_normal_form(factor="right", horzMarkov=2, vertMarkov=1)
            roots[normal.label()] += 1
            for node in normal.subtrees():
                if isinstance(node[0], str):
                    words[node.label()][node[0]] += 1
                else:
                    rules[node.label()][tuple(child.label() for child in node)] += 1
        if not roots:
            raise ValueError("no tree of two words or more to read a grammar from; give derivations of sentences")
        binary = [
            (parent, left, right, float(np.log(count / (counts.total() + words[parent].total()))))
            for parent, counts in rules.items()
            for (left, right), count in counts.items()
        ]
        lexical: dict[str, list] = defaultdict(list)
        for symbol, counts in words.items():
            total = counts.total() + (rules[symbol].total() if symbol in rules else 0)
            for word, count in counts.items():
                lexical[word].append([symbol, float(np.log(count / total))])
            rare = sum(count == 1 for count in counts.values())
            if rare:
                lexical[_UNKNOWN].append([symbol, float(np.log(rare / total))])
        return cls(binary, dict(lexical), {name: float(np.log(n / roots.total())) for name, n in roots.items()})

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[str]:
        """The most probable tree of each sentence, canonical and bracketed; a flat one where the grammar has none."""
        known: dict[tuple[str, ...], str] = {}
        for sentence in sentences:
            if (key := tuple(sentence)) not in known:
                tree = self._best([escape(word) for word in key]) if len(key) > 1 else None
                known[key] = flat_tree(key or ["<unk>"]) if tree is None else one_line(tree)
        return [known[tuple(sentence)] for sentence in sentences]

    def _best(self, words: Sequence[str]) -> Tree | None:
        length = len(words)
        chart = np.full((length, length + 1, len(self.symbols)), _NOTHING)  # [start, end, symbol]
        back: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        for start, word in enumerate(words):
            for symbol, score in self.words.get(word) or self.words.get(_UNKNOWN, []):
                chart[start, start + 1, self.number[symbol]] = score
        for span in range(2, length + 1):
            for start in range(length - span + 1):
                end = start + span
                middles = np.arange(start + 1, end)
                both = chart[start, middles][:, self._left] + chart[middles, end][:, self._right] + self._scores
                split, best = both.argmax(0), both.max(0)  # (rules,)
                order = np.lexsort((-best, self._parents))
                parents, first = np.unique(self._parents[order], return_index=True)
                chosen = order[first]
                chart[start, end, parents] = np.maximum(chart[start, end, parents], best[chosen])
                rule = np.full(len(self.symbols), -1)
                rule[parents] = chosen
                back[start, end] = rule, middles[split]
        roots = np.asarray([self.roots.get(name, _NOTHING) for name in self.symbols]) + chart[0, length]
        top = int(roots.argmax())
        if roots[top] < _NOTHING / 2:
            return None
        tree = self._walk(words, back, 0, length, top)
        tree.un_chomsky_normal_form(expandUnary=False)
        return canonical(tree)

    def _walk(self, words: Sequence[str], back: dict, start: int, end: int, symbol: int) -> Tree:
        name = self.symbols[symbol]
        if end == start + 1:
            return Tree(name, [words[start]])
        rules, splits = back[start, end]
        rule = int(rules[symbol])
        middle = int(splits[rule])
        left = self._walk(words, back, start, middle, int(self._left[rule]))
        return Tree(name, [left, self._walk(words, back, middle, end, int(self._right[rule]))])

    def save(self, folder: Path) -> None:
        """Write GRAMMAR_FILE into a new folder."""
        with replacing_folder(folder, GRAMMAR_FILE) as temporary:
            write_json(temporary / GRAMMAR_FILE, {"binary": self.binary, "words": self.words, "roots": self.roots})

    @classmethod
    def load(cls, folder: Path) -> Grammar:
        """Read what `save` wrote."""
        value = read_json(folder / GRAMMAR_FILE)
        return cls([(rule[0], rule[1], rule[2], rule[3]) for rule in value["binary"]], value["words"], value["roots"])
