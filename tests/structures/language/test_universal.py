"""Universal Dependencies, as Stanza's own documents, through the English rules: a tree by hand for each construction."""

from __future__ import annotations

import pytest
from scene_graphs import attributes
from stanza.utils.conll import CoNLL

from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.language.english import facts
from cross2stra.structures.language.graphs import LanguageGraphs
from cross2stra.structures.language.universal import document, words_of

# word/tag/head/relation, heads from 1
CASES = [
    (
        "a/DT/2/det man/NN/0/root riding/VBG/2/acl a/DT/5/det horse/NN/3/obj on/IN/8/case the/DT/8/det beach/NN/3/obl",
        {("man", "riding", "horse"), ("man", "on", "beach")},
        set(),
    ),
    (
        "the/DT/2/det cat/NN/4/nsubj is/VBZ/4/cop black/JJ/0/root and/CC/6/cc white/JJ/4/conj",
        set(),
        {("cat", "black"), ("cat", "white")},
    ),
    (
        "there/EX/2/expl are/VBP/0/root three/CD/4/nummod birds/NNS/2/nsubj on/IN/7/case a/DT/7/det wire/NN/2/obl",
        {("birds", "on", "wire")},
        {("birds", "three")},
    ),
    (
        "a/DT/2/det man/NN/4/nmod:poss 's/POS/2/case hat/NN/8/nsubj is/VBZ/8/cop on/IN/8/case the/DT/8/det table/NN/0/root",
        {("man", "has", "hat"), ("hat", "on", "table")},
        set(),
    ),
    (
        "a/DT/2/det dog/NN/4/nsubj:pass is/VBZ/4/aux:pass chased/VBN/0/root by/IN/8/case a/DT/8/det small/JJ/8/amod "
        "child/NN/4/obl:agent",
        {("child", "chased", "dog")},
        {("child", "small")},
    ),
    (
        "a/DT/2/det group/NN/0/root of/IN/4/case people/NNS/2/nmod sitting/VBG/4/acl around/IN/8/case a/DT/8/det "
        "table/NN/5/obl",
        {("people", "sitting around", "table")},
        set(),
    ),
    (
        "a/DT/2/det woman/NN/8/nsubj in/IN/6/case a/DT/6/det red/JJ/6/amod dress/NN/2/nmod is/VBZ/8/aux standing/VBG/0/root "
        "in/IN/10/case front/NN/8/obl of/IN/13/case a/DT/13/det bus/NN/10/nmod",
        {("woman", "in", "dress"), ("woman", "standing in front of", "bus")},
        {("dress", "red")},
    ),
    (
        "a/DT/3/det tall/JJ/3/amod bench/NN/0/root next/RB/3/advmod to/IN/7/case the/DT/7/det lake/NN/4/obl",
        {("bench", "next to", "lake")},
        {("bench", "tall")},
    ),
    (
        "a/DT/2/det girl/NN/8/nsubj who/WP/5/nsubj is/VBZ/5/aux wearing/VBG/2/acl:relcl a/DT/7/det shirt/NN/5/obj "
        "throws/VBZ/0/root a/DT/10/det ball/NN/8/obj",
        {("girl", "wearing", "shirt"), ("girl", "throws", "ball")},
        set(),
    ),
    (
        "a/DT/2/det man/NN/0/root and/CC/5/cc a/DT/5/det woman/NN/2/conj in/IN/7/case hats/NNS/2/nmod",
        {("man", "in", "hats")},
        set(),
    ),
]
_POS = {"DT": "DET", "IN": "ADP", "CC": "CCONJ", "CD": "NUM", "RB": "ADV", "EX": "PRON", "WP": "PRON", "POS": "PART"}


def graph_of(said: str) -> SceneGraph:
    rows = []
    for number, part in enumerate(said.split(), 1):
        word, tag, head, relation = part.split("/")
        pos = _POS.get(tag) or {"N": "NOUN", "J": "ADJ", "V": "VERB"}[tag[0]]
        if relation in ("cop", "aux", "aux:pass"):
            pos = "AUX"
        rows.append(f"{number}\t{word}\t{word}\t{pos}\t{tag}\t_\t{head}\t{relation}\t_\t_")
    (sentence,) = CoNLL.conll2doc(input_str="\n".join(rows) + "\n\n").sentences
    return facts(document(words_of(sentence))).graph()


@pytest.mark.parametrize(("said", "relations", "owned"), CASES)
def test_construction(said: str, relations: set[tuple[str, str, str]], owned: set[tuple[str, str]]) -> None:
    graph = graph_of(said)
    assert set(graph.triplets()) == relations
    assert attributes(graph) == owned


def test_missing_models_are_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("STANZA_RESOURCES_DIR", str(tmp_path))
    with pytest.raises(ValueError, match=r"structures\.language `stanza` needs Stanza's English models"):
        LanguageGraphs("en", "stanza").graphs(["a dog"])
