"""Contradictions of long Chinese descriptions that are warnings, since no good one says as much."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

LONG = (
    "巷口的修鞋摊前摆着三双旧皮鞋，鞋匠低头穿线，围裙上沾着鞋油。旁边的竹椅上搁着一只搪瓷缸，"
    "缸沿磕掉了一块瓷，墙上挂着一串钥匙坯和几根皮带，砖缝里长出一丛青草。一位妇人拎着菜篮从门前走过，"
    "篮子里露出两根黄瓜和一把芹菜。镜头平视，五十毫米镜头，景深适中，光线从左上方斜照下来。"
)


def levels(prompt: str, rule: str = "contradiction") -> set[str]:
    return {f.severity for f in lint(prompt, language="en") if f.rule == rule}


@pytest.mark.parametrize(
    "said",
    [
        "正午的烈日晒着石板路，夜空里满天繁星。",
        "盛夏三伏天，屋顶积着厚厚的雪，大雪纷飞。",
        "晴空万里，倾盆大雨打在伞面上。",
        "整张画面只有黑、白、灰三种色阶。一只橙色的胖猫趴在门槛上。",
        "一辆天蓝色的甲壳虫停在路边。这台小车樱桃红的车漆闪闪发亮。",
        "雪地里蹲着三只小狐狸。这五只小狐狸全都歪着头。",
    ],
)
def test_plain_ones_are_warnings_in_a_long_description(said: str) -> None:
    assert "warning" in levels(LONG + said)


@pytest.mark.parametrize(
    "said",
    [
        "天文馆里的银河横贯穹顶，门被推开一道缝，外面的阳光照在地毯上。",
        "一名焊工跪在钢板上，脚手架上还有三名工人，其中一人在递钢缆。",
        "上身是月白色的立领长袄，下身的马面裙是黛蓝色。",
    ],
)
def test_what_may_be_of_two_places_or_things_is_no_warning(said: str) -> None:
    assert "warning" not in levels(LONG + said)


@pytest.mark.parametrize(
    "prompt",
    [
        "孩子仰着头，双手合十，请求妈妈买一只气球",
        "一群蚂蚁互相帮忙抬起一片叶子，微距",
        "薄雾刚刚散开，几艘木船停在水面上",
        "太阳刚刚离开海平面，三艘木船",
        "一艘巨大的世代飞船内部，稻田沿着内壁铺到头顶",
        "两个男生合吃一份臭豆腐，辣得直吐舌头",
        "女孩们围成一圈，有一个笑出了声，另一个擦脸",
    ],
)
def test_what_is_seen_is_no_talk_and_no_story(prompt: str) -> None:
    assert levels(prompt, "clause") <= {"hint"}


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("帮忙画一只猫", "clause"),
        ("请求生成一张海报", "clause"),
        ("產品白底圖，一支鋼筆，無陰影無倒影", "negative"),
        ("除了这只瓢虫，其他昆虫全都免掉，蜘蛛网也省去。", "negative"),
        ("荣获国际摄影大奖的作品，渔夫撒网", "praise"),
        ("灯塔 AND 暴风雨海面 AND 飞翔的海鸥", "weights"),
    ],
)
def test_other_turns_of_known_faults_are_named(prompt: str, rule: str) -> None:
    assert levels(prompt, rule) - {"hint"}


def test_somebody_with_a_prize_is_no_praise() -> None:
    assert not levels("颁奖礼后台，获奖的老木偶师坐在化妆镜前", "praise")
