"""Patterns of colours and numbers that exclude each other."""

from __future__ import annotations

import re

from zimg_kernel.prompts.linter.text import word_set

LIST = re.compile(r"(?:[^,，。.;]{0,3}(?: and | or |/|、|和|与|及|或|到| to ).{0,12})")
SHARED = re.compile(
    r"half|split|gradient|ombre|two-tone|two-colou?r|stripe|checker|gingham|mix|assort|渐变|"
    r"拼色|双色|"
    r"撞色|一半|条纹|格子|相间|半边|left|right|左|右|one side|other side|turning|changing|"
    r"to the other|"
    r"before|after|变成|变为|另一|交替|各色|分别|from .{0,30} to |上半|下半|ends|tips|roots|"
    r"highlights|挑染|发尾|"
    r"轮廓|outline|trim|accent|点缀|镶"
)
NEW_OWNER = re.compile(
    r"\b(?:a|an|another|the other|one|two|second) (?:[\w-]+ ){0,3}?(?:man|woman|girl|boy|child|"
    r"person|"
    r"lady|guy|friend|sister|brother|cat|dog|bird|horse|figure|dancer|soldier|kid|bride|groom|"
    r"mother|"
    r"father|daughter|son|companion|one)\b|(?:一|另一|另|两|"
    r"旁边的?)[个位只名]?[^，。,]{0,6}(?:人|女孩|男孩|女子|男子|"
    r"少女|少年|孩子|老人|猫|狗|马|鸟|姑娘|大叔|奶奶|爷爷)"
)
# Things of which a person, an animal or a picture has one kind, also where the word is a plural.
OF_ONE = word_set("""
hair fur coat eye lip shoe boot glove trouser jean wing petal curtain background backdrop skin
beard dress suit sky feather leaf wall paint bodywork plumage robe shirt jacket
""")
PARTS = {
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
SPECIES = re.compile(
    r"red (?:fox|panda|squirrel|deer|kite)|(?:brown|black|grizzly) bear|gr[ae]y wolf|"
    r"blue (?:whale|jay)|"
    r"golden retriever|black (?:swan|panther)|赤狐|棕熊|金毛"
)
COPULA = re.compile(
    r"\b(?:the|this|that|its|his|her) (?P<noun>(?:[\w-]+ )??[\w-]+) (?:is|are|was|looks?|"
    r"appears?|painted|"
    r"in|has turned)(?: (?:painted|completely|entirely|all|pure|actually|bright|dark|light|in|"
    r"fully|"
    r"totally|deep|solid))* (?P<colour>[\w-]+)(?! (?!and\b|in\b|with\b|on\b)\w)"
)
ZH_COPULA = re.compile(
    r"(?P<noun>[\u4e00-\u9fff]{1,4}?)(?:的?颜色)?(?:却|都|完全|全)?(?:是|为|呈|涂成|漆成|"
    r"刷成)(?:纯|鲜艳的|完全的)?"
    r"(?P<colour>[深浅纯大亮暗]?[红橙黄绿青蓝紫粉棕黑白灰金银]色?)"
)
DOUBLE = re.compile(
    r"\b(?:entirely|completely|all|pure|purely|totally|fully|wholly|solid|uniformly|"
    r"100%)[ -](?P<a>{c})"
    r"[ ,-]+(?:but )?(?:(?:and|with|[a-z]+) )?(?P<b>{c}) [a-z]".replace(
        "{c}", "red|orange|yellow|green|blue|purple|pink|brown|black|white|gr[ae]y|gold|silver|cyan"
    )
)
ZH_DOUBLE = re.compile(
    r"(?P<a>[红橙黄绿蓝紫粉棕黑白灰])色?的(?P<b>(?:[雪纯漆鲜翠深浅])?[红橙黄绿蓝紫粉棕黑白灰])(?:色(?!调|系|光|边|花|条|纹|点|格|字|斑|线|图|刺)|(?=[猫狗马车裙衣花鞋果叶伞帽鸟瓶杯门]|苹果|天鹅|兔|鹦鹉|玫瑰))"
)
THAT_IS = re.compile(
    r"\b(?P<a>{c}) (?:[\w-]+ ){1,2}(?:that|which) (?:is|are|looks) (?:[\w-]+ ){0,2}?"
    r"(?P<b>{c})\b".replace(
        "{c}", "red|orange|yellow|green|blue|purple|pink|brown|black|white|gr[ae]y|gold|silver|cyan"
    )
)
MONO = re.compile(
    r"(?:black[ -]and[ -]white|monochrome|gr[ae]yscale|b&w) ?(?:photo(?:graph)?|photography|"
    r"portrait|picture|"
    r"image|film|street photo|drawing|illustration|print|sketch)?|黑白(?:照片?|摄影|人像|肖像|"
    r"胶片|画面|影像|漫画|线稿|插画|风格)"
    r"|单色|灰度"
)
VIVID = re.compile(
    r"(?:vivid|rainbow|bright|vibrant|saturated|rich|full|brilliant|intense)(?:,? (?:rainbow|"
    r"saturated|bright|"
    r"vivid|neon))? colou?rs?|colou?rful|multicolou?red|rainbow[- ]colou?red|full[- ]colou?r|"
    r"technicolou?r|"
    r"(?:鲜艳|丰富|绚丽|缤纷|明亮|艳丽|饱和|浓烈)的?(?:色彩|颜色|彩色)|色彩(?:鲜艳|丰富|斑斓|"
    r"缤纷|绚丽|明艳|饱和|艳丽|浓烈)|五彩(?:缤纷|斑斓)?|"
    r"五颜六色|彩色|彩虹色|七彩|高饱和"
)
ACCENT = re.compile(r"only the|except|selective|accent|只有|唯独|唯有|局部|除了")
PLACE = re.compile(
    r"\b(?:left|right|top|bottom|cent(?:er|re)(?:ed)?|middle|upper|lower|above|below|corner|"
    r"beside|next to)\b|"
    r"[左右上下]|中间|中央|正中|旁|角落"
)
ROW = re.compile(
    r"from (?:left|top|right|bottom)|in a row|从[左右上下]|依次|一排|各种颜色|颜色各异"
)
ANYTHING = word_set("""
shape block one figure object thing form side part version tone light line shadow color colour
glow neon smoke lamp hue accent detail stripe pattern item element ink pigment marker icon spot
dot background-light ribbon 形 图案 图形 形状 色 光 光线 线条 色调 东西 灯光 颜料 条纹 色块 细节
光影 霓虹 烟雾 元素 光晕 方形 圆形
""")
PLACED = re.compile(
    r"\b(?:on|in|at|under|behind|beside|left|right|near|by|above|below|inside|outside|over|next|"
    r"between|with)\b"
    r"|[左右上下前后旁里中边外]|在"
)
ALL = re.compile(
    r"\b(?:in (?:the|this) (?:picture|image|frame|photo|scene|shot)|in total|alone|altogether)\b|"
    r"画面中|图中|画面里|图里|照片里|照片中|一共|总共|独自|孤单|孤独|单独"
)
