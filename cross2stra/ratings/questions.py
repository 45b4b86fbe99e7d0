"""What raters are asked (Section 6, Appendix B.3): three qualities on a scale of ten, three kinds of error."""

from __future__ import annotations

from dataclasses import dataclass

from cross2stra.configuration import Profile

ROWS = ("fg", "ssr", "pivot_align", "unison", "cross2stra", "no_sg", "no_sc", "no_cma_cla")
"""Systems of the paper's Table 4."""


def rated(profile: Profile) -> list[str]:
    """Those of them that caption for the human study, with the first seed; none without the transfer that it is of."""
    if profile.ratings.transfer not in profile.transfers:
        return []
    run = profile.systems_of(profile.ratings.transfer, profile.seeds[0])
    return [system for system in ROWS if system in run]


MOST = 10
SCALE = (
    ("Can't be worse", "差到极点"), ("Terrible", "极差"), ("Poor", "差"), ("A little poor", "较差"), ("Average", "一般"),
    ("Better than average", "中上"), ("Adequate", "合格"), ("Good", "好"), ("Very good", "很好"), ("Excellent", "极好"),
)  # fmt: skip
"""Names of 1 to 10, English and Chinese."""

ERRORS = (
    ("None", "没有"), ("Hardly any", "几乎没有"), ("Very few", "极少"), ("Few", "少"), ("Some", "有一些"),
    ("A fair number", "不算少"), ("Many", "多"), ("Very many", "很多"), ("Nearly all", "几乎全是"), ("All of it", "全是"),
)  # fmt: skip
"""Names of 1 to 10 for how much of a caption is wrong."""


@dataclass(frozen=True)
class Question:
    """A question of the form in both languages; `error` says that 10 is the worst."""

    name: str
    title: tuple[str, str]
    asked: tuple[str, str]
    error: bool = False

    @property
    def scale(self) -> tuple[tuple[str, str], ...]:
        """Names of 1 to 10."""
        return ERRORS if self.error else SCALE


QUESTIONS = (
    Question(
        "relevancy",
        ("Relevancy", "相关性"),
        ("Does the caption say what the picture shows?", "描述与图片内容相符吗？"),
    ),
    Question(
        "diversification",
        ("Diversification", "丰富性"),
        ("Is it rich in content and in words?", "内容和用词丰富多样吗？"),
    ),
    Question("fluency", ("Fluency", "流畅性"), ("Does it read as if a person had written it?", "读起来像人写的吗？")),
    Question(
        "wording",
        ("Wording", "用词错误"),
        ("How much of it is put in unsuitable or imprecise words?", "用词不当或不准确的地方有多少？"),
        error=True,
    ),
    Question(
        "word_order",
        ("Word order", "语序错误"),
        ("How many words, phrases and parts are in the wrong place?", "词、短语和成分放错位置的有多少？"),
        error=True,
    ),
    Question(
        "syntax",
        ("Syntax", "语法错误"),
        (
            "How many errors of syntax: words left out or repeated, wrong forms, missing prepositions?",
            "语法错误有多少：漏词、重复、形式错误、缺少介词等？",
        ),
        error=True,
    ),
)
NAMES = tuple(question.name for question in QUESTIONS)
