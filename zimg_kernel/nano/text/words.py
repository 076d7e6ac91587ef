"""The words for colours, shapes, places and backgrounds, in Chinese and English."""

from __future__ import annotations

from zimg_kernel.nano.world.composites import EN_COMPOSITES, ZH_COMPOSITES
from zimg_kernel.nano.world.composites import ZH_MEASURES as ZH_COMPOSITE_MEASURES

ZH_COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("红色", "红色", "红", "大红色", "鲜红色"),
    "orange": ("橙色", "橙色", "橘色", "橙", "橘红色", "橘黄色"),
    "yellow": ("黄色", "黄色", "黄", "金黄色"),
    "green": ("绿色", "绿色", "绿", "翠绿色"),
    "cyan": ("青色", "青色", "青", "青蓝色", "蓝绿色"),
    "blue": ("蓝色", "蓝色", "蓝", "宝蓝色"),
    "purple": ("紫色", "紫色", "紫"),
    "pink": ("粉色", "粉红色", "粉", "粉红"),
    "brown": ("棕色", "棕色", "褐色", "棕", "咖啡色"),
    "black": ("黑色", "黑色", "黑"),
    "white": ("白色", "白色", "白"),
    "gray": ("灰色", "灰色", "灰"),
}
EN_COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("red", "red", "red", "red", "crimson", "scarlet"),
    "orange": ("orange",),
    "yellow": ("yellow", "yellow", "yellow", "golden"),
    "green": ("green", "green", "green", "emerald"),
    "cyan": ("cyan", "cyan", "turquoise", "aqua", "teal"),
    "blue": ("blue", "blue", "blue", "blue", "royal blue"),
    "purple": ("purple", "purple", "purple", "violet"),
    "pink": ("pink", "pink", "pink", "rose pink"),
    "brown": ("brown", "brown", "brown", "chocolate brown"),
    "black": ("black",),
    "white": ("white",),
    "gray": ("gray", "grey"),
}
ZH_SHAPES: dict[str, tuple[str, ...]] = {
    "circle": ("圆", "圆", "圆形", "圆形", "圆圈", "圆点", "圆球", "球", "圆盘", "圆形图案"),
    "square": ("方块", "方块", "正方形", "正方形", "方形", "方格", "四方形", "正方形图案"),
    "triangle": ("三角形", "三角形", "三角", "三角形图案"),
    "star": ("星星", "星星", "五角星", "五角星", "星形", "星", "五角星形", "星形图案"),
    "heart": ("爱心", "爱心", "心形", "心形", "心", "桃心", "心形图案"),
    "diamond": ("菱形", "菱形", "钻石", "钻石形", "菱形块", "菱形图案"),
    "ring": ("圆环", "圆环", "环形", "环", "圆环形", "甜甜圈", "环形图案"),
    "cross": ("十字", "十字", "十字形", "加号", "十字架", "十字形图案"),
    "crescent": ("月牙", "月亮", "弯月", "新月", "月牙形", "弯弯的月亮", "月牙形图案"),
    "hexagon": ("六边形", "六边形", "正六边形", "六角形", "六边形图案"),
}
ZH_MEASURES: dict[str, tuple[str, ...]] = {
    "circle": ("个", "个", "颗", "只"),
    "square": ("个", "个", "块", "只"),
    "triangle": ("个", "个", "块"),
    "star": ("颗", "颗", "个", "枚"),
    "heart": ("颗", "颗", "个"),
    "diamond": ("个", "个", "颗", "块"),
    "ring": ("个", "个", "只", "枚"),
    "cross": ("个",),
    "crescent": ("个", "轮", "弯"),
    "hexagon": ("个", "个", "块"),
}
EN_SHAPES: dict[str, tuple[str, ...]] = {
    "circle": ("circle", "circle", "circle", "disc", "disk", "ball", "dot", "round shape"),
    "square": ("square", "square", "square", "box", "block", "cube", "square block"),
    "triangle": ("triangle", "triangle", "triangle", "triangular shape"),
    "star": ("star", "star", "star", "five-pointed star", "star shape"),
    "heart": ("heart", "heart", "heart", "heart shape", "love heart"),
    "diamond": ("diamond", "diamond", "rhombus", "diamond shape", "lozenge"),
    "ring": ("ring", "ring", "ring", "hoop", "donut", "ring shape"),
    "cross": ("cross", "cross", "plus sign", "plus", "cross shape"),
    "crescent": ("crescent", "crescent", "crescent moon", "moon", "crescent shape"),
    "hexagon": ("hexagon", "hexagon", "hexagon", "hexagonal shape"),
}
ZH_SHAPES |= ZH_COMPOSITES
ZH_MEASURES |= ZH_COMPOSITE_MEASURES
EN_SHAPES |= EN_COMPOSITES
ZH_SIZES = {
    "small": ("小", "小小的", "很小的", "小型的", "小的", "微小的"),
    "large": ("大", "大大的", "很大的", "巨大的", "大的", "大型的"),
}
EN_SIZES = {
    "small": ("small", "small", "tiny", "little", "mini"),
    "large": ("large", "big", "big", "huge", "giant"),
}
ZH_FILLS = {
    "striped": ("条纹", "带条纹的", "条纹的"),
    "dotted": ("波点", "带波点的", "圆点图案的"),
    "outlined": ("空心的", "空心", "只有轮廓的", "线条的"),
    "gradient": ("渐变", "渐变的", "渐变色的"),
    "neon": ("霓虹", "霓虹的", "发光的", "霓虹灯"),
}
EN_FILLS = {
    "striped": ("striped", "stripy"),
    "dotted": ("polka dot", "dotted", "spotted"),
    "outlined": ("outlined", "hollow", "outline-only"),
    "gradient": ("gradient", "shaded"),
    "neon": ("neon", "glowing"),
}
ZH_ANY_SHAPE = ("图形", "形状", "东西", "图案")
EN_ANY_SHAPE = ("shape", "object", "figure", "thing")
ZH_QUALITIES = {
    "blurred": ("模糊", "模糊的", "失焦", "不清晰"),
    "noisy": ("噪点", "有噪点", "颗粒感", "很多噪点"),
    "poor": ("低质量", "质量很差", "劣质", "低画质"),
}
EN_QUALITIES = {
    "blurred": ("blurry", "blurred", "out of focus"),
    "noisy": ("noisy", "grainy", "noise"),
    "poor": ("low quality", "worst quality", "bad quality"),
}

