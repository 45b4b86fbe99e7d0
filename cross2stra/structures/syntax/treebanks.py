"""Readers of bracketed trees, each to canonical trees over the tokens that the text pipeline makes of the sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import opencc
from nltk import Tree
from nltk.tree import sinica_parse

from cross2stra.data.archives import whole_archive
from cross2stra.data.files import read_json, read_table
from cross2stra.data.languages import tokenise
from cross2stra.data.records import normalise
from cross2stra.structures.tree import canonical, one_line, read_tree, retokenise

_PUNCTUATION_TAGS = {"``", "''", ",", ".", ":", "-LRB-", "-RRB-", "HYPH", "NFP", "PU"}
_HEAD = re.compile(r"^#\d+:[^\]]*\]\s*")
_TAIL = re.compile(r"#[^#]*$")
_SGML = re.compile(r"^\s*<.*$", re.MULTILINE)


def penn_trees(archive: Path, left_out: Counter[str]) -> list[Tree]:
    """The Penn Treebank or its sample (a zip of .mrg files): no traces, function tags, punctuation; words in lower case.

    `left_out` gets the reasons for which trees were left out. Raises ValueError naming the file that holds anything but
    trees.
    """
    trees = []
    for name, content in _members(archive, "*.mrg"):
        text = content.decode("utf-8", errors="replace")
        try:
            brackets = list(Tree.fromstring(f"(ALL {text})"))
        except ValueError as error:
            raise ValueError(f"{archive}: {name}: not bracketed trees ({error}); download the file again") from error
        if not all(isinstance(tree, Tree) and all(map(_regular, tree.subtrees())) for tree in brackets):
            raise ValueError(f"{archive}: {name}: brackets hold one word, or phrases; download the file again")
        for tree in brackets:
            spoken = _without_punctuation(tree)
            if spoken is None:
                left_out["no word"] += 1
            else:
                trees.append(spoken)
    return trees


def _regular(node: Tree) -> bool:
    """Whether a node has phrases below it, or one word."""
    words = [part for part in node if isinstance(part, str)]
    return len(node) == 1 if words else len(node) > 0


def _without_punctuation(tree: Tree) -> Tree | None:
    """The canonical tree of the words in lower case, or None where no word is left."""

    def visit(node: Tree) -> Tree | None:
        if not isinstance(node[0], Tree):
            word = node[0]
            spoken = node.label() not in _PUNCTUATION_TAGS and node.label() != "-NONE-" and re.search(r"\w", word)
            return Tree(node.label(), [word.replace("\\/", "/").lower()]) if spoken else None
        children = [child for child in map(visit, node) if child is not None]
        return Tree(node.label(), children) if children else None

    spoken = visit(tree)
    try:
        return None if spoken is None else canonical(spoken)
    except ValueError:  # phrases of the label of a trace alone
        return None


def chinese_trees(archive: Path, left_out: Counter[str]) -> list[Tree]:
    """The Chinese Treebank, releases 5 to 9 (a zip of its folder bracketed/), over the pipeline's tokens.

    Trees stand between lines of SGML such as `<S ID=1>`, in UTF-8 or, in older releases, GB 18030; traces, function tags and
    punctuation go. What is no tree, or cannot be moved onto the tokens, is left out; `left_out` counts it.
    """
    trees = []
    for _, content in _members(archive, "*bracketed/*"):
        for block in _SGML.split(_text(content)):
            if not block.lstrip().startswith("("):
                continue  # nothing, or the text of a header
            try:
                brackets = list(Tree.fromstring(f"(ALL {block})"))
            except ValueError:
                left_out["no tree"] += 1
                continue
            for tree in brackets:
                if not isinstance(tree, Tree) or not all(map(_regular, tree.subtrees())):
                    left_out["no tree"] += 1
                elif (spoken := _without_punctuation(tree)) is None:
                    left_out["no word"] += 1
                else:
                    trees.append(spoken)
    return _on_tokens(trees, left_out)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def sinica_trees(archive: Path, left_out: Counter[str]) -> list[Tree]:
    """The Sinica Treebank (a zip with a file `parsed`), in simplified characters, over the pipeline's tokens.

    Lines whose tree cannot be read, or cannot be moved onto the tokens, are left out; `left_out` counts them.
    """
    trees = []
    content = next(content for _, content in _members(archive, "*/parsed"))
    for line in content.decode("utf-8", errors="replace").splitlines():
        plain = _TAIL.sub("", _HEAD.sub("", line.strip()))
        if not plain:
            continue
        try:
            tree = _coarse_tags(sinica_parse(_simplifier().convert(plain)))
            canonical(tree)  # raises where no word would be left
        except (AttributeError, ValueError, IndexError):
            left_out["no tree"] += 1
            continue
        trees.append(tree)
    return _on_tokens(trees, left_out)


def _on_tokens(trees: Sequence[Tree], left_out: Counter[str]) -> list[Tree]:
    """Chinese trees over the tokens that the pipeline makes of their sentences."""
    tokens = tokenise("zh", ["".join(tree.leaves()) for tree in trees])
    moved = [retokenise(one_line(tree), words) for tree, words in zip(trees, tokens, strict=True)]
    return _readable(moved, left_out)


def _readable(moved: Iterable[str | None], left_out: Counter[str]) -> list[Tree]:
    kept = []
    for tree in moved:
        if tree is None:
            left_out["not over the tokens of the text"] += 1
        else:
            kept.append(read_tree(tree))
    return kept


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _coarse_tags(tree: Tree) -> Tree:
    """Sinica's several hundred word classes, cut to their first two letters."""
    if not isinstance(tree[0], Tree):
        return Tree("".join(re.findall("[A-Za-z]", tree.label())[:2]) or "X", [tree[0]])
    return Tree(tree.label(), [_coarse_tags(child) for child in tree])


