"""Contradictions that the tables of hours, seasons, places, media, things and colours show."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts.linter.rules.evidence_found import evident
from zimg_kernel.prompts.linter.rules.lexicon import Lexicon, stem
from zimg_kernel.prompts.text import Text


@pytest.mark.parametrize(
    "prompt",
    [
        "子夜的灯塔，海面上蓝天如洗，海鸥的影子清晰地落在礁石上",
        "幼儿园午睡室，小床排成两列，孩子们躺在火山口的岩浆边",
        "五名消防员拉着水带，消防员一共三人",
        "笼子里关着一对虎皮鹦鹉，三只鹦鹉挤在同一根栖木上",
        "老街上一辆天蓝色的三轮车，车夫靠着车打盹，车身的漆是正红",
        "灰度摄影的集市，橙子堆成小山，橙得晃眼",
        "写实的新闻摄影，Q版动漫风，大眼睛",
        "樱花开满山坡，游客穿着厚羽绒服在厚厚的积雪里堆雪人",
        "炊烟笔直，柳枝纹丝不动，狂风卷起屋瓦",
        "At dusk the fishermen push off, the noon sun burning straight down on their caps",
        "A tailor sews in his shop on Savile Row. He is kneeling on the summit of Mount Everest.",
        "Four monks sweep the courtyard, all seven monks in saffron robes",
        "Three border collie puppies tumble across a lawn. Both of them have a white blaze.",
        "A white swan glides on the pond, its plumage coal black",
        "A black labrador carries a stick, its golden fur dripping wet",
        "A monochrome portrait, her eyes a piercing green and her lips coral red",
        "A papercut silhouette of dancers, thick oil impasto on canvas",
        "Christmas market with mulled wine, visitors in bikinis in the sweltering heat",
        "书房的四面墙都刷成浅绿色，木桌靠窗，四面墙一律是亮橘色",
        "江边只有一位渔夫，十几位撒网的渔夫排成两排",
        "Cute toy robot, entire body cherry red. The little guy is mint green all over.",
        "Portrait of a brunette at a window, her hair white, every strand pure white",
        "Thick fog fills the valley, every house on the far slope sharp and clear",
    ],
)
def test_what_clashes_is_told_of(prompt: str) -> None:
    assert list(evident(Text(prompt)))


@pytest.mark.parametrize(
    "prompt",
    [
        "守夜人在正午的树荫下打盹，提灯挂在钉子上",
        "深夜的体育场，探照灯把草坪照得亮如白昼",
        "夏日的雪山脚下，草甸上开满野花，山顶积雪",
        "美术馆展厅里，一名保安站在一幅巨大的海上风暴油画前",
        "四位乐手：一位鼓手、一位琴手和两位小提琴手，六位客人坐在台下",
        "白马和它的栗色小马驹在水槽边喝水",
        "女孩一只眼睛蓝色，一只眼睛棕色",
        "Portrait of a hoopoe in ochre, black and white, on green leaves.",
        "A city skyline, half day and half night, wide angle.",
        "A mare and her grey foal; the mare is brown.",
        "Two zebras and a colt at a waterhole, all three with lowered heads.",
        "A living room in December; behind the window the street is blue with snow.",
        "客厅的四面墙刷成米白色，沙发是墨绿色",
        "江上只有一位渔夫，岸边十几只白鹭站成一排",
        "A plush hippo, its entire body pink, by a shelf. The wall behind is entirely green.",
        "A brunette laughs on a balcony, a single silver strand in her hair.",
        "A black cat with green eyes watches a white cat with blue eyes.",
    ],
)
def test_what_fits_is_left_alone(prompt: str) -> None:
    assert not list(evident(Text(prompt)))


def test_the_longer_phrase_is_meant() -> None:
    chinese = Lexicon({"night": ["月光"], "-": ["月光石"]}, chinese=True)
    assert [hit.word for hit in chinese.find("月光石和月光")] == ["月光"]
    english = Lexicon({"dawn": ["morning"], "day": ["morning sun"]}, chinese=False, nested=True)
    (hit,) = english.find("in the morning sun")
    assert set(hit.says) == {"dawn", "day"}


def test_words_are_compared_in_the_singular() -> None:
    assert [stem(word) for word in ("geese", "ponies", "foxes", "grass")] == [
        "goose", "pony", "fox", "grass",
    ]  # fmt: skip
