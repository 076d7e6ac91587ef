"""The box for prompts, from the kernel's side."""

from __future__ import annotations

import pytest
import traitlets

from refusals import refused
from zimg_widgets.prompt_box.widget import PromptBox


def send(box: PromptBox, content: object) -> None:
    """Deliver what the browser would send."""
    box._handle_custom_msg(content, [])


def test_what_is_sent_arrives_and_listeners_hear_it() -> None:
    box = PromptBox("a red circle")
    heard: list[str] = []
    box.on_submit(heard.append)
    send(box, {"kind": "submit", "value": "一只猫\n在草地上"})
    assert heard == ["一只猫\n在草地上"]
    assert box.value == heard[0]


def test_what_is_typed_is_its_value_and_is_not_sent_back() -> None:
    box = PromptBox("a")
    seen: list[str] = []
    box.observe(lambda change: seen.append(change["new"]), "value")
    sent: list[object] = []
    box._send = lambda message, buffers=None: sent.append(message)
    send(box, {"kind": "typed", "value": "a cat"})
    assert seen == ["a cat"]
    assert not any(m.get("method") == "update" for m in sent if isinstance(m, dict))


@pytest.mark.parametrize("content", [None, "submit", {}, {"kind": "other", "value": "x"}])
def test_other_messages_are_passed_over(content: object) -> None:
    box = PromptBox("stays")
    box.on_submit(lambda text: pytest.fail(text))
    send(box, content)
    assert box.value == "stays"


def test_a_disabled_box_sends_nothing() -> None:
    box = PromptBox("stays", disabled=True)
    box.on_submit(lambda text: pytest.fail(text))
    send(box, {"kind": "submit", "value": "x"})
    assert box.value == "stays"


def test_words_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PromptBox(language="zh").label == "提示词"
    monkeypatch.setenv("ZIMG_LANGUAGE", "zh_CN")
    assert PromptBox().label == "提示词"
    assert PromptBox(label="Negative prompt").label == "Negative prompt"
    monkeypatch.setenv("ZIMG_LANGUAGE", "fr")
    with refused("unknown-language"):
        PromptBox()


def test_rows_have_limits() -> None:
    with pytest.raises(traitlets.TraitError):
        PromptBox(rows=0)


def test_the_still_form_escapes_what_was_typed() -> None:
    box = PromptBox('<script>alert("x")</script>')
    assert "<script>" not in box.to_static_html()
    assert "&lt;script&gt;" in box.to_static_html()
    assert box._repr_mimebundle_()[0]["text/html"] == box.to_static_html()
