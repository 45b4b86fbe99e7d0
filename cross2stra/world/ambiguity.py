"""Ambiguous words, in both directions: their senses and, for two thirds of them, the places that tell them apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ambiguity:
    """Two senses (class ids) of one word of `language`.

    `cues`: the places of the first and of the second sense. Empty for a control word: its senses are drawn alike, stand
    in the same scenes with the same attributes, so that nothing seen or said tells which one it is.
    """

    language: str
    word: str
    senses: tuple[str, str]
    cues: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def cued(self) -> bool:
        """Whether the scene decides the sense."""
        return bool(self.cues[0])


AMBIGUITIES = (
    Ambiguity("en", "bat", ("bat_animal", "bat_club"), (("cave", "forest"), ("stadium", "park"))),
    Ambiguity("en", "crane", ("crane_bird", "crane_machine"), (("lake", "field"), ("street", "station"))),
    Ambiguity("en", "mouse", ("mouse_animal", "mouse_device"), (("kitchen", "cave"), ("office", "bedroom"))),
    Ambiguity("en", "bow", ("bow_weapon", "bow_ribbon"), (("forest", "field"), ("bedroom", "office"))),
    Ambiguity("en", "trunk", ("trunk_tree", "trunk_case"), (("park", "forest"), ("station", "street"))),
    Ambiguity("en", "seal", ("seal_animal", "seal_stamp"), (("beach", "lake"), ("office", "temple"))),
    Ambiguity("en", "fan", ("fan_person", "fan_machine"), (("stadium", "street"), ("bedroom", "kitchen"))),
    Ambiguity("en", "pitcher", ("pitcher_player", "pitcher_jug"), (("stadium", "field"), ("kitchen", "temple"))),
    Ambiguity("en", "nail", ("nail_metal", "nail_finger")),
    Ambiguity("en", "letter", ("letter_mail", "letter_sign")),
    Ambiguity("en", "ring", ("ring_finger", "ring_circle")),
    Ambiguity("en", "uncle", ("uncle_father", "uncle_mother")),
    Ambiguity("zh", "杜鹃", ("cuckoo", "azalea"), (("forest", "lake"), ("park", "bedroom"))),
    Ambiguity("zh", "包", ("bun", "bag"), (("kitchen", "beach"), ("station", "street"))),
    Ambiguity("zh", "表", ("watch", "gauge"), (("stadium", "beach"), ("office", "kitchen"))),
    Ambiguity("zh", "钟", ("clock", "bell"), (("station", "office"), ("temple", "park"))),
    Ambiguity("zh", "乌龟", ("turtle", "tortoise"), (("beach", "lake"), ("field", "forest"))),
    Ambiguity("zh", "羊", ("goat", "sheep")),
    Ambiguity("zh", "鳄鱼", ("crocodile", "alligator")),
    Ambiguity("zh", "鸽子", ("pigeon", "dove")),
)
SENSES = {sense: ambiguity for ambiguity in AMBIGUITIES for sense in ambiguity.senses}


def look_of(class_id: str) -> str:
    """The class whose drawing, box and combinations `class_id` shares: its own, for a control the first sense's."""
    ambiguity = SENSES.get(class_id)
    return class_id if ambiguity is None or ambiguity.cued else ambiguity.senses[0]
