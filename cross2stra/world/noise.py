"""What a filter has to remove from parallel text: news, resolutions, small talk; and how lines get broken."""

from __future__ import annotations

import numpy as np

SUBJECTS = (
    ("the government", "政府"), ("the committee", "委员会"), ("the company", "公司"), ("our bank", "我们的银行"),
    ("the minister", "部长"), ("the council", "理事会"), ("the court", "法院"), ("the president", "总统"),
    ("this report", "这份报告"), ("the market", "市场"), ("my lawyer", "我的律师"), ("the school", "学校"),
    ("the secretary general", "秘书长"), ("the working group", "工作组"), ("a senior official", "一位高级官员"),
    ("the new director", "新主任"), ("the central bank", "中央银行"), ("the research team", "研究小组"),
    ("the labour union", "工会"), ("the insurance company", "保险公司"),
)  # fmt: skip
VERBS = (
    ("approved", "批准了"), ("discussed", "讨论了"), ("rejected", "拒绝了"), ("published", "公布了"),
    ("supports", "支持"), ("considered", "考虑了"), ("changed", "改变了"), ("welcomed", "欢迎"),
    ("explained", "解释了"), ("delayed", "推迟了"), ("has signed", "签署了"), ("will review", "将审查"),
    ("did not mention", "没有提到"), ("must respect", "必须尊重"), ("criticised", "批评了"), ("announced", "宣布了"),
)  # fmt: skip
OBJECTS = (
    ("the new law", "新的法律"), ("the budget", "预算"), ("the annual plan", "年度计划"), ("the agreement", "协议"),
    ("the price of oil", "石油价格"), ("the election", "选举"), ("a tax reform", "税制改革"), ("human rights", "人权"),
    ("the peace process", "和平进程"), ("the loan", "贷款"), ("its policy", "其政策"), ("the contract", "合同"),
    ("the draft resolution", "决议草案"), ("economic growth", "经济增长"), ("the climate conference", "气候会议"),
    ("the results of the survey", "调查结果"), ("the security situation", "安全局势"), ("public health", "公共卫生"),
    ("the trade talks", "贸易谈判"), ("a statement on education", "关于教育的声明"),
)  # fmt: skip
TAILS = (
    ("", ""), ("", ""), ("last year", "去年"), ("in the second quarter", "在第二季度"),
    ("after a long debate", "经过长时间的辩论"), ("according to the agency", "据通讯社报道"), ("on Monday", "星期一"),
    ("despite strong criticism", "尽管受到强烈批评"), ("in accordance with article two", "根据第二条"),
    ("for the first time since the crisis", "自危机以来首次"),
)  # fmt: skip
TALK = (
    ("How are you today?", "你今天好吗？"), ("I do not know what you mean.", "我不知道你是什么意思。"),
    ("Thank you very much for your help.", "非常感谢你的帮助。"), ("What time is it now?", "现在几点了？"),
    ("She has never been abroad.", "她从来没有出过国。"), ("Could you speak more slowly?", "你能说慢一点吗？"),
    ("It is too late to go back.", "现在回去太晚了。"), ("We will meet again tomorrow.", "我们明天再见。"),
    ("He told me a secret.", "他告诉了我一个秘密。"), ("That is a good idea.", "那是个好主意。"),
    ("Please wait a moment.", "请稍等一下。"), ("I have to work on Sunday.", "我星期天得上班。"),
    ("Do you want some tea?", "你想喝点茶吗？"), ("They do not believe us.", "他们不相信我们。"),
)  # fmt: skip
ASIDES = (
    ("{name} said that {rest}", "{name}说{rest}"), ("{name} believes that {rest}", "{name}认为{rest}"),
    ("according to {name}, {rest}", "根据{name}的说法，{rest}"),
)  # fmt: skip


def off_topic(rng: np.random.Generator) -> tuple[str, str]:
    """An (English, Chinese) pair of news or small talk; numbers and years make most of them differ."""
    if rng.random() < 0.12:
        return TALK[int(rng.integers(len(TALK)))]

    def one(rows: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        return rows[int(rng.integers(len(rows)))]

    subject, verb, thing, tail = one(SUBJECTS), one(VERBS), one(OBJECTS), one(TAILS)
    english = " ".join(part for part in (subject[0], verb[0], thing[0], tail[0]) if part)
    pause = "，" if len(tail[1]) > 5 else ""
    chinese = f"{tail[1]}{pause}{subject[1]}{verb[1]}{thing[1]}"
    if rng.random() < 0.3:
        aside, name = one(ASIDES), one(SUBJECTS)
        english = aside[0].format(name=name[0], rest=english)
        chinese = aside[1].format(name=name[1], rest=chinese)
    if rng.random() < 0.2:
        number = (5, 10, 20, 50)[int(rng.integers(4))]
        english, chinese = f"{english} by {number} percent", f"{chinese}百分之{number}"
    return english[0].upper() + english[1:] + ".", chinese + "。"


def damaged(rng: np.random.Generator, english: str, chinese: str) -> tuple[str, str]:
    """A pair as crawled text has it: an empty side, the wrong script, markup, a broken encoding, repetition."""
    kind = int(rng.integers(6))
    if kind == 0:
        return (english, "") if rng.random() < 0.5 else ("", chinese)
    if kind == 1:
        return (english, english) if rng.random() < 0.5 else (chinese, chinese)
    if kind == 2:
        return f'<p class="text">{english}</p>&nbsp;<br/> http://www.example.org', chinese
    if kind == 3:
        return english, "".join("\ufffd?" if position % 2 else letter for position, letter in enumerate(chinese))
    if kind == 4:
        return " ".join([english] * 6), chinese
    return english, f"{chinese[: max(2, len(chinese) // 6)]}&hellip;{{{{{int(rng.integers(1000))}}}}}"
