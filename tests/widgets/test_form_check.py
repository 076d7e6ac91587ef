"""Remarks on a prompt in the box and the form, from the kernel's side."""

from __future__ import annotations

import pytest

from refusals import refused
from zimg_kernel import GenerationParams
from zimg_kernel.prompts import RULES
from zimg_widgets import ParamsForm, check_prompt
from zimg_widgets.prompt_box import check as form_check
from zimg_widgets.prompt_box.widget import PromptBox


def rules(form: ParamsForm) -> list[str]:
    return [finding["rule"] for finding in form.prompt.findings]


def type_in(form: ParamsForm, text: str) -> None:
    form.prompt._handle_custom_msg({"kind": "typed", "value": text}, [])


@pytest.fixture
def form() -> ParamsForm:
    made = ParamsForm(language="en")
    made.model.show("z-image-turbo")
    return made


def test_findings_follow_what_is_typed(form: ParamsForm) -> None:
    assert rules(form) == []
    type_in(form, "masterpiece, (oak:1.3) table, 😀, 8K")
    assert rules(form) == ["praise", "weights", "praise"]
    shown = form.prompt.findings_shown
    assert shown["prompt"] == form.prompt.value
    assert [f.get("fix") for f in shown["findings"]] == [
        "(oak:1.3) table, 😀, 8K",
        "masterpiece, oak table, 😀, 8K",
        "masterpiece, (oak:1.3) table, 😀",
    ]
    type_in(form, "oak table, lamp light")
    assert form.prompt.findings_shown == {"prompt": "oak table, lamp light", "findings": []}


def test_findings_go_to_the_page_with_what_was_typed(form: ParamsForm) -> None:
    sent: list[dict[str, object]] = []
    form.prompt._send = lambda message, buffers=None: sent.append(message)
    type_in(form, "8K, oak")
    states = [m["state"] for m in sent if m.get("method") == "update"]
    assert any("findings_shown" in state for state in states)
    assert not any("value" in state for state in states)  # more may have been typed since


def test_findings_follow_the_model_and_the_language(form: ParamsForm) -> None:
    type_in(form, "a red circle")
    assert rules(form) == ["vague"]
    form.model.control.value = "nano-turbo"
    assert rules(form) == []
    chinese = ParamsForm(GenerationParams(prompt="杰作，石桥，晨光"), language="zh")
    assert chinese.prompt.findings[0]["why"] == "“杰作”没有说出任何可以画出来的东西。"
    assert "没有说出" in chinese.prompt.to_static_html()


def test_a_picture_s_parameters_are_checked_too(form: ParamsForm) -> None:
    form.set(GenerationParams(prompt="<lora:x:1> oak", model="z-image-turbo"))
    assert rules(form) == ["weights"]


def test_it_can_be_switched_off() -> None:
    form = ParamsForm(GenerationParams(prompt="masterpiece"), check=False)
    type_in(form, "masterpiece, 8K")
    assert form.prompt.findings == []


def test_a_mistake_in_a_rule_does_not_break_the_form(
    form: ParamsForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    type_in(form, "8K, oak")
    assert form.prompt.findings
    monkeypatch.setattr(form_check, "lint", broken)
    type_in(form, "8K, oak, brass")
    assert form.prompt.findings == []
    assert form.params().prompt == "8K, oak, brass"


def test_the_still_form_escapes_findings() -> None:
    box = PromptBox("x", language="en")
    box.findings = [{"start": 0, "end": 1, "severity": "hint", "rule": "r", "why": "<b>why"}]
    assert "<li>&lt;b&gt;why</li>" in box.to_static_html()


def test_every_rule_can_be_shown(form: ParamsForm) -> None:
    for rule in RULES:
        for examples in rule.examples.values():
            for text in (t for t in examples.bad if t.strip()):
                type_in(form, text)
                assert rule.id in rules(form)


def test_a_box_alone_is_checked_for_the_model_that_it_names() -> None:
    box = check_prompt("8K, a red circle", "nano-turbo", language="en", rows=2)
    assert [finding["rule"] for finding in box.findings] == ["praise"]
    assert box.rows == 2
    box._handle_custom_msg({"kind": "typed", "value": "一个红色的圆"}, [])
    assert box.findings_shown == {"prompt": "一个红色的圆", "findings": []}
    with refused("unknown-model", "model"):
        check_prompt("8K", "no-such")
