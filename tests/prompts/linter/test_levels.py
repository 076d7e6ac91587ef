"""Levels of findings by the strength of what speaks for them."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint
from zimg_kernel.prompts.linter.finding import Finding
from zimg_kernel.prompts.linter.lint import _unwritten


@pytest.mark.parametrize(
    ("prompt", "levels"),
    [
        ("A boy longs for the sea, grey light.", ["warning"]),
        ("A man stares at his shoes, ashamed.", ["warning"]),
        ("A gap where a tooth used to sit.", ["warning"]),
        ("Homesick at last, a sailor on a pier.", ["warning"]),  # two weak ones
        ("Homesick, a sailor on a pier. At last light on the water.", ["warning", "warning"]),
        ("A comic of two panels: he falls, then he sits up, finally he laughs.", ["hint"]),
        ("It looks as if it had been left out in the rain.", ["hint"]),
        ("The shop was started by a priest and nearly went bankrupt.", ["hint"]),
        ("A knife that is used to cut leather, on oak.", []),
        ("一群麻雀刚从电线上飞起", ["hint"]),
        ("老人们都说它会显灵，树上系满红布条", ["hint"]),
        ("孩子们你推我搡地挤在门口", []),
        ("门上贴着禁止吸烟的圆形图标", []),
        ("禁止出现文字", ["warning"]),
    ],
)
def test_weak_words_are_hints(prompt: str, levels: list[str]) -> None:
    assert [f.severity for f in lint(prompt) if f.rule in ("clause", "negative")] == levels


def test_weak_words_are_hints_in_a_long_description() -> None:
    long = "A wide street at dusk with plane trees, parked bicycles and a kiosk. " * 9
    found = [f.severity for f in lint(f"{long} A gap where a tooth used to sit.")]
    assert found == ["hint"]


def test_a_hint_says_may() -> None:
    (hint,) = [
        f
        for f in lint("He is ashamed, and the language is his own.", language="en")
        if f.rule == "clause"
    ]
    assert " may " in hint.why
    (hint,) = [f for f in lint("墙角的温度", language="zh") if f.rule == "clause"]
    assert "也许" in hint.why


def test_findings_in_lettering_are_left_out_or_hints() -> None:
    talk = Finding("clause", "warning", 2, 5, "", "")
    sure, unsure = (Finding("lettering", level, 0, 9, "", "") for level in ("warning", "hint"))
    assert list(_unwritten([sure, talk])) == [sure]
    assert [f.severity for f in _unwritten([unsure, talk])] == ["hint", "hint"]


@pytest.mark.parametrize(
    "prompt",
    [
        "五只猫趴在窗台上，三只橘猫，两只黑猫",
        "篮球场上，五个穿白衣的队员防守，五个穿红衣的队员进攻",
        "黑白照片镶在金色相框里，挂在碎花墙纸上，旁边一盆红色天竺葵",
        "美术馆里，一个女生站在一幅巨大的海浪油画前，照片，背影",
        "穿白裙的女孩对着镜子，镜子里的她穿着黑裙，超现实摄影",
        "一辆双色的老爷车，车顶奶白，车身湖蓝，停在棕榈树下",
        "女孩盘腿坐在地毯上写日记，笔杆上有个毛绒小球",
        "顶部的标题是“水去了哪里？”，字是藏青色的，居中排列",
        "少年趴在桌上写作业，台灯的光落在纸页上",
        "小狗穿着红色毛衣，主人穿着绿色毛衣，一起走在雪地里",
        "滑雪场的温泉，泳衣女孩泡在池中，远处雪山",
        "清晨的街道，昨夜的月亮还挂在天边，环卫工扫着落叶",
        "蒸笼叠了七层，最上面一层的盖子刚被掀开，白汽升起",
        "棕榈树之间拉满暖黄的串灯，新娘举着香槟杯",
        "高窗透进两道斜光，分别落在他的胸口和身后的水泥柱上",
        "大标题“夏至”，粗体黑字带些油墨缺口",
    ],
)
def test_parts_mirrors_and_diaries_raise_no_alarm(prompt: str) -> None:
    assert {f.severity for f in lint(prompt)} <= {"hint"}


@pytest.mark.parametrize(
    "prompt",
    [
        "A pine crate stencilled with this side up handle with care in large black letters, snow",
        "A signpost with two blades: the upper one reads Elm Street and the lower one Fifth Avenue",
        "A pair of mugs, the left one reads Mr and the right one Mrs",
        "A neon sign glowing with open all night in pink script",
    ],
)
def test_words_in_letters_and_on_one_of_two_signs_are_named(prompt: str) -> None:
    assert "lettering" in {f.rule for f in lint(prompt)}


@pytest.mark.parametrize(
    "prompt",
    [
        "A kimono embroidered with cranes and pine branches in gold thread",
        "A ring engraved with her initials in tiny letters",
        "Two girls on a bench, one reads Jane Austen and the other a comic",
    ],
)
def test_embroidered_things_and_readers_are_no_lettering(prompt: str) -> None:
    assert "lettering" not in {f.rule for f in lint(prompt)}


def test_parts_that_add_up_are_no_contradiction() -> None:
    assert "contradiction" not in {f.rule for f in lint("五只猫趴在窗台上，三只橘猫，两只黑猫")}
    told = "田埂上有两个孩子，一个男孩一个女孩。这五个小家伙都光着脚"
    assert "contradiction" in {f.rule for f in lint(told)}