def _members(archive: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of an archive's files that are named like this, whatever their case."""
    if not archive.exists():
        raise FileNotFoundError(f"{archive}: no treebank there; its row of config/sources.csv says how to obtain it")
    with whole_archive(archive) as zipped:
        names = sorted(n for n in zipped.namelist() if fnmatch(n.lower(), pattern) and not n.endswith("/"))
        if not names:
            raise ValueError(f"{archive}: expected files {pattern}, found none; pack it as config/sources.csv says")
        for name in names:
            yield name, zipped.read(name)


TREEBANKS: Mapping[str, Mapping[str, Callable[[Path, Counter[str]], list[Tree]]]] = {
    "en": {"ptb.zip": penn_trees, "treebank.zip": penn_trees},
    "zh": {"ctb.zip": chinese_trees, "sinica_treebank.zip": sinica_trees},
}
"""Language -> files of treebanks, each with its reader; of those in a raw folder the first is read."""


def treebank_trees(raw: Path, language: str, left_out: Counter[str]) -> list[Tree]:
    """Trees of the raw folder's treebank of real text; `left_out` counts what its reader leaves out.

    Raises FileNotFoundError where the folder has none.
    """
    for name, read in TREEBANKS[language].items():
        if (raw / name).exists():
            return read(raw / name, left_out)
    files = " or ".join(TREEBANKS[language])
    how = "see its row of config/sources.csv, or name published weights in structures.parser"
    raise FileNotFoundError(f"{raw}: no {files} there, so no {language} parser can be trained; {how}")


def gold_file(raw: Path, language: str) -> Path:
    """Where derivations of the corpora's sentences lie in a raw folder that has them (columns text, tree)."""
    return raw / "gold" / f"trees.{language}.parquet"


def treebank_file(raw: Path, language: str) -> Path:
    """Where derivations of sentences lie that are in no corpus, if the raw folder has such (columns text, tree)."""
    return raw / "gold" / f"annotated_trees.{language}.parquet"


def gold_trees(raw: Path | None, language: str) -> dict[str, str]:
    """The bracketed derivation of each sentence of the corpora (NFC text); empty where the raw folder has none."""
    if raw is None or not gold_file(raw, language).exists():
        return {}
    return _derivations(gold_file(raw, language))


def _derivations(path: Path) -> dict[str, str]:
    table = read_table(path, columns=["text", "tree"])
    rows = zip(table["text"].to_pylist(), table["tree"].to_pylist(), strict=True)
    return {normalise(text): tree for text, tree in rows}


_HELD_OUT = {"en": ("captions_en_val.json",), "zh": ("aic_val.json", "coco_cn_val.txt", "coco_cn_test.txt")}


def held_out_texts(raw: Path, language: str) -> set[str]:
    """Captions (NFC) of the validation and test pictures in a raw folder: their trees train no parser.

    Raises FileNotFoundError where such a list of captions is absent.
    """
    texts: set[str] = set()
    for name in _HELD_OUT[language]:
        path = raw / name
        if not path.exists():
            raise FileNotFoundError(f"{path}: absent, so it is not known which trees must not train; make it again")
        texts.update(map(normalise, _captions(path)))
    return texts


def _captions(path: Path) -> Iterable[str]:
    if path.suffix == ".txt":
        return [line.split("\t", 1)[1] for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    value = read_json(path)
    if isinstance(value, dict):
        return [annotation["caption"] for annotation in value["annotations"]]
    return [caption for picture in value for caption in picture["caption"]]


def corpus_trees(raw: Path, language: str) -> list[Tree]:
    """Canonical trees of the corpora's sentences, held-out ones included: what a grammar is read from, no parser.

    Raises FileNotFoundError where the raw folder has no derivations.
    """
    if not gold_file(raw, language).exists():
        raise FileNotFoundError(f"{gold_file(raw, language)}: no derivations there; only a generated world has them")
    return _over_tokens(gold_trees(raw, language), language, Counter())


def _over_tokens(derivations: Mapping[str, str], language: str, left_out: Counter[str]) -> list[Tree]:
    tokens = tokenise(language, list(derivations))
    moved = [retokenise(tree, words) for tree, words in zip(derivations.values(), tokens, strict=True)]
    return _readable(moved, left_out)


def training_trees(raw: Path, language: str, left_out: Counter[str]) -> list[Tree]:
    """Trees that a parser may be trained on, of sentences that it is not asked to parse.

    They come from the raw folder's own treebank, sentences of its corpora left out; without one from the derivations of
    its corpora, captions of validation and test pictures left out; without those from a treebank of real text. Equal
    token sequences and single words are left out. `left_out` counts all that were, by reason.
    """
    if gold_file(raw, language).exists():
        derivations = gold_trees(raw, language)
        barred = held_out_texts(raw, language)
        if treebank_file(raw, language).exists():
            barred, derivations = set(derivations), _derivations(treebank_file(raw, language))
        allowed = {text: tree for text, tree in derivations.items() if text not in barred}
        left_out["a held-out sentence"] += len(derivations) - len(allowed)
        trees = _over_tokens(allowed, language, left_out)
        seen_elsewhere = {tuple(words) for words in tokenise(language, sorted(barred))}
    else:
        trees = treebank_trees(raw, language, left_out)
        seen_elsewhere = set()
    distinct = {tuple(tree.leaves()): tree for tree in trees}
    left_out["repeated"] += len(trees) - len(distinct)
    kept = []
    for words, tree in distinct.items():
        if len(words) < 2 or words in seen_elsewhere:
            left_out["one word" if len(words) < 2 else "words of a held-out sentence"] += 1
        else:
            kept.append(tree)
    return kept
