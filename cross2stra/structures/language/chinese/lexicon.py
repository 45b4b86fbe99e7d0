"""What the rules for Chinese know of single words. Word classes in general come from jieba's dictionary."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LOCALISER_ENDINGS = "上下里中内外前后"
LOCALISERS = frozenset(LOCALISER_ENDINGS) | _words(
    "边 旁 旁边 上面 下面 里面 外面 前面 后面 中间 之间 中央 附近 对面 左边 右边 身边 身旁 上方 下方 周围 前方 后方 身后 身上 里边 "
    "一旁 边上 之上 之下 之中 底下 左侧 右侧 一侧 两侧 两旁 面前 跟前 上空 当中 顶部 底部 顶上"
)
NOUNS = {"青年", "短袖", "长袖", "包", "表"}
"""Nouns that jieba's dictionary has as times, qualities or verbs."""
PLACES = _words("空中 室内 室外 户外 海边 路边 湖边 河边 水边 岸边 街边 窗边 池边 街头 山间 林间 街上 路旁 路上 空地")
"""Nouns that are places with no localiser; not cut further."""
PLACE_ENDINGS = tuple("厅室店园场馆院街路站地边")

DIGITS = "一二三四五六七八九十百千两俩仨几数"
MEASURES = (
    "个只名位条匹头张把辆架艘座幅件套块片棵朵杯盘碗瓶袋盒根支枝顶本部台间栋扇面口家列颗滴份捆束株道层篮罐壶桶"
    "串种样场所节段阵次堵团封盏篇"
)
COLLECTIVES = "群对些双排队堆伙帮行"
"""Measure words that say that there are several: they stay with their number."""
QUANTITIES = _words("许多 很多 好多 无数 大量 一些 众多 多个 多只 若干 成群 成排 不少")

ASPECTS = "着了过"
AFTER_VERB = _words("到 向 往 进 入 出 起 满 给 成 上 下 过 来 去 住 起来 下来 上去 下去 过来 过去 进去 出来 飞")
"""Complements: they stay with the verb before them."""
PHASES = _words("准备 开始 试图 打算 玩 做 进行")
"""Verbs that take a verb."""
PERCEPTION = _words("看 看着 望 望着 盯 让 帮 教 扔 瞧 注视")
"""Their object does what the next verb says."""
VIEWER = _words("记得 看到 看见 透过 只见 可见")
"""Said by a viewer who is not named."""
DROPPED = _words(
    "正 地 得 这 那 这里 那里 自己 其 要 能 会 可以 想 将 还 也 都 就 不 没 没有 并 并且 同时 "
    "一起 原地 其中 时 啊 有点 一样 好像 说 我 我们 他 他们 她 她们 它 它们"
)
PREPOSITIONS = _words("从 向 对 用 朝 往 沿着 沿 由 靠着 随着 对着 朝着 向着")
LIGHT = ("特写", "背影", "镜头", "照片", "图片", "画面", "相片", "合影", "情景", "场景", "样子")
"""Endings of nouns that present the picture."""

VERBS = frozenset("穿戴拿抱骑踢推拉背坐站躺趴蹲跑走跳吃喝看洗摸牵举扔放挂停飞追打弹玩拎提握踩听拴拽昂甩摘抢咬叼伸扛挥击搭铺照喂划攀爬钓射投接抓捉抬搬捡"
            "荡栽修扫切煮烤唱敲刷梳系扎披顶挎拖逗吻闻舔啃跪靠倚躲藏围绕飘漂浮游落摆装盛倒涂画写读晒滑抛掷传挤等望盯笑哭喊叫睡立摔撑载带送")  # fmt: skip
"""Verbs of one character; jieba's dictionary often has these as parts of words."""
TAKES_OBJECT = frozenset("打踢骑喝吃玩戴穿开放甩抢摘追遛喂划钓牵举扔接爬挥击吹弹看抱扛画荡")
"""First characters of verb-object words that are two nodes."""
THINGS = frozenset("车马球水草花山船狗猫树鱼饭伞书线画拍牛羊鸟酒茶琴棒旗雪")
"""Objects of one character in such words."""
WHOLE = _words("划水 吹风 打水 开花 开山 看球 开水 打草 打酒 打车 打书 放花 画花")
"""Words that look like a verb with its object and are not."""
ACTIVITIES = _words(
    "攀岩 滑雪 冲浪 跨栏 发球 滑冰 跳舞 打架 聚餐 玩耍 游泳 跳水 攀登 起舞 帆船运动 蹦极 跳伞 击掌 "
    "摔跤 拔河 举重 飞翔 翱翔 嬉戏 低头 抬头 回头 聊天 扣球 双打 排队 上车 照相 拍照 斗牛 骑行"
)
"""Verbs that jieba's dictionary has as nouns or names."""
EVENTS = _words("比赛 游戏 运动 表演")
"""Verbs, and after a noun, a number or 的 nouns."""
QUALITIES = _words(
    "各种 各式各样 各种各样 五颜六色 各色 泥泞 杂乱 复式 空旷 双层 室内 室外 户外 条纹 格子 格纹 其他 大大小小 木制 木质"
)
QUALITY_ENDINGS = ("色", "木", "木质", "木制", "金属", "玻璃", "塑料", "石头", "砖", "布", "黑白", "式", "状", "型", "毛线")  # fmt: skip

MATTER = {"石头", "玻璃", "金属", "塑料", "木", "砖", "布"}
"""Qualities that are things as well."""

ADJECTIVES = frozenset("黑白红蓝绿黄灰棕紫粉小大老旧新花青")
"""First characters of words that are an adjective and a noun."""
ADJECTIVE_THINGS = frozenset("狗猫鸟船车马牛羊熊鱼球衣裤裙帽")
KINDS = _words(
    "小孩 小孩子 小朋友 小伙子 大人 老人 大海 大街 大树 白云 蓝天 小屋 花车 大衣 老鹰 小吃 花鸟 小区 大巴车 大自然 小轿车 花草 马车"
)
"""Words of an adjective and a noun that name a kind: not cut."""
LOCALISABLE = THINGS | set("手嘴头身地墙桌床树林园屋房院场岸坡网台湖河海江天")
"""Nouns of one character that a localiser may be written together with."""
APPEARANCE = ("发", "头发", "皮肤", "眼睛", "胡子", "毛", "车身", "车顶")
"""Endings of parts that stand before 的 for their whole: 金发 的 女孩."""
BODY_PARTS = ("手", "头", "脚", "肩", "腿", "背", "胸", "怀", "嘴", "脸", "嘴巴", "脖子")
