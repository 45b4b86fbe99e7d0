"""jieba's default cut of Chinese in less time: the same words, found in one pass over a sentence where jieba makes two."""

from __future__ import annotations

from math import log

import jieba


class Segmenter(jieba.Tokenizer):
    """A tokenizer whose `cut` gives what `jieba.cut` gives; it has no full mode (`cut_all`).

    jieba lists the words that begin at each character (`get_DAG`), then walks back over the lists for the likeliest way
    through the sentence (`calc`). Here the way back looks the words up itself.
    """

    def get_DAG(self, sentence: str) -> dict[int, list[int]]:
        """No list: `calc` needs none."""
        self.check_initialized()
        return {}

    def calc(self, sentence: str, DAG: dict[int, list[int]], route: dict[int, tuple[float, int]]) -> None:
        """Fill `route`: of each character the best log probability from there to the end, and the end of its word.

        Of words that are as probable the longest is taken; a character that begins no word counts as seen once.
        """
        count, total, frequency = len(sentence), log(self.total), self.FREQ.get
        onward = [0.0] * (count + 1)
        route[count] = (0, 0)
        for first in range(count - 1, -1, -1):
            best, last = float("-inf"), first
            end = first + 1
            found = frequency(sentence[first])
            while found is not None:  # a beginning of words that is none itself has frequency 0
                if found and (value := log(found) - total + onward[end]) >= best:
                    best, last = value, end - 1
                if end == count:
                    break
                end += 1
                found = frequency(sentence[first:end])
            if best == float("-inf"):
                best = log(1) - total + onward[first + 1]
            onward[first] = best
            route[first] = (best, last)
