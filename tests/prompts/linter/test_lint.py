"""The linter as a whole: the written sets, fixes, models, languages."""

from __future__ import annotations

import pytest

from refusals import refused
from tests.prompts.linter import sets
from zimg_kernel import BadInput
from zimg_kernel.prompts import Edit, Findings, fix, lint
from zimg_kernel.prompts.linter.rules.length import estimate
from zimg_kernel.prompts.linter.runs import Shortened

SETS = ("set_200.yaml", "set_second.yaml", "set_third.yaml")


@pytest.mark.parametrize("name", SETS)
def test_it_finds_the_faults_and_leaves_the_good_alone(name: str) -> None:
    cases = sets.load(name)
    faulty, good = [c for c in cases if c.fault], [c for c in cases if not c.fault]
    missed = [c.text[:80] for c in faulty if not c.found()]
    alarms = {c.text[:80]: c.alarms() for c in good if c.alarms()}
    assert len(missed) <= 0.1 * len(faulty), missed
    assert len(alarms) <= 0.05 * len(good), alarms


def test_the_set_is_half_good_and_half_chinese() -> None:
    cases = sets.load("set_200.yaml")
    for good in (True, False):
        for language in ("en", "zh"):
            count = sum((c.fault is None) == good and c.language == language for c in cases)
            assert 45 <= count <= 55
    assert len({case.text for case in cases}) == 200


@pytest.mark.parametrize("name", SETS)
def test_mending_is_done_once_and_leaves_quotes(name: str) -> None:
    for case in sets.load(name):
        once = fix(case.text, lint(case.text, case.model))
        assert fix(once, lint(once, case.model)) == once
        assert lint(case.text, case.model, fix=True).prompt.strip()


def test_mending_takes_the_commas_along() -> None:
    mended = {
        "masterpiece, best quality, (oak table:1.3), 8K": "oak table",
        "a (red:1.2) fox <lora:x:0.8>, wet paper": "a red fox, wet paper",
        "请帮我画一座石桥，杰作，晨光，": "一座石桥，晨光，",
        "oak desk BREAK brass lamp": "oak desk, brass lamp",
        "please draw a stone bridge at dawn": "a stone bridge at dawn",
        "linen. 8K. side light\nmasterpiece\nwet stone": "linen. side light\nwet stone",
        "海报，标题是静水流深，版画": "海报，标题是“静水流深”，版画",
    }
    for prompt, wanted in mended.items():
        assert lint(prompt, fix=True).prompt == wanted


def test_what_would_leave_nothing_is_not_mended() -> None:
    assert lint("masterpiece, best quality", fix=True).prompt == "masterpiece, best quality"


def test_an_edit_into_quoted_text_is_not_made() -> None:
    prompt = 'a sign "8K (x:1.3)", enamel'
    assert lint(prompt, "z-image-turbo", fix=True).prompt == prompt
    finding = lint("8K, silk")[0]
    assert fix(prompt, [finding.__class__(**{**vars(finding), "edits": (Edit(8, 10),)})]) == prompt


def test_findings_are_a_tuple_in_order_with_their_prompt() -> None:
    found = lint("8K, oak, (brass:1.2), masterpiece", language="en")
    assert isinstance(found, Findings)
    assert [f.start for f in found] == sorted(f.start for f in found)
    assert [f.rule for f in found.errors] == ["weights"]
    assert found.prompt[slice(*found[0].span)] == "8K"


def test_the_language_is_as_asked_or_as_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "names nothing" in lint("8K, silk", language="en")[0].why
    monkeypatch.setenv("ZIMG_LANGUAGE", "zh_CN")
    assert "没有说出" in lint("8K, silk")[0].why
    with refused("unknown-language", "language"):
        lint("8K", language="fr")


def test_what_is_said_follows_the_model() -> None:
    prompt = "marble hall, morning light, no people"
    unguided = lint(prompt, "z-image-turbo", language="en")[0]
    assert "without guidance" in unguided.suggestion
    guided = lint(prompt, "z-image", language="en")[0]
    assert "Move it to the negative prompt" in guided.suggestion
    assert not lint("左边一个红色的圆", "nano-turbo")
    with pytest.raises(BadInput, match="no model called"):
        lint(prompt, "nothing")


def test_bad_input_is_refused() -> None:
    with refused("wrong-type", "prompt"):
        lint(3)  # type: ignore[arg-type]
    assert lint("", language="en")[0].rule == "length"


def test_tokens_are_counted_where_the_tokenizer_is_and_estimated_elsewhere() -> None:
    long = "左边一个红色的圆，右边一个蓝色的方块。" * 60
    counted = next(f for f in lint(long, "nano-turbo", language="en") if f.rule == "length")
    assert counted.severity == "error"
    assert " tokens, and Z-Image miniature, Turbo reads 512 at most" in counted.why
    guessed = next(f for f in lint(long, "z-image-turbo", language="en") if f.rule == "length")
    assert "an estimate" in guessed.why
    low, high = estimate("oak table, 一碗无花果")
    assert low < high


def test_odd_text_is_no_trouble() -> None:
    for prompt in ('"', "“", "((((", "\n\n", "😀😀", "İstanbul in fog, " * 3, ",,,，，", "a" * 5000,
                   "，".join("红" * 9 for _ in range(200)), "\ud800 lone", "(" * 300,
                   "A school\ud800way banner Welcome Class of 2031, balloons",
                   "空荡的音乐厅，一\ud800架钢琴，余音还在回荡"):  # fmt: skip
        for model in (None, "nano-turbo"):
            for finding in lint(prompt, model):
                assert 0 <= finding.start <= finding.end <= len(prompt)


@pytest.mark.parametrize("unit", [" ", "\n", " \t\n", "(", "[", "一", "写着", "a", "7", "，", "“"])
def test_what_is_repeated_over_and_over_is_looked_at_once(unit: str) -> None:
    shortened = Shortened(f"an oak table{unit * 8000}masterpiece")
    assert len(shortened.text) < 100  # the work grows with the square of such a run
    assert shortened.position(shortened.text.index("master")) == 12 + 8000 * len(unit)


def test_findings_behind_a_run_of_blanks_keep_their_place() -> None:
    prompt = f"8K,{' ' * 900}masterpiece,\n\n\n\n\noak table, (brass:1.2)"
    found = lint(prompt, language="en")
    assert [prompt[f.start : f.end] for f in found] == ["8K", "masterpiece", "(brass:1.2)"]
    assert fix(prompt, found).split() == ["oak", "table,", "brass"]


def test_findings_show_themselves_with_the_words_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_LANGUAGE", "en")
    shown = lint("masterpiece, (a <red> circle:1.3)", "nano-turbo")._repr_html_()
    assert ">masterpiece</mark>, " in shown
    assert ">(a &lt;red&gt; circle:1.3)</mark></p>" in shown
    assert shown.count("<li ") == len(lint("masterpiece, (a <red> circle:1.3)", "nano-turbo"))
    assert "wavy var(--jp-error-color1" in shown
    assert "Nothing to remark." in lint("一个红色的圆", "nano-turbo")._repr_html_()
    monkeypatch.setenv("ZIMG_LANGUAGE", "zh")
    assert "没有可说的。" in lint("一个红色的圆", "nano-turbo")._repr_html_()
