"""Families and colours that a Chinese prompt tells twice, and what only seems to be opposed."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def levels(prompt: str) -> set[str]:
    return {f.severity for f in lint(prompt, language="en") if f.rule == "contradiction"}


@pytest.mark.parametrize(
    "prompt",
    [
        "一家五口站在江边合影，画面里一家四口全员到齐",
        "街角甜品店，外墙整面刷成紫色，整面外墙呈橙色，门口两张铁艺桌",
        "一款运动水壶，壶身为哑光薄荷绿，放在瑜伽垫上。壶身的颜色是亮面樱桃红",
        "穿风衣的姑娘倚着上海外滩的栏杆，她站在内蒙古草原腹地，四周全是草场",
        "这位老爷爷满头白发，他的头发乌黑浓密",
        "餐厅只亮着一根蜡烛，整间屋子漆黑，顶灯把房间照得雪亮",
        "教室里空荡荡没有一个人，五十个学生坐得满满当当",
    ],
)
def test_what_is_told_otherwise_is_found(prompt: str) -> None:
    assert levels(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "清晨还没落下的月亮挂在天边，农人已经下地",
        "冬天的花房里荷花开了一缸，窗外飘雪",
        "四匹白马拉着婚车，后面两匹黑马驮着行李",
        "正午的电影院里一片漆黑，只有银幕发光",
        "一张黑白老照片夹在彩色的绘本里",
        "水彩颜料散落在桌面，写实摄影，浅景深",
        "一家五口在江边野餐，爸爸带着两个孩子放风筝",
        "店铺门面刷成薄荷绿，隔壁花店是砖红色的外墙",
    ],
)
def test_what_both_holds_is_no_warning(prompt: str) -> None:
    assert levels(prompt) <= {"hint"}
