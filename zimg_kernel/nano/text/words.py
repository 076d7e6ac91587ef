"""Words for colours, shapes, places and backgrounds, in Chinese and English, of ``words.yaml``."""

from __future__ import annotations

from zimg_kernel.nano.tables import Phrases, Words, phrases, read_tables, words

_TABLES = read_tables(__file__, "words.yaml")
ZH_COLOURS, EN_COLOURS = words(_TABLES, "colours")
ZH_SHAPES, EN_SHAPES = words(_TABLES, "shapes")
ZH_MEASURES: Words = _TABLES["measures"]["zh"]
ZH_SIZES, EN_SIZES = words(_TABLES, "sizes")
ZH_FILLS, EN_FILLS = words(_TABLES, "fills")
ZH_ANY_SHAPE, EN_ANY_SHAPE = phrases(_TABLES, "any_shape")
ZH_QUALITIES, EN_QUALITIES = words(_TABLES, "qualities")
ZH_PLACES, EN_PLACES = words(_TABLES, "places")
ZH_SIDE_OF, EN_SIDE_OF = words(_TABLES, "side_of")
ZH_BACKGROUNDS, EN_BACKGROUNDS = words(_TABLES, "backgrounds")
EN_SCENIC: Words = _TABLES["scenic"]["en"]
SCENIC = tuple(EN_SCENIC)
ZH_NUMBERS: dict[int, Phrases] = _TABLES["numbers"]["zh"]
EN_NUMBERS: dict[int, Phrases] = _TABLES["numbers"]["en"]
ZH_ADJECTIVES, EN_ADJECTIVES = phrases(_TABLES, "adjectives")
ZH_OPENERS, EN_OPENERS = phrases(_TABLES, "openers")
ZH_CLOSERS, EN_CLOSERS = phrases(_TABLES, "closers")
OPPOSITE = {"left": "right", "right": "left", "above": "below", "below": "above"}
SIDE_PLACE = {"left": "left", "right": "right", "above": "top", "below": "bottom"}
ZH_SHORT = {"left": "左", "right": "右", "above": "上", "below": "下"}
TRADITIONAL = dict(
    zip(
        "紅藍綠圓邊個顆環愛黃側間條紋點畫張圖兩",
        "红蓝绿圆边个颗环爱黄侧间条纹点画张图两",
        strict=True,
    )
)
"""Traditional characters that are read, each with its simplified one."""
