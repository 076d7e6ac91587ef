"""Turns of speech that a rule names, and others that only look like them."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def rules_of(prompt: str) -> set[str]:
    return {found.rule for found in lint(prompt) if found.rule != "vague"}


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("A departures board, and every row shows Gate closing soon in amber letters", "lettering"),
        ("A gantry sign overhead gives Exit 12 Southbound in white.", "lettering"),
        ("On the rear window someone has soaped Paris or Bust.", "lettering"),
        ("a heart scratched into bark with Tom loves Mia inside it", "lettering"),
        ("后背的皮肤上纹了厚德载物", "lettering"),
        ("猫头标志，下方品牌名喵星日记", "lettering"),
        ("同学们拉着白布，上头是毛笔写成的江湖再见各自珍重", "lettering"),
        ("It is a work of pure genius that leaves all rivals far behind.", "praise"),
        ("A fox on a ledge, good enough to win any photo contest", "praise"),
        ("国际摄影大赛金奖作品，沙漠里的骆驼队", "praise"),
        ("Any cable is to be excluded from the scene.", "negative"),
        ("床头墙上不挂任何装饰画", "negative"),
        ("手和脸一概不入镜", "negative"),
        ("骑士立绘，红色披风，未佩戴头盔", "negative"),
        ("A red panda on a branch AND a stone lantern", "weights"),
        ("雨夜街道，霓虹灯 --ar 3:2", "weights"),
    ],
)
def test_a_fault_is_named(prompt: str, rule: str) -> None:
    assert rule in rules_of(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "A mirror shows the old harbour in soft morning light.",
        "She has drawn a small fox in chalk on the pavement.",
        "a basket with Tom the cat inside it",
        "胸口纹了一条青龙",
        "一扇不规则的木窗",
        "A potter at work on pure white clay",
        "评委给一等奖的奖状盖章",
        "霓虹灯下的雨夜街道",
        "未来主义风格的地铁站大厅",
    ],
)
def test_others_are_not(prompt: str) -> None:
    assert not {found.rule for found in lint(prompt) if found.severity != "hint"}


@pytest.mark.parametrize(
    "prompt",
    [
        "A grandfather rolls out dough. On his apron Kitchen Boss is embroidered in red thread.",
        "Old stone milestone beside a lane, London 62 Miles carved into it, moss",
        "A crowing cockerel; above him in an arc, Golden Cockerel Safety Matches.",
        "A departure board in a marble hall. The top row shows Lisbon 18:20 Platform 9.",
    ],
)
def test_names_on_things_may_be_lettering(prompt: str) -> None:
    assert "lettering" in rules_of(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "A band of glass at reading height, lamps on inside",
        "The grandfather bends a strip; her son, about eight years old, holds a finished kite.",
    ],
)
def test_a_height_is_no_text_and_a_son_no_grandfather(prompt: str) -> None:
    assert not {found.rule for found in lint(prompt) if found.severity != "hint"}
