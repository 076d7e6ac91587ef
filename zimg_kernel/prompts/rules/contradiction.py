"""Colours or counts that cannot both be true of one thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from ..rule import Examples, Fault, Rule, Said, Setting
from ..text import Text, word_set
from .colours import (
    EN_NAMES,
    ZH_NAMES,
    Mention,
    alike,
    chinese_colours,
    chinese_counts,
    english_colours,
    english_counts,
    same_person,
    singular,
)

_LIST = re.compile(r"(?:[^,，。.;]{0,3}(?: and | or |/|、|和|与|及|或|到| to ).{0,12})")
_SHARED = re.compile(
    r"half|split|gradient|ombre|two-tone|two-colou?r|stripe|checker|gingham|mix|assort|渐变|"
    r"拼色|双色|"
    r"撞色|一半|条纹|格子|相间|半边|left|right|左|右|one side|other side|turning|changing|"
    r"to the other|"
    r"before|after|变成|变为|另一|交替|各色|分别|from .{0,30} to |上半|下半|ends|tips|roots|"
    r"highlights|挑染|发尾|"
    r"轮廓|outline|trim|accent|点缀|镶"
)
_NEW_OWNER = re.compile(
    r"\b(?:a|an|another|the other|one|two|second) (?:[\w-]+ ){0,3}?(?:man|woman|girl|boy|child|"
    r"person|"
    r"lady|guy|friend|sister|brother|cat|dog|bird|horse|figure|dancer|soldier|kid|bride|groom|"
    r"mother|"
    r"father|daughter|son|companion|one)\b|(?:一|另一|另|两|"
    r"旁边的?)[个位只名]?[^，。,]{0,6}(?:人|女孩|男孩|女子|男子|"
    r"少女|少年|孩子|老人|猫|狗|马|鸟|姑娘|大叔|奶奶|爷爷)"
)
# Things of which a person, an animal or a picture has one kind, also where the word is a plural.
_OF_ONE = word_set("""
hair fur coat eye lip shoe boot glove trouser jean wing petal curtain background backdrop skin
beard dress suit sky feather leaf wall paint bodywork plumage robe shirt jacket
""")
_PARTS = {
    "fur": "cat dog fox rabbit bear wolf horse kitten puppy panther leopard tiger lion bunny",
    "coat": "cat dog fox horse kitten puppy wolf",
    "plumage": "bird parrot owl eagle crow peacock swan raven hawk hen rooster",
    "feather": "bird parrot owl eagle crow swan raven hawk hen rooster",
    "petal": "rose flower tulip lily peony lotus orchid daisy camellia",
    "paint": "car truck bus van bicycle bike motorcycle motorbike train",
    "paintwork": "car truck bus van motorcycle train",
    "bodywork": "car truck bus van motorcycle train",
    "body": "car truck bus van guitar motorcycle train",
    "毛": "猫 狗 狐 兔子 兔 马 狼 熊 狐狸 鸟 小狗 小猫 鹦鹉 猫咪",
    "羽": "鸟 鹦鹉 乌鸦 天鹅",
    "花瓣": "玫瑰 花 郁金香 百合 牡丹 荷花 莲花 山茶 茶花 花朵 月季 菊花",
    "wall": "room kitchen bedroom bathroom interior hall studio office gallery corridor",
    "墙": "房间 客厅 卧室 厨房 房屋 大厅 浴室 走廊 室内",
    "墙壁": "房间 客厅 卧室 厨房 房屋 大厅 浴室 走廊 室内",
    "车身": "车 跑车 汽车 轿车 自行车 摩托车 卡车 公交车",
}
_SPECIES = re.compile(
    r"red (?:fox|panda|squirrel|deer|kite)|(?:brown|black|grizzly) bear|gr[ae]y wolf|"
    r"blue (?:whale|jay)|"
    r"golden retriever|black (?:swan|panther)|赤狐|棕熊|金毛"
)
_COPULA = re.compile(
    r"\b(?:the|this|that|its|his|her) (?P<noun>(?:[\w-]+ )??[\w-]+) (?:is|are|was|looks?|"
    r"appears?|painted|"
    r"in|has turned)(?: (?:painted|completely|entirely|all|pure|actually|bright|dark|light|in|"
    r"fully|"
    r"totally|deep|solid))* (?P<colour>[\w-]+)(?! (?!and\b|in\b|with\b|on\b)\w)"
)
_ZH_COPULA = re.compile(
    r"(?P<noun>[\u4e00-\u9fff]{1,4}?)(?:的?颜色)?(?:却|都|完全|全)?(?:是|为|呈|涂成|漆成|"
    r"刷成)(?:纯|鲜艳的|完全的)?"
    r"(?P<colour>[深浅纯大亮暗]?[红橙黄绿青蓝紫粉棕黑白灰金银]色?)"
)
_DOUBLE = re.compile(
    r"\b(?:entirely|completely|all|pure|purely|totally|fully|wholly|solid|uniformly|"
    r"100%)[ -](?P<a>{c})"
    r"[ ,-]+(?:but )?(?:(?:and|with|[a-z]+) )?(?P<b>{c}) [a-z]".replace(
        "{c}", "red|orange|yellow|green|blue|purple|pink|brown|black|white|gr[ae]y|gold|silver|cyan"
    )
)
_ZH_DOUBLE = re.compile(
    r"(?P<a>[红橙黄绿蓝紫粉棕黑白灰])色?的(?P<b>(?:[雪纯漆鲜翠深浅])?[红橙黄绿蓝紫粉棕黑白灰])(?:色(?!调|系|光|边|花|条|纹|点|格|字|斑|线|图|刺)|(?=[猫狗马车裙衣花鞋果叶伞帽鸟瓶杯门]|苹果|天鹅|兔|鹦鹉|玫瑰))"
)
_THAT_IS = re.compile(
    r"\b(?P<a>{c}) (?:[\w-]+ ){1,2}(?:that|which) (?:is|are|looks) (?:[\w-]+ ){0,2}?"
    r"(?P<b>{c})\b".replace(
        "{c}", "red|orange|yellow|green|blue|purple|pink|brown|black|white|gr[ae]y|gold|silver|cyan"
    )
)
_MONO = re.compile(
    r"(?:black[ -]and[ -]white|monochrome|gr[ae]yscale|b&w) ?(?:photo(?:graph)?|photography|"
    r"portrait|picture|"
    r"image|film|street photo|drawing|illustration|print|sketch)?|黑白(?:照片?|摄影|人像|肖像|"
    r"胶片|画面|影像|漫画|线稿|插画|风格)"
    r"|单色|灰度"
)
_VIVID = re.compile(
    r"(?:vivid|rainbow|bright|vibrant|saturated|rich|full|brilliant|intense)(?:,? (?:rainbow|"
    r"saturated|bright|"
    r"vivid|neon))? colou?rs?|colou?rful|multicolou?red|rainbow[- ]colou?red|full[- ]colou?r|"
    r"technicolou?r|"
    r"(?:鲜艳|丰富|绚丽|缤纷|明亮|艳丽|饱和|浓烈)的?(?:色彩|颜色|彩色)|色彩(?:鲜艳|丰富|斑斓|"
    r"缤纷|绚丽|明艳|饱和|艳丽|浓烈)|五彩(?:缤纷|斑斓)?|"
    r"五颜六色|彩色|彩虹色|七彩|高饱和"
)
_ACCENT = re.compile(r"only the|except|selective|accent|只有|唯独|唯有|局部|除了")
_PLACE = re.compile(
    r"\b(?:left|right|top|bottom|cent(?:er|re)(?:ed)?|middle|upper|lower|above|below|corner|"
    r"beside|next to)\b|"
    r"[左右上下]|中间|中央|正中|旁|角落"
)
_ROW = re.compile(
    r"from (?:left|top|right|bottom)|in a row|从[左右上下]|依次|一排|各种颜色|颜色各异"
)
_ANYTHING = word_set("""
shape block one figure object thing form side part version tone light line shadow color colour
glow neon smoke lamp hue accent detail stripe pattern item element ink pigment marker icon spot
dot background-light ribbon 形 图案 图形 形状 色 光 光线 线条 色调 东西 灯光 颜料 条纹 色块 细节
光影 霓虹 烟雾 元素 光晕 方形 圆形
""")
_PLACED = re.compile(
    r"\b(?:on|in|at|under|behind|beside|left|right|near|by|above|below|inside|outside|over|next|"
    r"between|with)\b"
    r"|[左右上下前后旁里中边外]|在"
)
_ALL = re.compile(
    r"\b(?:in (?:the|this) (?:picture|image|frame|photo|scene|shot)|in total|alone|altogether)\b|"
    r"画面中|图中|画面里|图里|照片里|照片中|一共|总共|独自|孤单|孤独|单独"
)


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    colours: list[Mention] = [*english_colours(text), *chinese_colours(text)]
    yield from _colours(text, colours)
    yield from _copulas(text, colours)
    for pattern in (_DOUBLE, _THAT_IS, _ZH_DOUBLE):
        for found in pattern.finditer(text.lower):
            if found["a"] != found["b"] and found["a"] not in found["b"]:
                yield _said(text, found.start(), found.end("b"), found["a"], found["b"])
    mono, vivid = _MONO.search(text.lower), _VIVID.search(text.lower)
    if mono and vivid and not _ACCENT.search(text.lower):
        start, end = sorted((mono.span(), vivid.span()))
        yield Fault(*end, "both", {"a": text.prompt[slice(*start)].strip(),
                                   "b": text.prompt[slice(*end)].strip()})  # fmt: skip
    yield from _counts(text, [*english_counts(text), *chinese_counts(text)])


def _said(text: Text, start: int, end: int, a: str, b: str) -> Fault:
    return Fault(start, end, "both", {"a": a, "b": b})


def _pair(text: Text, said: str, a: Mention, b: Mention) -> Fault:
    values = {"a": text.prompt[a.start : a.end], "b": text.prompt[b.start : b.end]}
    return Fault(b.start, b.end, said, values)


def _colours(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    ordered = sorted(mentions, key=lambda m: m.start)
    tally = Counter(m.head for m in ordered)
    # Three of a kind in three colours are a list, and so is what stands in a row.
    row = _ROW.search(text.lower)
    ordered = [m for m in ordered if tally[m.head] < 3 and not row and m.head not in _ANYTHING]
    for a, b in combinations(ordered, 2):
        if alike(str(a.what), str(b.what), strict=a.only or b.only):
            continue
        between = text.lower[a.end : b.start]
        around = text.lower[max(0, a.start - 16) : b.end + 16]
        if (
            b.start < a.end
            or (_LIST.fullmatch(between) and not _both_of_one(a, b, between))
            or _SHARED.search(around)
        ):
            continue
        if _NEW_OWNER.search(between):
            continue
        if _elsewhere(text, a) and _elsewhere(text, b):
            continue
        if (a.head == b.head and _one_thing(text, a, b)) or (
            a.head in _PARTS.get(b.head, "").split() and _whole(text, a, b)
        ):
            yield _pair(text, "both", a, b)


def _both_of_one(a: Mention, b: Mention, between: str) -> bool:
    """Whether "blue eyes and brown eyes" is said, of which nobody has both."""
    joined = between.strip() in ("and", "和", "与")
    return joined and a.head == b.head in ("eye", "hair", "fur", "眼睛", "发") and not b.det


def _elsewhere(text: Text, m: Mention) -> bool:
    """Whether a thing is said to stand at a place of its own."""
    phrase = text.lower[slice(*text.phrase_of(m.start))]
    return bool(_PLACE.search(phrase.replace(text.lower[m.start : m.end], "", 1)))


def _one_thing(text: Text, a: Mention, b: Mention) -> bool:
    """Whether two mentions with the same noun are of the same thing."""
    if b.det in (
        "a",
        "an",
        "another",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "other",
        "second",
    ):
        return False
    if a.head in _OF_ONE:
        return True
    if b.det.isdigit():
        return False
    plural = text.lower[b.end - 1] == "s" and not text.lower[: b.end].endswith("ss")
    return not plural


def _whole(text: Text, a: Mention, b: Mention) -> bool:
    """Whether a part's colour speaks of all of the thing that it belongs to."""
    if b.head in ("wall", "墙", "墙壁") and not a.only:
        return False
    if _SPECIES.search(text.lower, max(0, a.start - 2), a.end) and not a.only:
        return False
    after = text.lower[b.end : b.end + 10]
    return not re.match(
        r" ?(?:(?:on|around|at|under|along) (?:its|the|his|her|one|both)|tips|在)", after
    )


