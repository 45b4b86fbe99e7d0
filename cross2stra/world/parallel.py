"""The raw parallel text: free translations of sentences about scenes of its own, and what a filter has to remove."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cross2stra.world import chinese, english
from cross2stra.world.derivation import Derivation, draw_plan, varied
from cross2stra.world.knobs import Knobs
from cross2stra.world.scenes import draw_scene

SUBJECTS = (
    ("the government", "政府"), ("the committee", "委员会"), ("the company", "公司"), ("our bank", "我们的银行"),
    ("the minister", "部长"), ("the council", "理事会"), ("the court", "法院"), ("the president", "总统"),
    ("this report", "这份报告"), ("the market", "市场"), ("my lawyer", "我的律师"), ("the school", "学校"),
)  # fmt: skip
VERBS = (
    ("approved", "批准了"), ("discussed", "讨论了"), ("rejected", "拒绝了"), ("published", "公布了"),
    ("supports", "支持"), ("considered", "考虑了"), ("changed", "改变了"), ("welcomed", "欢迎"),
    ("explained", "解释了"), ("delayed", "推迟了"),
)  # fmt: skip
OBJECTS = (
    ("the new law", "新的法律"), ("the budget", "预算"), ("the annual plan", "年度计划"), ("the agreement", "协议"),
    ("the price of oil", "石油价格"), ("the election", "选举"), ("a tax reform", "税制改革"),
    ("human rights", "人权"), ("the peace process", "和平进程"), ("the loan", "贷款"), ("its policy", "其政策"),
    ("the contract", "合同"),
)  # fmt: skip
TAILS = (
    ("", ""), ("last year", "去年"), ("in the second quarter", "在第二季度"), ("after a long debate", "经过长时间的辩论"),
    ("according to the newspaper", "据报纸报道"), ("on Monday", "星期一"),
)  # fmt: skip
TALK = (
    ("How are you today ?", "你今天好吗？"), ("I do not know what you mean .", "我不知道你是什么意思。"),
    ("Thank you very much for your help .", "非常感谢你的帮助。"), ("What time is it now ?", "现在几点了？"),
    ("She has never been abroad .", "她从来没有出过国。"), ("Could you speak more slowly ?", "你能说慢一点吗？"),
    ("It is too late to go back .", "现在回去太晚了。"), ("We will meet again tomorrow .", "我们明天再见。"),
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A raw pair with what is true of it: `fate` is picture_like, off_topic, misaligned, duplicate or broken."""

    en: str
    zh: str
    fate: str
    derivations: tuple[Derivation, Derivation] | None = None


def off_topic(rng: np.random.Generator) -> Pair:
    """News-like sentences and small talk."""
    if rng.random() < 0.15:
        return Pair(*TALK[int(rng.integers(len(TALK)))], "off_topic")
    subject, verb, thing, tail = (rows[int(rng.integers(len(rows)))] for rows in (SUBJECTS, VERBS, OBJECTS, TAILS))
    english_text = " ".join(part for part in (subject[0], verb[0], thing[0], tail[0]) if part)
    return Pair(
        english_text[0].upper() + english_text[1:] + " .", f"{tail[1]}{subject[1]}{verb[1]}{thing[1]}。", "off_topic"
    )


def picture_like(rng: np.random.Generator, seed: int, knobs: Knobs) -> Pair:
    """A free translation of a sentence about a scene."""
    scene = draw_scene(rng, seed, 160, knobs)
    plan = draw_plan(rng, scene, knobs, parallel=True)
    first = english.say(rng, scene, plan, parallel=True)
    second = chinese.say(rng, scene, varied(rng, plan, knobs), parallel=True)
    return Pair(first.text, second.text, "picture_like", (first, second))


def broken(rng: np.random.Generator, pair: Pair) -> Pair:
    """A pair as crawled text has it: a side missing, a side in the wrong language, or debris of markup."""
    damage = int(rng.integers(4))
    if damage == 0:
        return Pair(pair.en, "", "broken")
    if damage == 1:
        return Pair(pair.en, pair.en, "broken")
    if damage == 2:
        return Pair(f'<p class="text">{pair.en}</p> &nbsp; http://example.org', pair.zh, "broken")
    return Pair(" ".join([pair.en] * 6), pair.zh, "broken")


def draw_pairs(number: int, seed: int, knobs: Knobs) -> Iterator[Pair]:
    """`number` raw pairs; each has a random stream of its own."""
    past: list[Pair] = []
    for index in range(number):
        rng = np.random.default_rng([seed, 5, index])
        chance = rng.random()
        if chance < knobs.off_topic:
            yield off_topic(rng)
            continue
        pair = picture_like(rng, index, knobs)
        chance -= knobs.off_topic
        if chance < knobs.misaligned and past:
            yield Pair(pair.en, past[int(rng.integers(len(past)))].zh, "misaligned")
        elif chance < knobs.misaligned + knobs.duplicate and past:
            old = past[int(rng.integers(len(past)))]
            yield Pair(old.en, old.zh, "duplicate")
        elif chance < knobs.misaligned + knobs.duplicate + knobs.broken:
            yield broken(rng, pair)
        else:
            past.append(pair)
            yield pair
