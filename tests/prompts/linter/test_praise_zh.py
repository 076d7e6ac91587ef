"""Chinese praise told as a verdict, a standard or a great work."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def levels(prompt: str) -> set[str]:
    return {f.severity for f in lint(prompt, language="en") if f.rule == "praise"}


@pytest.mark.parametrize(
    "prompt",
    [
        "穿皮衣的女骑手靠在摩托车旁，商业大片水平",
        "草莓蛋糕切面，成片达到4A广告公司的水准。",
        "藏族小姑娘抱着小羊羔，画面质量高到极点。",
        "北欧风书房，设计感秒杀一切样板间。",
        "面包店橱窗，出片效果好到离谱，构图呈三角形",
        "汉服女子，逆光，摄影大师看了都点头",
        "雪山日照金山，画面美得不真实",
        "水墨虾，淡墨渲染，艺术成就极高",
        "废土世界的流浪商人，载入史册的旷世巨作",
        "一只蜂鸟悬停在花前，微距，画面表现无敌了",
    ],
)
def test_praise_is_warned_of(prompt: str) -> None:
    assert "warning" in levels(prompt)


def test_plenty_of_a_quality_is_hinted_at() -> None:
    assert levels("陶罐里的干花，侧光，质感十足") == {"hint"}


@pytest.mark.parametrize(
    "prompt",
    [
        "木雕大师俯身在工作台前，展厅里挂着名画",
        "书架顶到天花板，水平如镜的湖面倒映雪山",
        "颁奖台上，最佳女主角捧着水晶奖座，台下的评委在打分",
        "炸裂的石块四散飞溅，摄影师裹着羽绒服支起三脚架",
        "丝网印刷质感的海报，三级台阶铺着红毯",
    ],
)
def test_what_can_be_seen_is_no_praise(prompt: str) -> None:
    assert levels(prompt) == set()
