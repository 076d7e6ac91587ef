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
        ("A man stares at his shoes, ashamed.", ["hint"]),
        ("A gap where a tooth used to sit.", ["hint"]),
        ("Homesick at last, a sailor on a pier.", ["warning"]),  # two weak ones
        ("Homesick, a sailor on a pier. At last light on the water.", ["hint", "hint"]),
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


def test_a_hint_says_may() -> None:
    (hint,) = [f for f in lint("He is ashamed.", language="en") if f.rule == "clause"]
    assert " may " in hint.why
    (hint,) = [f for f in lint("墙角的温度", language="zh") if f.rule == "clause"]
    assert "也许" in hint.why


def test_findings_in_lettering_are_left_out_or_hints() -> None:
    talk = Finding("clause", "warning", 2, 5, "", "")
    sure, unsure = (Finding("lettering", level, 0, 9, "", "") for level in ("warning", "hint"))
    assert list(_unwritten([sure, talk])) == [sure]
    assert [f.severity for f in _unwritten([unsure, talk])] == ["hint", "hint"]
