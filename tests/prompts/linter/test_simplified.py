"""Prompts in traditional characters are judged as those in simplified ones, in their own words."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import fix, lint
from zimg_kernel.prompts.linter.simplified import Simplified

PAIRS = [
    ("产品白底图，一支钢笔，没有阴影", "產品白底圖，一支鋼筆，沒有陰影"),
    ("夜市摊位的灯箱写着阿嬷蚵仔煎，热气腾腾", "夜市攤位的燈箱寫著阿嬤蚵仔煎，熱氣騰騰"),
    ("水晶球里的小镇，超高画质，顶级品质", "水晶球裡的小鎮，超高畫質，頂級品質"),
    ("请画一只黑猫", "請畫一隻黑貓"),
    ("外婆穿着蓝色旗袍，她的旗袍是全黄色的", "外婆穿著藍色旗袍，她的旗袍是全黃色的"),
    ("深夜的街道，正午的烈日当头照着", "深夜的街道，正午的烈日當頭照著"),
    ("湖边的木质别墅，落地窗透出暖光", "湖邊的木質別墅，落地窗透出暖光"),
]


@pytest.mark.parametrize(("simplified", "traditional"), PAIRS)
def test_the_same_is_found(simplified: str, traditional: str) -> None:
    found = [
        [(one.rule, one.severity, one.start, one.end) for one in lint(prompt, language="zh")]
        for prompt in (simplified, traditional)
    ]
    assert found[0] == found[1]


def test_words_are_quoted_and_edited_as_typed() -> None:
    prompt = "夜市攤位的燈箱寫著阿嬤蚵仔煎，熱氣騰騰"
    found = lint(prompt, language="zh")
    assert any("阿嬤蚵仔煎" in one.why for one in found if one.rule == "lettering")
    assert fix(prompt, found) == "夜市攤位的燈箱寫著“阿嬤蚵仔煎”，熱氣騰騰"


@pytest.mark.parametrize(
    ("typed", "simplified"),
    [
        ("寫著", "写着"),
        ("著名的著作", "著名的著作"),
        ("乾隆的乾燥花", "乾隆的干燥花"),
        ("猫 cat", "猫 cat"),
    ],
)
def test_characters_keep_their_places(typed: str, simplified: str) -> None:
    text = Simplified(typed)
    assert text.text == simplified
    assert text.as_typed(simplified) == typed
