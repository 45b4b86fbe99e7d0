"""Chinese scene graphs, a sentence for each pattern; tokens as jieba gives them."""

from __future__ import annotations

import random

import pytest
from scene_graphs import attributes

from cross2stra.structures.language import chinese
from cross2stra.structures.language.chinese.words import words
from cross2stra.structures.language.graphs import LanguageGraphs

CASES = [
    ("两个 男人 站 在 红色 的 公交车 前面", {("男人", "站 在 前面", "公交车")}, {("男人", "两"), ("公交车", "红色")}),
    ("一个 男人 骑 着 马", {("男人", "骑", "马")}, set()),
    ("桌子 上 有 一只 黑色 的 猫", {("猫", "在 上", "桌子")}, {("猫", "黑色")}),
    ("墙上 挂 着 一幅 画", {("画", "挂 在 上", "墙")}, set()),
    ("草地 上 一只 狗 在 奔跑", {("狗", "在 上", "草地")}, set()),
    ("一个 戴着 帽子 的 女人 坐在 长椅 上", {("女人", "戴", "帽子"), ("女人", "坐 在 上", "长椅")}, set()),
    ("男人 牵着 一个 穿着 红色 衣服 的 孩子", {("男人", "牵", "孩子"), ("孩子", "穿", "衣服")}, {("衣服", "红色")}),
    ("男人 的 帽子 放在 桌子 上", {("男人", "有", "帽子"), ("帽子", "放 在 上", "桌子")}, set()),
    ("一个 男人 和 一个 女人 骑 自行车", {("男人", "骑", "自行车"), ("女人", "骑", "自行车")}, set()),
    ("球 被 男孩 踢", {("男孩", "踢", "球")}, set()),
    ("香蕉 被 挂 在 架子 上", {("香蕉", "挂 在 上", "架子")}, set()),
    ("男孩 把 球 踢", {("男孩", "踢", "球")}, set()),
    ("女孩 把 帽子 放 在 椅子 上", {("女孩", "放", "帽子"), ("帽子", "放 在 上", "椅子")}, set()),
    ("右手 拿 着 球拍 的 女士 在 公园 里", {("右手", "拿", "球拍"), ("女士", "在 里", "公园")}, set()),
    ("小孩 手里 拿 着 风筝", {("小孩", "有", "手"), ("小孩", "拿", "风筝"), ("风筝", "在 里", "手")}, set()),
    ("小狗 旁边 有 一名 工人", {("工人", "在 旁边", "狗")}, {("狗", "小")}),
    ("汽车 停 在 路边 旁边 还有 一辆 卡车", {("汽车", "停 在", "路边"), ("卡车", "在 旁边", "汽车")}, set()),
    ("湖边 的 沙滩 上 有 椅子", {("沙滩", "在", "湖边"), ("椅子", "在 上", "沙滩")}, set()),
    ("草丛 中 奔跑 的 狗", {("狗", "在 中", "草丛")}, set()),
    ("男孩 追 着 的 狗", {("男孩", "追", "狗")}, set()),
    ("狗 在 看 有 线路 的 地图", {("狗", "看", "地图"), ("地图", "有", "线路")}, set()),
    ("树林 里 有 一只 斑马 正在 吃草", {("斑马", "在 里", "树林"), ("斑马", "吃", "草")}, set()),
    ("一群 人 向 海边 走去", {("人", "向 走去", "海边")}, {("人", "一群")}),
    ("裙子 是 红色", set(), {("裙子", "红色")}),
    ("金发 的 女孩", {("女孩", "有", "金发")}, set()),
    ("床 和 沙发 等 家具 摆 在 房子 里", {("床", "摆 在 里", "房子"), ("沙发", "摆 在 里", "房子")}, set()),
    ("一个 男人 玩 滑板 的 特写", {("男人", "玩", "滑板")}, set()),
]  # fmt: skip
CUT = [
    ("一个男孩", ["", "男孩"]),
    ("两只", ["两"]),
    ("一群", ["一群"]),
    ("水中", ["水", "中"]),
    ("空中", ["空中"]),
    ("打网球", ["打", "网球"]),
    ("冲浪", ["冲浪"]),
    ("坐在", ["坐", "在"]),
    ("黑狗", ["黑", "狗"]),
    ("红绿灯", ["红绿灯"]),
    ("小女孩", ["小", "女孩"]),
    ("老人", ["老人"]),
    ("空中飞翔", ["空中", "飞翔"]),
]


@pytest.mark.parametrize(("text", "triplets", "owned"), CASES, ids=[text for text, _, _ in CASES])
def test_pattern(text: str, triplets: set, owned: set) -> None:
    graph = LanguageGraphs("zh", "jieba").graphs([text])[0]
    assert set(graph.triplets()) == triplets
    assert attributes(graph) == owned


def test_measure_words_are_no_nodes() -> None:
    graph = LanguageGraphs("zh", "jieba").graphs(["一 只 狗 和 一 匹 马"])[0]
    assert graph.node_labels == ("狗", "马")


@pytest.mark.parametrize(("token", "parts"), CUT, ids=[token for token, _ in CUT])
def test_tokens_are_cut_where_they_hold_several_parts_of_a_scene(token: str, parts: list[str]) -> None:
    assert [word.text for word in words([token])] == parts


@pytest.mark.parametrize(
    "text", ["的", "一个 的 狗", "和 和 和", "在", "被", "把", "有", "向", "的 的 狗 的", "上 下 里"]
)
def test_sentences_that_are_none_end(text: str) -> None:
    graph = LanguageGraphs("zh", "jieba").graphs([text])[0]
    assert len(graph) > 0


def test_no_order_of_words_is_a_crash() -> None:
    draw = random.Random(1)
    known = sorted({word for text, _, _ in CASES for word in text.split()})
    for _ in range(3000):
        tokens = draw.choices(known, k=draw.randint(1, 12))
        assert all(source != target for source, _, target in chinese.facts(tokens).relations), tokens


def test_verbs_without_object() -> None:
    graph = LanguageGraphs("zh", "jieba").graphs(["奔跑 的 狗"])[0]
    assert graph.node_labels == ("狗", "奔跑")
    assert graph.edges.tolist() == [[0], [1]]
