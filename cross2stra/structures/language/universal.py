"""Universal Dependencies as the dependencies that the English rules read, and Stanza (Qi et al. 2020) as a parser of them.

Universal Dependencies hang function words below content words; the rules expect spaCy's English scheme, where a preposition
governs its noun and a copula its predicate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.tokens import Doc

_SAME = {
    "obj": "dobj", "iobj": "dative", "nsubj:pass": "nsubjpass", "nsubj:outer": "nsubj", "csubj:pass": "csubj",
    "aux:pass": "auxpass", "acl:relcl": "relcl", "nmod:poss": "poss", "compound:prt": "prt", "root": "ROOT",
    "obl:npmod": "npadvmod", "obl:tmod": "npadvmod", "obl:unmarked": "npadvmod", "nmod:npmod": "npadvmod",
    "nmod:unmarked": "npadvmod", "det:predet": "predet",
}  # fmt: skip
_OF_A_CLAUSE = {"nsubj", "nsubjpass", "csubj", "expl", "aux", "advmod", "mark", "punct", "advcl", "cc", "conj", "prep"}
"""What moves from a predicate to its copula."""


@dataclass
class Word:
    """A word with its parts of speech, head (its own number for the root) and relation."""

    text: str
    lemma: str
    pos: str
    tag: str
    head: int
    relation: str


def words_of(sentence: Any) -> list[Word]:
    """The words of a Stanza sentence; heads count from 0."""
    return [
        Word(word.text, word.lemma or "", word.upos, word.xpos or "", word.head - 1 if word.head else i, word.deprel)
        for i, word in enumerate(sentence.words)
    ]


def converted(words: Sequence[Word]) -> list[Word]:
    """The same words with the heads and relations that the rules read."""
    found = [Word(w.text, w.lemma, w.pos, w.tag, w.head, _SAME.get(w.relation, w.relation)) for w in words]
    for number, word in enumerate(words):
        if word.relation == "cop":
            _raise_copula(found, number)
    for number, word in enumerate(words):
        if word.relation == "case" and word.tag != "POS":
            _raise_preposition(found, number)
    for word in found:
        if word.relation in ("obl", "nmod"):  # without a preposition
            word.relation = "npadvmod"
        elif word.relation.split(":")[0] in ("obl", "nmod", "acl", "advcl", "nsubj", "obj"):
            word.relation = word.relation.split(":")[0]
    return found


def _raise_copula(words: list[Word], copula: int) -> None:
    """`the dog is black`: `is` takes the place of `black`, and the clause's other words."""
    predicate = words[copula].head
    own, top = words[copula], words[predicate]
    own.head = top.head if top.head != predicate else copula
    own.relation = top.relation
    for number, word in enumerate(words):
        if word.head == predicate and number not in (predicate, copula) and word.relation in _OF_A_CLAUSE:
            if word.relation in ("cc", "conj") and top.pos != "VERB":
                continue  # black and white
            if word.relation == "advmod" and number > copula:
                continue  # very black
            word.head = copula
    top.head = copula
    top.relation = "acomp" if top.pos == "ADJ" else "attr"


def _raise_preposition(words: list[Word], case: int) -> None:
    """`on the table`: `on` takes the place of `table`, which becomes its object."""
    noun = words[case].head
    own, below = words[case], words[noun]
    if below.relation == "pobj":  # a second preposition of the noun: out of
        return
    own.head = below.head if below.head != noun else case
    own.relation = "ROOT" if below.head == noun else "agent" if below.relation == "obl:agent" else "prep"
    own.tag = own.tag or "IN"
    below.head, below.relation = case, "pobj"


def document(words: Sequence[Word]) -> Doc:
    """The words as a document of spaCy, which the rules read."""
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    rows = converted(words)
    return Doc(
        Vocab(),
        words=[word.text for word in rows],
        lemmas=[word.lemma for word in rows],
        pos=[word.pos for word in rows],
        tags=[word.tag for word in rows],
        heads=[word.head for word in rows],
        deps=[word.relation for word in rows],
    )


@cache
def _pipeline() -> Any:
    import stanza

    options = {"tokenize_pretokenized": True, "download_method": None, "verbose": False}
    try:
        return stanza.Pipeline("en", processors="tokenize,pos,lemma,depparse", **options)
    except Exception as error:  # what is missing is told in several ways, none of them Stanza's own
        raise ValueError(
            "structures.language `stanza` needs Stanza's English models in the folder STANZA_RESOURCES_DIR: "
            f"`python -c \"import stanza; stanza.download('en')\"` ({error})"
        ) from error


def parse(sentences: Sequence[Sequence[str]]) -> Iterator[Doc]:
    """Dependencies of tokenised sentences by Stanza. Raises ValueError where its models are missing."""
    for sentence in _pipeline()([list(words) for words in sentences]).sentences:
        yield document(words_of(sentence))
