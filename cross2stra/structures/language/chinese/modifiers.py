"""What stands before 的: owners, places, relative clauses. Each 的 is resolved from left to right, and leaves its noun."""

from __future__ import annotations

from collections.abc import Sequence

from cross2stra.structures.language.chinese import lexicon
from cross2stra.structures.language.chinese.clauses import Clause
from cross2stra.structures.language.chinese.phrases import Item
from cross2stra.structures.language.facts import Facts

_PREDICATES = ("verb", "at", "have", "preposition", "bei", "ba")


def resolve(items: Sequence[Item], found: Facts) -> list[Item]:
    """The items without 的 and what it joined to a noun; the relations of those go to `found`."""
    rest = list(items)
    while (of := next((i for i, item in enumerate(rest) if item.kind == "of"), None)) is not None:
        following = rest[of + 1 : of + 2]
        before = rest[of - 1].kind if of else ""
        if before in ("", "count", "and") or not following or following[0].kind != "noun":  # 马 的 旁边
            del rest[of]
            continue
        begin = _begin(rest, of)
        counted = begin > 0 and rest[begin - 1].kind == "count"
        head = following[0]
        if counted and rest[begin - 1].text:
            found.attributes.append((head.node, rest[begin - 1].text))
        _modify(rest[begin:of], head, found)
        rest[begin - counted : of + 2] = [head]
    return [item for item in rest if item.kind != "count"]


def _begin(items: Sequence[Item], of: int) -> int:
    """Where the modifier that ends at 的 begins."""
    start = next((i + 1 for i in range(of - 1, -1, -1) if items[i].kind == "count"), 0)
    span = items[start:of]
    if start or not any(item.kind in _PREDICATES for item in span):
        return start if start and _has_predicate(span) else of - _length_of_noun(items[:of])
    if span[0].kind == "and":
        return start  # 和 狗 跑 的 人
    subject = next((i for i, item in enumerate(span) if _is_subject(span, i)), None)
    if subject is None:
        return start  # 戴 墨镜 的 人, 草地 上 奔跑 的 狗
    if span[subject].text.endswith(lexicon.BODY_PARTS):
        return start + subject  # 右手 拿 球拍 的 人
    adjacent = [i for i in range(subject + 2, len(span)) if _opens(span, i)]
    if adjacent:
        return start + adjacent[-1]
    if span[-1].kind == "verb":
        return start + subject if len(span) == subject + 2 else of - 1  # 男孩 拿着 的 球
    return of - _length_of_noun(items[:of])


def _opens(span: Sequence[Item], position: int) -> bool:
    """Whether a verb stands where a noun phrase is expected: 看 有 线路 的 地图, 在 有 堤坝 的 海边, 看着 奔跑 的 狗."""
    before, own = span[position - 1].kind, span[position].kind
    if own == "have":
        return before in ("verb", "at")
    return own == "verb" and (before == "at" or (before == "verb" and position == len(span) - 1))


def _has_predicate(span: Sequence[Item]) -> bool:
    return any(item.kind in _PREDICATES for item in span)


def _is_subject(span: Sequence[Item], position: int) -> bool:
    """A noun that no verb or preposition before it governs, and that is no place."""
    item = span[position]
    if item.kind != "noun" or any(other.kind in _PREDICATES for other in span[:position]):
        return False
    if position + 1 < len(span) and span[position + 1].kind == "place":
        return False
    return not item.text.endswith(lexicon.PLACE_ENDINGS) and item.text not in lexicon.PLACES


def _length_of_noun(items: Sequence[Item]) -> int:
    """Items of the noun phrase at the end, its localiser included."""
    length = 1
    if items and items[-1].kind == "place" and len(items) > 1 and items[-2].kind == "noun":
        length = 2
    while (
        length % 2
        and len(items) > length + 1
        and items[-length - 1].kind == "and"
        and items[-length - 2].kind == "noun"
    ):
        length += 2
    return length


def _modify(span: Sequence[Item], head: Item, found: Facts) -> None:
    if not span:
        return
    if not _has_predicate(span):
        _owned(span, head, found)
    elif len(span) == 2 and span[0].kind == "noun" and span[1].kind == "verb" and _is_subject(span, 0):
        if span[1].text.endswith(("成", "满")):
            found.relations.append((head.node, span[1].text, span[0].node))  # 方砖 砌成 的 柱子
        else:
            found.relations.append((span[0].node, span[1].text, head.node))
    else:
        Clause(found, [head.node]).read(span)


def _owned(span: Sequence[Item], head: Item, found: Facts) -> None:
    """男人 的 帽子, 桌子 上 的 猫, 湖边 的 沙滩, 金发 的 女孩."""
    nouns = [item for item in span if item.kind == "noun"]
    side = span[-1].text if span[-1].kind == "place" else ""
    for noun in nouns:
        if side or noun.text in lexicon.PLACES:
            found.relations.append((head.node, " ".join(("在", side)).strip(), noun.node))
        elif noun.text.endswith(lexicon.APPEARANCE):
            found.relations.append((head.node, "有", noun.node))
        else:
            found.relations.append((noun.node, "有", head.node))
