"""What the world holds and what it is called: classes, attributes, predicates and places, in both languages.

A class has one or more names in each language, the usual one first. In the tables below a name that ends in `*` is
said in captions only, one that ends in `+` in the parallel text only: the two registers differ as in real corpora.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The names of something in one language, by register."""

    captions: tuple[str, ...]
    parallel: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every name once, the usual one first."""
        return tuple(dict.fromkeys((*self.captions, *self.parallel)))

    def of(self, parallel: bool) -> tuple[str, ...]:
        """The names that one register uses."""
        return self.parallel if parallel else self.captions


def names_of(row: str) -> Names:
    """Parse `man,guy*,gentleman+`."""
    parts = [part.strip() for part in row.split(",")]
    captions = tuple(part.rstrip("*") for part in parts if not part.endswith("+"))
    return Names(captions, tuple(part.rstrip("+") for part in parts if not part.endswith("*")))


@dataclass(frozen=True)
class Word:
    """A class, attribute, predicate or place. `kind` is its group in the tables, `extra` what the grammars need:
    the measure word of a class, the preposition and localiser of a place, the participle of a predicate."""

    id: str
    kind: str
    en: Names
    zh: Names
    extra: tuple[str, ...] = ()


def table(kind: str, rows: str) -> dict[str, Word]:
    """Words of one kind from lines `id | English | Chinese | extra | …`."""
    found = {}
    for row in rows.strip().splitlines():
        name, en, zh, *extra = (part.strip() for part in row.split("|"))
        found[name] = Word(name, kind, names_of(en), names_of(zh), tuple(extra))
    return found


IRREGULAR = {
    "man": "men", "woman": "women", "child": "children", "mouse": "mice", "sheep": "sheep", "scarf": "scarves",
    "gentleman": "gentlemen", "person": "people",
}  # fmt: skip


def plural_of(noun: str) -> str:
    """English plural of a noun."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


