"""Function words of both languages: they say nothing about whether a sentence is about a picture."""

from __future__ import annotations

from functools import lru_cache

_ENGLISH = """
a an the this that these those each every some any no all both either neither another other such
i me my mine you your yours he him his she her hers it its we us our ours they them their theirs
myself yourself himself herself itself ourselves themselves who whom whose which what one ones someone something
am is are was were be been being do does did doing done have has had having will would shall should can could may might
must ca wo ai to of in on at by for with from into onto upon over under above below between among through across along
around behind beside besides near next against about after before during until since within without out off up down as
than like and or but nor so if because while when where why how whether though although however then there here now
not n't n't 's 's 'm 're 've 'll 'd s t very too also just only more most much many few little less least own same again
once ever never always yes please let
"""

_CHINESE = """
的 地 得 了 着 过 在 是 和 与 及 或 而 也 都 就 还 又 很 太 更 最 不 没 没有 有 这 那 这个 那个 这些 那些 哪 哪个
一 一个 一只 一名 一位 一些 个 只 名 位 条 张 把 件 座 辆 头 匹 群 块 片 朵 棵 本 双 对 些 种 次 两 两个 几 几个
我 你 您 他 她 它 我们 你们 他们 她们 它们 自己 谁 什么 怎么 为什么 哪里 这里 那里 正在 正 已 已经 将 会 能 可以 要
应该 必须 从 到 向 往 对 对于 为 为了 被 把 给 跟 让 使 由 以 于 之 其 并 并且 但 但是 因为 所以 如果 虽然 然后 当
吗 呢 吧 啊 呀 嘛 里 上 下 中 内 外 前 后 旁 边 旁边 上面 下面 里面 外面 前面 后面 之间 等 所 着的 了的
"""

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "zh": frozenset(_CHINESE.split()),
}


@lru_cache(1 << 16)
def is_content(language: str, token: str) -> bool:
    """Whether a token says something: not a function word, and with at least one letter."""
    return token not in FUNCTION_WORDS[language] and any(c.isalpha() for c in token)
