"""Chinese scene graphs, a sentence for each pattern; tokens as jieba gives them."""

from __future__ import annotations

import pytest

from cross2stra.structures.graph import EDGE_LABELS, SceneGraph
from cross2stra.structures.language.graphs import LanguageGraphs

CASES = [
    ("两个 男人 站 在 红色 的 公交车 前面", {("男人", "站 在 前面", "公交车")}, {("男人", "两个"), ("公交车", "红色")}),
    ("一个 男人 骑 着 马", {("男人", "骑", "马")}, set()),
    ("桌子 上 有 一只 黑色 的 猫", {("猫", "在 上", "桌子")}, {("猫", "黑色")}),
    ("墙上 挂 着 一幅 画", {("画", "挂", "墙上")}, set()),
    ("草地 上 一只 狗 在 奔跑", {("狗", "在 上", "草地")}, set()),
    ("一个 戴着 帽子 的 女人 坐在 长椅 上", {("女人", "戴着", "帽子"), ("女人", "坐在 上", "长椅")}, set()),
    ("男人 牵着 一个 穿着 红色 衣服 的 孩子", {("男人", "牵着", "孩子"), ("孩子", "穿着", "衣服")}, {("衣服", "红色")}),
    ("男人 的 帽子 放在 桌子 上", {("男人", "的", "帽子"), ("帽子", "放在 上", "桌子")}, set()),
    ("一个 男人 和 一个 女人 骑 自行车", {("男人", "骑", "自行车"), ("女人", "骑", "自行车")}, set()),
    ("球 被 男孩 踢", {("男孩", "踢", "球")}, set()),
    ("男孩 把 球 踢", {("男孩", "踢", "球")}, set()),
    ("右手 拿 着 球拍 的 女士 在 公园 里", {("女士", "拿", "球拍"), ("女士", "在 里", "公园")}, set()),
    ("小狗 旁边 有 一名 工人", {("工人", "在 旁边", "小狗")}, set()),
]


def attributes(graph: SceneGraph) -> set[tuple[str, str]]:
    return {
        (graph.node_labels[owner], graph.node_labels[node])
        for owner, node, label in zip(*graph.edges.tolist(), graph.edge_labels.tolist(), strict=True)
        if label == EDGE_LABELS.index("attribute")
    }


@pytest.mark.parametrize(("text", "triplets", "owned"), CASES, ids=[text for text, _, _ in CASES])
def test_pattern(text: str, triplets: set, owned: set) -> None:
    graph = LanguageGraphs("zh", "jieba").graphs([text])[0]
    assert set(graph.triplets()) == triplets
    assert attributes(graph) == owned


def test_measure_words_are_no_nodes() -> None:
    graph = LanguageGraphs("zh", "jieba").graphs(["一 只 狗 和 一 匹 马"])[0]
    assert graph.node_labels == ("狗", "马")


def test_verbs_without_object() -> None:
    graph = LanguageGraphs("zh", "jieba").graphs(["奔跑 的 狗"])[0]
    assert graph.node_labels == ("狗", "奔跑")
    assert graph.edges.tolist() == [[0], [1]]