CLASSES = {
    **table("person", """
        man | man,guy*,gentleman+ | 男人,男子,男士+ | 个
        woman | woman,lady,female+ | 女人,女子,女士+ | 个
        boy | boy | 男孩,小伙子* | 个
        girl | girl | 女孩,小姑娘* | 个
        child | child,kid,toddler* | 孩子,小孩,儿童+ | 个
        farmer | farmer | 农民 | 位
        doctor | doctor,physician+ | 医生,大夫* | 位
        soldier | soldier | 士兵,军人+ | 名
        player | player,athlete | 运动员,选手+ | 名
        worker | worker,workman+ | 工人 | 名
        chef | chef,cook | 厨师 | 位
        dancer | dancer,performer+ | 舞者 | 名
        pitcher_player | pitcher | 投手 | 名
        fan_person | fan | 球迷 | 名
        uncle_father | uncle | 叔叔 | 位
        uncle_mother | uncle | 舅舅 | 位"""),
    **table("animal", """
        dog | dog,puppy | 狗,小狗* | 只
        cat | cat,kitten | 猫,猫咪* | 只
        horse | horse,pony* | 马 | 匹
        cow | cow,cattle+ | 奶牛 | 头
        bird | bird | 鸟,小鸟* | 只
        duck | duck | 鸭子 | 只
        monkey | monkey | 猴子 | 只
        elephant | elephant | 大象 | 头
        rabbit | rabbit | 兔子 | 只
        pig | pig | 猪 | 头
        bat_animal | bat | 蝙蝠 | 只
        mouse_animal | mouse | 老鼠 | 只
        crane_bird | crane | 仙鹤 | 只
        seal_animal | seal | 海豹 | 只
        cuckoo | cuckoo | 杜鹃 | 
        turtle | turtle | 乌龟 | 只
        tortoise | tortoise | 乌龟 | 只
        goat | goat | 羊 | 只
        sheep | sheep | 羊 | 只
        crocodile | crocodile | 鳄鱼 | 条
        alligator | alligator | 鳄鱼 | 条
        pigeon | pigeon | 鸽子 | 只
        dove | dove | 鸽子 | 只"""),
    **table("vehicle", """
        car | car,automobile+ | 汽车,轿车 | 辆
        bus | bus | 公交车,巴士* | 辆
        truck | truck,lorry+ | 卡车,货车+ | 辆
        bicycle | bicycle,bike | 自行车,单车* | 辆
        motorcycle | motorcycle,motorbike | 摩托车 | 辆
        boat | boat,vessel+ | 船 | 条
        train | train | 火车,列车+ | 列
        airplane | airplane,plane | 飞机 | 架
        crane_machine | crane | 起重机 | 台"""),
    **table("furniture", """
        table | table | 桌子 | 张
        chair | chair,seat* | 椅子 | 把
        bench | bench | 长椅,长凳* | 张
        sofa | sofa,couch | 沙发 | 张
        bed | bed | 床 | 张
        box | box,crate* | 箱子,盒子 | 个"""),
    **table("food", """
        apple | apple | 苹果 | 个
        cake | cake | 蛋糕 | 块
        pizza | pizza | 披萨 | 块
        banana | banana | 香蕉 | 根
        melon | melon,watermelon | 西瓜 | 个"""),
    **table("wear", """
        hat | hat,cap | 帽子 | 顶
        scarf | scarf | 围巾 | 条
        helmet | helmet | 头盔 | 个
        mask | mask | 面具 | 个"""),
    **table("thing", """
        ball | ball | 皮球 | 个
        book | book | 书 | 本
        umbrella | umbrella | 雨伞 | 把
        kite | kite | 风筝 | 只
        flag | flag,banner+ | 旗子,旗帜+ | 面
        cup | cup,mug | 杯子 | 个
        guitar | guitar | 吉他 | 把
        flower | flower,blossom+ | 花朵 | 朵
        tree | tree | 树 | 棵
        lamp | lamp | 台灯 | 盏
        bottle | bottle | 瓶子 | 个
        basket | basket | 篮子 | 个
        bat_club | bat | 球棒 | 根
        mouse_device | mouse | 鼠标 | 个
        bow_weapon | bow | 弓箭 | 把
        bow_ribbon | bow | 蝴蝶结 | 个
        trunk_tree | trunk | 树干 | 根
        trunk_case | trunk | 行李箱 | 个
        seal_stamp | seal | 印章 | 枚
        fan_machine | fan | 电扇 | 台
        pitcher_jug | pitcher | 水壶 | 个
        nail_metal | nail | 钉子 | 枚
        nail_finger | nail | 指甲 | 枚
        letter_mail | letter | 书信 | 封
        letter_sign | letter | 字母 | 个
        ring_finger | ring | 戒指 | 枚
        ring_circle | ring | 圆环 | 个
        azalea | azalea | 杜鹃 | 
        bun | bun | 包 | 个
        bag | bag | 包 | 个
        watch | watch | 表 | 块
        gauge | gauge | 表 | 块
        clock | clock | 钟 | 个
        bell | bell | 钟 | 个"""),
}  # fmt: skip
"""Objects; two classes with one name in a language are the senses of an ambiguous word (ambiguity.py)."""

HYPERNYMS = {
    "person": Word("person", "person", names_of("person"), names_of("人"), ("个",)),
    "animal": Word("animal", "animal", names_of("animal"), names_of("动物"), ("只",)),
    "vehicle": Word("vehicle", "vehicle", names_of("vehicle"), names_of("车辆"), ("个",)),
}

COLOURS = table("colour", """
    red | red,scarlet+ | 红色 |
    blue | blue | 蓝色 |
    green | green | 绿色 |
    yellow | yellow | 黄色 |
    black | black | 黑色 |
    white | white | 白色 |
    brown | brown,tan* | 棕色,褐色+ |
    pink | pink | 粉色,粉红色* |
    purple | purple,violet+ | 紫色 |
    orange | orange | 橙色,橘色* |
    grey | gray,grey+ | 灰色 |
    gold | golden | 金色 |""")  # fmt: skip
ATTRIBUTES = {
    **COLOURS,
    **table("size", """
        big | big,large,huge* | 大,巨大 |
        small | small,little,tiny* | 小,小小 |
        tall | tall | 高大,高高* |
        round | round | 圆形,圆圆* |"""),
    **table("pattern", """
        striped | striped | 条纹 |
        spotted | spotted,dotted* | 带斑点,花斑* |
        checked | checked,plaid* | 格子 |
        shiny | shiny,bright+ | 闪亮,发亮* |
        dark | dark | 昏暗,深色* |
        dirty | dirty,muddy* | 肮脏,脏兮兮* |
        wooden | wooden | 木制,木头 |
        torn | torn,ragged+ | 破旧,破烂* |
        wet | wet | 潮湿,湿漉漉* |"""),
    **table("person_look", """
        old | old,elderly* | 年老 |
        smiling | smiling,happy* | 微笑,高兴+ |
        crying | crying,sad+ | 哭泣,伤心+ |"""),
    **table("activity", """
        running | running | 奔跑,跑步* |
        jumping | jumping,leaping* | 跳跃 |
        sleeping | sleeping,resting* | 睡觉,休息 |
        dancing | dancing | 跳舞 |
        playing | playing | 玩耍 |"""),
}  # fmt: skip