def _copulas(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    for pattern, names in ((_COPULA, EN_NAMES), (_ZH_COPULA, ZH_NAMES)):
        for found in pattern.finditer(text.lower):
            word = found["colour"]
            name = names.get(word) or next((names[c] for c in word if c in names), "")
            if not name:
                continue
            heads = {singular(found["noun"].split()[-1]), found["noun"], found["noun"][-1]}
            for m in mentions:
                if m.end > found.start() or alike(str(m.what), name):
                    continue
                parts = [part for part, owners in _PARTS.items() if m.head in owners.split()]
                if (
                    m.head in heads
                    or heads & set(parts)
                    or found["noun"].endswith((m.head, *parts))
                ):
                    yield Fault(found.start(), found.end("colour"), "both", {
                        "a": text.prompt[m.start : m.end],
                        "b": text.prompt[found.start() : found.end("colour")],
                    })  # fmt: skip
                    break


def _counts(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    ordered = sorted(mentions, key=lambda m: m.start)
    for a, b in combinations(ordered, 2):
        if a.what == b.what or not (a.head == b.head or same_person(a, b)):
            continue
        between = text.lower[a.end : b.start]
        if _LIST.fullmatch(between) or (a.coloured and b.coloured and a.coloured != b.coloured):
            continue
        first, second = (text.lower[slice(*text.phrase_of(m.start))] for m in (a, b))
        sure = a.only or b.only or any(_ALL.search(phrase) for phrase in (first, second))
        if not sure:
            if re.search(r"\b(?:more|other|another|of (?:them|which))\b|另|其中|其余|还有", second):
                continue
            if b.what == 1 and isinstance(a.what, int) and a.what > 1:
                continue  # "three cups, one cup broken" tells of one among them
            if _placed(first, text, a) and _placed(second, text, b):
                continue
        yield _pair(text, "counts", a, b)


def _placed(phrase: str, text: Text, mention: Mention) -> bool:
    head = text.lower[mention.start : mention.end]
    return bool(_PLACED.search(phrase.replace(head, "", 1)))


RULE = Rule(
    "contradiction",
    "warning",
    {
        "both": Said(
            ("“{a}” and “{b}” cannot both be true of one thing.", "“{a}”与“{b}”互相矛盾。"),
            (
                "Keep one of them, or say which part or which thing has which colour.",
                "只保留一个，或说明哪个部分、哪个物体是哪种颜色。",
            ),
        ),
        "counts": Said(
            ("“{a}” and “{b}” give two different numbers.", "“{a}”与“{b}”数量不一致。"),
            ("Keep one number, or say where each group is.", "只保留一个数量，或说明各在哪里。"),
        ),
    },
    {
        "en": Examples(
            bad=(
                "a red bus in the rain, the bus is green",
                "portrait of a man with black hair, blonde hair, side light",
                "three brass bells, only two bells in the picture",
                "a black cat with white fur on a wool rug",
                "white background, porcelain cup, black background",
                "monochrome photograph of a harbour, vibrant colours",
                "one lantern on a table, four lanterns, dusk",
            ),
            good=(
                "a red cup and a blue cup on linen",
                "a woman with black hair and a man with blonde hair, side light",
                "three brass bells on the left, two bells on the right",
                "a black cat with white paws on a wool rug",
                "a red circle on the left and a blue circle on the right",
                "one lantern on a table, four chairs",
                "red roses, white roses, glass vase",
                "black-and-white photograph of a harbour, only the boat red",
            ),
        ),
        "zh": Examples(
            bad=(
                "雨中的红色公交车，车身是绿色的",
                "黑发男子，金色头发，侧光",
                "三只铜铃，画面中只有两只铜铃",
                "黑猫，白色毛发，羊毛毯",
                "白色背景，瓷杯，黑色背景",
                "黑白照片，港口，色彩鲜艳",
                "红色的蓝色跑车，雨夜",
            ),
            good=(
                "红色的杯子和蓝色的杯子，亚麻布",
                "黑发女子和一位金发男子，侧光",
                "左边三只铜铃，右边两只铜铃",
                "黑猫，白色爪子，羊毛毯",
                "左边一个红色的圆，右边一个蓝色的圆",
                "桌上一盏灯笼，四把椅子",
                "红墙，黄色琉璃瓦，白色石阶",
            ),
        ),
    },
    _find,
)  # fmt: skip