ZH_PLACES: dict[str, tuple[str, ...]] = {
    "left": ("左边", "左边", "左侧", "左面", "左方", "画面左侧", "画面左边", "图片左边", "左半边"),
    "right": ("右边", "右边", "右侧", "右面", "右方", "画面右侧", "画面右边", "图片右边", "右半边"),
    "top": ("上方", "上面", "上边", "顶部", "画面上方", "图片上方", "上部", "最上面"),
    "bottom": ("下方", "下面", "下边", "底部", "画面下方", "图片下方", "下部", "最下面"),
    "center": ("中间", "中间", "中央", "正中", "中心", "正中间", "正中央", "画面中央", "画面中间"),
    "top left": ("左上角", "左上角", "左上方", "画面左上角", "左上"),
    "top right": ("右上角", "右上角", "右上方", "画面右上角", "右上"),
    "bottom left": ("左下角", "左下角", "左下方", "画面左下角", "左下"),
    "bottom right": ("右下角", "右下角", "右下方", "画面右下角", "右下"),
}
_EN_SIDES = {"left": "left", "right": "right"}
EN_PLACES: dict[str, tuple[str, ...]] = {
    **{
        s: (
            f"on the {s}",
            f"on the {s}",
            f"on the {s} side",
            f"to the {s}",
            f"at the {s}",
            f"in the {s} half",
            f"on the far {s}",
            f"{s} side",
        )
        for s in _EN_SIDES
    },
    "top": ("at the top", "at the top", "on top", "on the top", "in the upper part", "up top"),
    "bottom": ("at the bottom", "at the bottom", "on the bottom", "in the lower part", "below"),
    "center": (
        "in the center",
        "in the middle",
        "in the centre",
        "at the center",
        "in the very center",
        "centered",
    ),
    **{
        f"{v} {h}": (
            f"in the {v} {h} corner",
            f"in the {v}-{h} corner",
            f"at the {v} {h}",
            f"in the {u} {h} corner",
            f"in the {u} {h}",
            f"on the {u} {h}",
            f"{v} {h}",
        )
        for v, u in (("top", "upper"), ("bottom", "lower"))
        for h in _EN_SIDES
    },
}
ZH_SIDE_OF = {
    "left": ("左边", "左侧", "左面", "左方"),
    "right": ("右边", "右侧", "右面", "右方"),
    "above": ("上方", "上面", "上边", "正上方"),
    "below": ("下方", "下面", "下边", "正下方"),
}
EN_SIDE_OF = {
    "left": ("to the left of", "left of", "on the left of", "on the left side of"),
    "right": ("to the right of", "right of", "on the right of", "on the right side of"),
    "above": ("above", "above", "over", "on top of", "directly above"),
    "below": ("below", "below", "under", "beneath", "underneath"),
}
OPPOSITE = {"left": "right", "right": "left", "above": "below", "below": "above"}
SIDE_PLACE = {"left": "left", "right": "right", "above": "top", "below": "bottom"}
ZH_SHORT = {"left": "左", "right": "右", "above": "上", "below": "下"}

