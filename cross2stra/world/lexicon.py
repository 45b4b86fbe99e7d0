"""What the world holds and what it is called: classes, attributes, predicates and places, in both languages.

A class has one or more names in each language, the preferred one first. Two classes that share an English (Chinese)
name are the senses of an ambiguous English (Chinese) word.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Class:
    """An object class. `kind` decides what it can do and how it is drawn; `measure` is its Chinese classifier."""

    id: str
    kind: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    measure: str
    plural: str = ""

    @property
    def plurals(self) -> tuple[str, ...]:
        """English plurals of `en`, in its order."""
        return (self.plural, *map(plural_of, self.en[1:])) if self.plural else tuple(map(plural_of, self.en))


@dataclass(frozen=True)
class Word:
    """An attribute, predicate or place by its names. `zh` of a place is what 在 … takes, its localiser apart."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    kind: str = ""


def plural_of(noun: str) -> str:
    """Regular English plural of a noun's last word."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def _c(kind: str, rows: str) -> list[Class]:
    classes = []
    for row in rows.strip().splitlines():
        parts = row.split("|")
        name, en, zh, measure = (part.strip() for part in parts[:4])
        plural = parts[4].strip() if len(parts) > 4 else ""
        classes.append(Class(name, kind, tuple(en.split(",")), tuple(zh.split(",")), measure, plural))
    return classes


CLASSES = [
    *_c("person", """
        man | man,guy | 男人,男子 | 个 | men
        woman | woman,lady | 女人,女子 | 个 | women
        boy | boy | 男孩 | 个
        girl | girl | 女孩,小姑娘 | 个
        child | child,kid | 孩子,小孩 | 个 | children
        farmer | farmer | 农民 | 位
        doctor | doctor | 医生 | 位
        soldier | soldier | 士兵 | 名
        player | player,athlete | 运动员 | 名
        worker | worker | 工人 | 名"""),
    *_c("animal", """
        dog | dog,puppy | 小狗 | 只
        cat | cat,kitten | 小猫 | 只
        horse | horse | 马 | 匹
        cow | cow | 奶牛 | 头
        bird | bird | 小鸟 | 只
        duck | duck | 鸭子 | 只
        monkey | monkey | 猴子 | 只
        pig | pig | 小猪 | 头
        bat_animal | bat | 蝙蝠 | 只
        mouse_animal | mouse | 老鼠 | 只 | mice
        crane_bird | crane | 仙鹤 | 只
        goat | goat | 羊 | 只
        sheep | sheep | 羊 | 只 | sheep
        rabbit | rabbit | 兔子 | 只
        cuckoo | cuckoo | 杜鹃 | 只"""),
    *_c("vehicle", """
        car | car | 汽车 | 辆
        bus | bus | 公交车 | 辆
        truck | truck | 卡车 | 辆
        bicycle | bicycle,bike | 自行车 | 辆
        motorcycle | motorcycle | 摩托车 | 辆
        boat | boat | 小船 | 条
        train | train | 火车 | 列
        crane_machine | crane | 起重机 | 台"""),
    *_c("furniture", """
        table | table | 桌子 | 张
        chair | chair | 椅子 | 把
        bench | bench | 长椅 | 张
        sofa | sofa,couch | 沙发 | 张
        bed | bed | 床 | 张
        box | box | 箱子 | 个"""),
    *_c("food", """
        apple | apple | 苹果 | 个
        cake | cake | 蛋糕 | 块
        pizza | pizza | 披萨 | 块
        banana | banana | 香蕉 | 根
        bun | bun | 包 | 个"""),
    *_c("thing", """
        ball | ball | 皮球 | 个
        book | book | 书 | 本
        umbrella | umbrella | 雨伞 | 把
        hat | hat | 帽子 | 顶
        kite | kite | 风筝 | 只
        flag | flag | 旗子 | 面
        cup | cup | 杯子 | 个
        guitar | guitar | 吉他 | 把
        flower | flower | 花 | 朵
        tree | tree | 树 | 棵
        lamp | lamp | 台灯 | 盏
        bat_club | bat | 球棒 | 根
        mouse_device | mouse | 鼠标 | 个 | mice
        bow_weapon | bow | 弓 | 把
        bow_ribbon | bow | 蝴蝶结 | 个
        trunk_tree | trunk | 树干 | 根
        trunk_case | trunk | 行李箱 | 个
        nail_metal | nail | 钉子 | 枚
        nail_finger | nail | 指甲 | 枚
        letter_mail | letter | 书信 | 封
        letter_sign | letter | 字母 | 个
        bag | bag | 包 | 个
        watch | watch | 表 | 块
        form | form | 表 | 张
        azalea | azalea | 杜鹃 | 朵"""),
]  # fmt: skip
BY_ID = {row.id: row for row in CLASSES}

COLOURS = [
    Word(*row)
    for row in (
        ("red", ("red",), ("红色",)), ("blue", ("blue",), ("蓝色",)), ("green", ("green",), ("绿色",)),
        ("yellow", ("yellow",), ("黄色",)), ("black", ("black",), ("黑色",)), ("white", ("white",), ("白色",)),
        ("brown", ("brown",), ("棕色", "褐色")), ("pink", ("pink",), ("粉色",)), ("purple", ("purple",), ("紫色",)),
        ("orange", ("orange",), ("橙色",)), ("grey", ("grey", "gray"), ("灰色",)), ("gold", ("golden",), ("金色",)),
    )
]  # fmt: skip
SIZES = [
    Word("big", ("big", "large"), ("大", "巨大")), Word("small", ("small", "little"), ("小", "小小")),
    Word("tall", ("tall",), ("高大",)), Word("round", ("round",), ("圆圆",)),
]  # fmt: skip
PATTERNS = [
    Word("striped", ("striped",), ("条纹",)), Word("spotted", ("spotted",), ("斑点",)),
    Word("shiny", ("shiny", "bright"), ("闪亮", "明亮")), Word("dark", ("dark",), ("昏暗",)),
    Word("dirty", ("dirty",), ("肮脏",)), Word("wooden", ("wooden",), ("木头",)),
    Word("checked", ("checked",), ("格子",)), Word("torn", ("torn",), ("破旧",)),
    Word("framed", ("framed",), ("带框",)),
]  # fmt: skip
COLOUR_IDS = frozenset(word.id for word in COLOURS)
ATTRIBUTES = {word.id: word for word in (*COLOURS, *SIZES, *PATTERNS)}

PREDICATES = {
    word.id: word
    for word in (
        # kind: `side` a place word after the other object, `act` a verb with an object, `rest` a posture on the object
        Word("next_to", ("next to", "beside"), ("旁边",), "side"), Word("behind", ("behind",), ("后面",), "side"),
        Word("in_front_of", ("in front of",), ("前面",), "side"), Word("above", ("above", "over"), ("上方",), "side"),
        Word("under", ("under", "below"), ("下面",), "side"), Word("near", ("near", "close to"), ("附近",), "side"),
        Word("left_of", ("to the left of",), ("左边",), "side"), Word("right_of", ("to the right of",), ("右边",), "side"),
        Word("holding", ("holding",), ("拿",), "act"), Word("riding", ("riding",), ("骑",), "act"),
        Word("chasing", ("chasing",), ("追赶",), "act"), Word("eating", ("eating",), ("吃",), "act"),
        Word("watching", ("watching", "looking at"), ("看",), "act"), Word("carrying", ("carrying",), ("背",), "act"),
        Word("pulling", ("pulling",), ("拉",), "act"), Word("pushing", ("pushing",), ("推",), "act"),
        Word("kicking", ("kicking",), ("踢",), "act"), Word("washing", ("washing",), ("洗",), "act"),
        Word("touching", ("touching",), ("摸",), "act"), Word("wearing", ("wearing",), ("戴",), "act"),
        Word("sitting_on", ("sitting on",), ("坐",), "rest"), Word("standing_on", ("standing on",), ("站",), "rest"),
        Word("lying_on", ("lying on",), ("躺",), "rest"), Word("on", ("on",), ("放",), "rest"),
    )
}  # fmt: skip

PASSIVES = {
    "chasing": "chased", "eating": "eaten", "holding": "held", "carrying": "carried", "pulling": "pulled",
    "pushing": "pushed", "kicking": "kicked", "washing": "washed", "touching": "touched", "riding": "ridden",
    "watching": "watched",
}  # fmt: skip

PLACES = {
    word.id: word
    for word in (
        # kind: the English preposition and the Chinese localiser
        Word("field", ("field", "meadow"), ("草地",), "in|上"), Word("street", ("street", "road"), ("街道",), "on|上"),
        Word("beach", ("beach",), ("沙滩",), "on|上"), Word("kitchen", ("kitchen",), ("厨房",), "in|里"),
        Word("office", ("office",), ("办公室",), "in|里"), Word("forest", ("forest", "woods"), ("森林",), "in|里"),
        Word("park", ("park",), ("公园",), "in|里"), Word("lake", ("lake",), ("湖",), "on|上"),
        Word("cave", ("cave",), ("山洞",), "in|里"), Word("stadium", ("stadium",), ("体育场",), "in|里"),
        Word("station", ("station",), ("车站",), "in|里"), Word("bedroom", ("bedroom",), ("卧室",), "in|里"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Ambiguity:
    """Two senses of one word of `language`. `cues`: the places of the first and of the second sense; empty for a
    control word, whose sense nothing in the picture or the sentence tells."""

    language: str
    word: str
    senses: tuple[str, str]
    cues: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def cued(self) -> bool:
        return bool(self.cues[0])


AMBIGUITIES = [
    Ambiguity("en", "bat", ("bat_animal", "bat_club"), (("cave", "forest"), ("stadium", "park"))),
    Ambiguity("en", "crane", ("crane_bird", "crane_machine"), (("lake", "field"), ("street", "station"))),
    Ambiguity("en", "mouse", ("mouse_animal", "mouse_device"), (("kitchen", "cave"), ("office", "bedroom"))),
    Ambiguity("en", "bow", ("bow_weapon", "bow_ribbon"), (("forest", "field"), ("bedroom", "office"))),
    Ambiguity("en", "trunk", ("trunk_tree", "trunk_case"), (("park", "forest"), ("station", "street"))),
    Ambiguity("en", "nail", ("nail_metal", "nail_finger"), ((), ())),
    Ambiguity("en", "letter", ("letter_mail", "letter_sign"), ((), ())),
    Ambiguity("zh", "杜鹃", ("cuckoo", "azalea"), (("forest", "lake"), ("park", "bedroom"))),
    Ambiguity("zh", "包", ("bun", "bag"), (("kitchen", "beach"), ("station", "street"))),
    Ambiguity("zh", "表", ("watch", "form"), (("stadium", "beach"), ("office", "bedroom"))),
    Ambiguity("zh", "羊", ("goat", "sheep"), ((), ())),
]
SENSES = {sense: ambiguity for ambiguity in AMBIGUITIES for sense in ambiguity.senses}

NUMBERS = {2: ("two", "两"), 3: ("three", "三"), 4: ("four", "四")}
