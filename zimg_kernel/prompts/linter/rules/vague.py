"""Prompts without one word of material, craft, light or composition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import Text

from .vague_words import EN, EN_PAIRS, ZH

_EN = re.compile(rf"(?<![\w-])(?:{EN_PAIRS}|{'|'.join(map(re.escape, EN))})(?![\w])")
_ZH = re.compile("|".join(ZH))
_TOO_SHORT = 2  # characters: nothing has been said yet


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    if setting.miniature or len(text.prompt.strip()) < _TOO_SHORT:
        return  # the miniature knows none of these words
    if not _EN.search(text.lower) and not _ZH.search(text.plain):
        start = len(text.prompt) - len(text.prompt.lstrip())
        yield Fault(start, len(text.prompt.rstrip()), "vague")


RULE = Rule(
    "vague",
    "hint",
    {
        "vague": Said(
            (
                "Nothing is said of material, craft, light or composition.",
                "没有提到材质、工艺、光线或构图。",
            ),
            (
                "Add one or two such words: oak, glazed porcelain, side light, close-up.",
                "加上一两个这样的词：紫砂、景泰蓝掐丝、侧光、特写。",
            ),
        ),
    },
    {
        "en": Examples(
            bad=("a dog", "two children on a swing", "a light blue car in a street"),
            good=("a dog on a wool rug", "two children on a swing, low sun", "brass kettle"),
        ),
        "zh": Examples(
            bad=("一只狗", "荡秋千的两个孩子", "街上的汽车，行人"),
            good=("羊毛地毯上的狗", "荡秋千的两个孩子，逆光", "紫砂壶"),
        ),
    },
    _find,
)
