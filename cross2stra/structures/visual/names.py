"""Names of box classes and predicates in both languages, and how other annotations' names map onto them.

A detector's class is an id; its name is rendered in the pivot language by these lists alone (docs/readings.md, 9).
"""

from __future__ import annotations

CLASSES: tuple[tuple[str, str], ...] = (
    ("person", "人"), ("bicycle", "自行车"), ("car", "汽车"), ("motorcycle", "摩托车"), ("airplane", "飞机"),
    ("bus", "公交车"), ("train", "火车"), ("truck", "卡车"), ("boat", "船"), ("traffic light", "红绿灯"),
    ("fire hydrant", "消防栓"), ("stop sign", "标志"), ("parking meter", "停车"), ("bench", "长椅"), ("bird", "鸟"),
    ("cat", "猫"), ("dog", "狗"), ("horse", "马"), ("sheep", "羊"), ("cow", "牛"), ("elephant", "大象"), ("bear", "熊"),
    ("zebra", "斑马"), ("giraffe", "长颈鹿"), ("backpack", "背包"), ("umbrella", "雨伞"), ("handbag", "手提包"),
    ("tie", "领带"), ("suitcase", "行李箱"), ("frisbee", "飞盘"), ("skis", "滑雪"), ("snowboard", "滑雪板"),
    ("ball", "球"), ("kite", "风筝"), ("bat", "球棒"), ("baseball glove", "棒球 手套"), ("skateboard", "滑板"),
    ("surfboard", "冲浪板"), ("tennis racket", "网球拍"), ("bottle", "瓶子"), ("wine glass", "酒杯"), ("cup", "杯子"),
    ("fork", "叉子"), ("knife", "刀"), ("spoon", "勺子"), ("bowl", "碗"), ("banana", "香蕉"), ("apple", "苹果"),
    ("sandwich", "三明治"), ("orange", "橙子"), ("broccoli", "西兰花"), ("carrot", "胡萝卜"), ("hot dog", "热狗"),
    ("pizza", "披萨"), ("donut", "甜甜圈"), ("cake", "蛋糕"), ("chair", "椅子"), ("couch", "沙发"), ("plant", "植物"),
    ("bed", "床"), ("table", "桌子"), ("toilet", "马桶"), ("television", "电视"), ("laptop", "笔记本电脑"),
    ("mouse", "鼠标"), ("remote", "遥控器"), ("keyboard", "键盘"), ("cell phone", "手机"), ("microwave", "微波炉"),
    ("oven", "烤箱"), ("toaster", "面包机"), ("sink", "水槽"), ("refrigerator", "冰箱"), ("book", "书"),
    ("clock", "时钟"), ("vase", "花瓶"), ("scissors", "剪刀"), ("teddy bear", "泰迪熊"), ("hair dryer", "吹风机"),
    ("toothbrush", "牙刷"),
)  # fmt: skip
"""English and Chinese names of COCO's 80 classes, in the order of their numbers; a space separates words."""

_PEOPLE = "man woman boy girl child people player kid lady guy"
ALIASES: dict[str, str] = {
    **dict.fromkeys(_PEOPLE.split(), "person"), "bike": "bicycle", "plane": "airplane", "bag": "handbag",
    "ski": "skis", "racket": "tennis racket", "glass": "wine glass", "seat": "chair", "sofa": "couch", "desk": "table",
    "counter": "table", "phone": "cell phone", "van": "car", "luggage": "suitcase", "hydrant": "fire hydrant",
    "monitor": "television", "computer": "laptop", "stove": "oven", "tv": "television", "food": "pizza",
}  # fmt: skip
"""Names of VG150 and VRD for classes of COCO."""

PREDICATES: tuple[tuple[str, str, str], ...] = (
    ("on", "在 上", "on;on a;on top of;on the top of;rest on;cover;park on;be on"),
    ("in", "在 里", "in;in a;inside;inside of;be in;contain"),
    ("under", "在 下面", "under;below;beneath;sit under;stand under"),
    ("above", "在 上方", "above;over;fly"),
    ("behind", "在 后面", "behind;stand behind;sit behind;park behind;follow"),
    ("in front of", "在 前面", "in front of;in the front of;on front of"),
    ("next to", "在 旁边", "next to;beside;by;on side of;stand next to;sit next to;park next;adjacent to;walk next to;"
     "on the left of;on the right of;walk beside;sleep next to"),
    ("near", "在 附近", "near;at;around;along;across"),
    ("with", "带着", "with;have;has;have a;of;of a"),
    ("wearing", "穿着", "wear;wear a"),
    ("holding", "拿着", "hold"),
    ("carrying", "背着", "carry"),
    ("riding", "骑着", "rid;ride;drive;skate on"),
    ("sitting on", "坐在", "sit on;sit in"),
    ("standing on", "站在", "stand on;stand in"),
    ("lying on", "躺在", "lay on;lying on;sleep on;lean on"),
    ("looking at", "看着", "watch;look;face"),
    ("eating", "吃着", "eat;feed"),
    ("playing with", "玩着", "play;play with;hit;kick;touch;use"),
    ("pulling", "拉着", "pull"),
)  # fmt: skip
"""English name, Chinese name, and the predicates of VG150 and VRD that it stands for."""

COUNTS = {2: ("two", "两"), 3: ("three", "三"), 4: ("many", "许多")}
"""Attribute of the largest object of a class that occurs that often (4: or more)."""

CLASS_NUMBERS = {names[0]: number for number, names in enumerate(CLASSES)}
PREDICATE_NUMBERS = {
    source: number for number, (_, _, sources) in enumerate(PREDICATES) for source in sources.split(";")
}


def class_number(name: str) -> int | None:
    """COCO's class of a VG150 or VRD class name; None where it has none."""
    return CLASS_NUMBERS.get(ALIASES.get(name, name))