_ZH_TONES = {"light gray": "浅灰色", "beige": "米色", "light blue": "浅蓝色"}
_ZH_TONES |= {"light green": "浅绿色", "light pink": "浅粉色", "light yellow": "浅黄色"}
_ZH_TONES |= {"dark blue": "深蓝色"}
ZH_BACKGROUNDS: dict[str, tuple[str, ...]] = {
    **{k: (v, v, v.replace("浅", "淡")) for k, v in _ZH_TONES.items()},
    **{f"plain {k}": v[:2] for k, v in ZH_COLOURS.items()},
    "sky": ("天空", "蓝天", "天空"),
    "night": ("夜空", "夜晚", "夜色", "黑夜"),
    "sunset": ("日落", "夕阳", "晚霞", "黄昏"),
    "sea": ("大海", "海面", "海洋"),
    "grass": ("草地", "草坪", "草原"),
    "snow": ("雪地", "雪景"),
    "chequered": ("棋盘格", "格子"),
}
EN_BACKGROUNDS: dict[str, tuple[str, ...]] = {
    **{k: (k, k.replace("light", "pale").replace("gray", "grey")) for k in _ZH_TONES},
    **{f"plain {k}": (k, f"plain {k}") for k in EN_COLOURS},
    "sky": ("sky", "blue sky"),
    "night": ("night sky", "night"),
    "sunset": ("sunset", "sunset sky"),
    "sea": ("sea", "ocean"),
    "grass": ("grass", "grassy", "meadow"),
    "snow": ("snow", "snowy"),
    "chequered": ("checkered", "chequered", "checkerboard"),
}
SCENIC = ("sky", "night", "sunset", "sea", "grass", "snow")
EN_SCENIC = {
    "sky": ("in the sky", "in the blue sky"),
    "night": ("at night", "in the night sky"),
    "sunset": ("at sunset", "in the evening"),
    "sea": ("at sea", "by the sea", "on the ocean"),
    "grass": ("on the grass", "on a lawn", "in a meadow"),
    "snow": ("in the snow", "on snow"),
}
ZH_NUMBERS = {1: ("一", "1"), 2: ("两", "二", "2"), 3: ("三", "3"), 4: ("四", "4"), 5: ("五", "5")}
EN_NUMBERS = {1: ("one", "1"), 2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4")}
EN_NUMBERS |= {5: ("five", "5")}
ZH_ADJECTIVES = ("漂亮的", "可爱的", "简单的", "鲜艳的", "好看的", "纯色的", "实心的")
EN_ADJECTIVES = ("beautiful", "cute", "simple", "bright", "nice", "solid", "plain", "flat", "shiny")
ZH_OPENERS = ("画", "请画", "画面中有", "一张图片：", "一幅画，", "图中有", "生成", "有")
EN_OPENERS: tuple[str, ...] = (
    "a picture of",
    "an image of",
    "a drawing of",
    "draw",
    "there is",
    "please draw",
)
EN_OPENERS += ("an illustration of", "a photo of", "create", "generate an image of", "i want")
ZH_CLOSERS = ("简洁", "高清", "平面设计", "极简风格", "扁平风格", "干净的画面", "插画", "高质量")
EN_CLOSERS: tuple[str, ...] = (
    "simple",
    "high quality",
    "flat design",
    "minimalist",
    "clean",
    "illustration",
)
EN_CLOSERS += ("sharp edges", "vector art", "flat style", "4k", "highly detailed")
