"""Turns in which Chinese prompts tell text for the picture without quotes."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def levels(prompt: str) -> set[str]:
    return {f.severity for f in lint(prompt, language="en") if f.rule == "lettering"}


@pytest.mark.parametrize(
    "prompt",
    [
        "一部手机，绿色气泡里的内容为到家了吗，背景虚化",
        "新闻演播室，画面底部蓝色字幕条打出台风海燕明早登陆，右上角有地球图案",
        "药瓶，标签上是褪色的打字机字体Tincture of Iodine，一把小天平",
        "檐下一排红灯笼，每只灯笼都用墨笔题了个酒字，乌篷船",
        "理发店，玻璃门上用红漆描着国营红星理发店，门里一位师傅",
        "游戏界面，屏幕正中弹出金色的书法体提示奥义断水，周围有墨点",
        "展台前立着一块KT板，KT板标题为会思考的手，下面有三张照片",
        "圆形徽章，图案下方文字山间小舍，棕色线条",
        "红色印章，篆书刻着听雨楼主，宣纸",
        "镖车上插着三角旗，旗上绣着镇远镖局，猎猎展开",
        "一瓶蜂蜜，标签为奶奶的槐花蜜",
    ],
)
def test_text_for_the_picture_is_warned_of(prompt: str) -> None:
    assert "warning" in levels(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "老兵胸前别满奖章，左手拿着一封展开的信，信纸上字迹细密",
        "每个抽屉上都贴着写有药名的纸签，铜拉环磨得发亮",
        "高速公路夜景，前方龙门架上是蓝底白字的大型指示牌",
        "车窗用白漆画着一圈藤蔓，海报的标题是粗体红字",
        "屏幕打出一束蓝光，黑板上用粉笔写满算式",
    ],
)
def test_how_letters_look_is_no_text(prompt: str) -> None:
    assert levels(prompt) <= {"hint"}
