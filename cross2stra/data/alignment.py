"""Word translations from parallel text: IBM model 1, both directions, by EM over arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

Pairs = Sequence[tuple[Sequence[str], Sequence[str]]]


def translations(
    pairs: Pairs, iterations: int = 6, least: float = 0.1, least_reverse: float = 0.05, min_count: int = 2
) -> dict[str, list[str]]:
    """Source word -> target words, most probable first, that translate it in both directions.

    `pairs`: tokenised (source, target) sentences. A translation t of s has p(t|s) >= `least` and p(s|t) >=
    `least_reverse`; words seen less than `min_count` times have none.
    """
    forward = ibm1(pairs, iterations)
    backward = ibm1([(target, source) for source, target in pairs], iterations)
    seen = Counter(word for source, _ in pairs for word in source)
    other = Counter(word for _, target in pairs for word in target)
    found: dict[str, list[tuple[float, str]]] = {}
    for (s, t), probability in forward.items():
        usual = seen[s] >= min_count and other[t] >= min_count
        if usual and probability >= least and backward.get((t, s), 0.0) >= least_reverse:
            found.setdefault(s, []).append((-probability, t))
    return {s: [t for _, t in sorted(rows)] for s, rows in sorted(found.items())}


def ibm1(pairs: Pairs, iterations: int = 6) -> dict[tuple[str, str], float]:
    """p(target word | source word) of IBM model 1 (Brown et al. 1993) with an empty source word, without it.

    Repeated words of a sentence count once, which keeps the arrays small and hardly changes the model.
    """
    sources, targets = _index(source for source, _ in pairs), _index(target for _, target in pairs)
    width = len(targets) + 1
    links, groups = [], []  # a link: (source word, target word) of a sentence; its group: that target word's place
    group = 0
    for source, target in pairs:
        left = np.fromiter({sources[word] + 1 for word in source} | {0}, dtype=np.int64)
        right = np.fromiter({targets[word] for word in target}, dtype=np.int64)
        if len(right) == 0:
            continue
        links.append((left[None, :] * width + right[:, None]).ravel())
        groups.append(np.repeat(np.arange(group, group + len(right), dtype=np.int64), len(left)))
        group += len(right)
    if not links:
        return {}
    codes, link = np.unique(np.concatenate(links), return_inverse=True)
    place = np.concatenate(groups)
    source_of = codes // width
    probability = np.full(len(codes), 1.0)
    for _ in range(iterations):
        weight = probability[link]
        weight /= np.bincount(place, weights=weight, minlength=group)[place]
        expected = np.bincount(link, weights=weight, minlength=len(codes))
        probability = expected / np.bincount(source_of, weights=expected, minlength=len(sources) + 1)[source_of]
    source_words, target_words = list(sources), list(targets)
    worth = (source_of > 0) & (probability > 0.01)
    return {
        (source_words[code // width - 1], target_words[code % width]): float(value)
        for code, value in zip(codes[worth].tolist(), probability[worth].tolist(), strict=True)
    }


def _index(sentences: Iterable[Sequence[str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for sentence in sentences:
        for word in sentence:
            found.setdefault(word, len(found))
    return found
