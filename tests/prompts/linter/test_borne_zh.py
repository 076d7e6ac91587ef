"""Chinese text for the picture after names of fields, ways of writing, and what shows it."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def levels(prompt: str) -> set[str]:
    return {f.severity for f in lint(prompt, language="en") if f.rule == "lettering"}


@pytest.mark.parametrize(
    "prompt",
    [
        "手写信封特写，收件人一栏是陈小满，邮票盖着黑戳",
        "便条：饭在锅里自己热，厨房昏黄",
        "拿铁俯拍，可可粉撒出早安的字形，木质吧台",
        "红纸镂空，娃娃脚下剪出连年有余四个字",
        "展柜里的说明牌，说明牌的内容为父辛鼎，黑字白底",
        "墙面装有立体发光字，发光字拼读为动起来就赢",
        "水泥墩上红漆喷着拆，周围砖瓦散落",
    ],
)
def test_announced_text_is_warned_of(prompt: str) -> None:
    assert "warning" in levels(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "宠物医院，护士胸前工牌姓名周雨晴，蓝色挂绳",
        "出租车顶灯，LED滚字您好空车待租",
        "直升机尾梁喷涂海上救援，螺旋桨转动",
        "军用水壶，壶身刻有战士姓名张铁柱",
        "信件盖着陈年普洱红章",
        "水族箱标牌，鱼种名蓝眼斗鱼",
        "高铁车窗外闪过站台，站牌苏州北",
        "老相机的皮套，压花LEICA",
        "手腕内侧的纹身，黑色小楷自在如风",
    ],
)
def test_text_beside_its_carrier_is_told(prompt: str) -> None:
    assert levels(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "镜头从对面座位平视，墨迹湿亮，字母间距很宽",
        "霓虹招牌层层叠叠，两侧酒旗飘动，一张横幅长卷",
        "木雕观音，丝网印刷颗粒，小贩拿着铜喷壶浇花",
        "橡木书架顶到天花板，右下角画一把刻度尺",
        "旺角街头，灯牌交相辉映，铁皮号牌反射出一点点光",
        "纸箱上贴着胶带，护士伏在桌上写病历",
    ],
)
def test_what_is_drawn_is_no_text(prompt: str) -> None:
    assert levels(prompt) == set()