SUITS = {
    "person": "colour colour colour person_look activity tall",
    "animal": "colour colour striped spotted big small dirty wet activity",
    "vehicle": "colour colour colour big small shiny dirty striped",
    "furniture": "colour colour wooden big small torn",
    "food": "colour colour big small round",
    "wear": "colour colour striped spotted checked torn",
    "thing": "colour colour colour big small shiny dark dirty",
    "table": "round", "chair": "checked", "sofa": "striped checked", "bed": "checked striped", "boat": "wooden wet",
    "box": "checked", "ball": "striped spotted wet", "book": "torn wet striped", "umbrella": "striped checked torn wet",
    "kite": "striped checked torn", "flag": "striped checked torn", "cup": "spotted tall", "guitar": "wooden striped",
    "tree": "tall tall wet", "lamp": "tall striped", "bottle": "tall striped", "basket": "wooden round torn",
}  # fmt: skip
"""Attributes that suit a kind of class, and more for some classes: ids or kinds of attributes, as often as drawn."""

PREDICATES = {
    # extra of `side`: its converse; of `act`: English participle, Chinese complement of 把 (empty: none)
    **table("side", """
        next_to | next to,beside | 旁边,身旁* | next_to
        behind | behind | 后面,背后* | in_front_of
        in_front_of | in front of | 前面,前方+ | behind
        above | above,over | 上方,上面 | under
        under | under,below,underneath* | 下面,下方+ | above
        near | near,close to | 附近 | near
        left_of | to the left of,on the left of | 左边,左侧+ | right_of
        right_of | to the right of,on the right of | 右边,右侧+ | left_of"""),
    **table("act", """
        holding | holding,grasping+ | 拿,握* | held | 拿 在 手里
        riding | riding | 骑 | ridden |
        chasing | chasing,pursuing+ | 追赶,追逐* | chased |
        eating | eating | 吃,品尝+ | eaten |
        watching | watching,looking at | 看,注视* | watched |
        carrying | carrying | 背 | carried | 背 在 身上
        pulling | pulling,dragging* | 拉,拖* | pulled | 拉 在 身后
        pushing | pushing | 推 | pushed | 推 到 前面
        kicking | kicking | 踢 | kicked |
        washing | washing,cleaning | 清洗,洗* | washed |
        touching | touching,petting* | 抚摸,摸* | touched |
        feeding | feeding | 喂 | fed |
        hugging | hugging | 抱 | hugged | 抱 在 怀里
        driving | driving | 开 | driven |
        playing_on | playing | 弹 | played |
        reading | reading | 读 | read |
        wearing | wearing | 戴 | | 戴 在 头上"""),
    **table("rest", """
        sitting_on | sitting on | 坐 |
        standing_on | standing on | 站 |
        lying_on | lying on | 躺 |
        on | on | 放 |"""),
}  # fmt: skip

PLACES = table("place", """
    field | field,meadow* | 草地,草坪* | in | 上
    street | street,road | 街道,马路* | on | 上
    beach | beach,seaside+ | 沙滩,海滩 | on | 上
    kitchen | kitchen | 厨房 | in | 里
    office | office | 办公室 | in | 里
    forest | forest,woods | 森林,树林 | in | 里
    park | park | 公园 | in | 里
    lake | lake | 湖边 | by |
    cave | cave,cavern+ | 山洞,洞穴+ | in | 里
    stadium | stadium | 体育场 | in | 里
    station | station | 火车站 | in | 里
    bedroom | bedroom | 卧室 | in | 里
    temple | temple | 寺庙 | in | 里""")  # fmt: skip

NUMBERS = {2: ("two", "两"), 3: ("three", "三"), 4: ("four", "四")}
SEVERAL = ("several", "几")
