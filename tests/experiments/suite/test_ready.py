"""The ready suites' fixed part on the miniature, and that turned prompts make the checks fail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zimg_kernel import LocalEngine
from zimg_kernel.experiments.suite import Suite, SuiteReport, run_suite

COLOURS = {"红": "蓝", "蓝": "红", "黄": "绿", "绿": "黄", "red": "blue", "blue": "red",
           "yellow": "green", "green": "yellow"}  # fmt: skip
SIDES = {"左": "右", "右": "左", "above": "below", "below": "above"}
NUMBERS = {"三": "五", "五": "三", "two": "four", "four": "two"}
TEXTS = {"书店": "新品上市", "新品上市": "书店", "OPEN": "HELLO", "HELLO": "OPEN"}


def turned(suite: Suite, words: dict[str, str], *ids: str) -> Suite:
    """The same checks under other prompts: each of the words gives way to its counterpart."""
    some = re.compile("|".join(words))
    cases = []
    for case in suite.only(*ids).cases:
        prompt = some.sub(lambda found: words[found[0]], case.prompt)
        assert prompt != case.prompt, case.id
        cases.append(case.with_prompt(prompt))
    return suite.model_copy(update={"cases": cases})


def share(report: SuiteReport, name: str = "checks") -> float:
    return next(rate.share for rate in report.rates() if rate.name == name)


@pytest.mark.slow
def test_layout_and_counting(engine: LocalEngine, tmp_path: Path) -> None:
    suite = Suite.load("layout")
    report = run_suite(suite, engine=engine, only="ci", cache=tmp_path)
    assert len(report.results) == 10
    assert share(report) >= 0.9, str(report)
    for language in ("zh", "en"):
        assert share(report, language) >= 0.85, str(report)

    # The cases come in pairs: the turned prompts' pictures are those of other cases.
    pairs = {
        "colours": (COLOURS, ["pair-zh-red-circle", "pair-zh-blue-circle", "pair-en-yellow-star",
                              "pair-en-green-star"]),
        "sides": (SIDES, ["pair-zh-red-circle", "pair-zh-red-circle-right", "pair-en-yellow-star",
                          "pair-en-yellow-star-below"]),
        "numbers": (NUMBERS, ["count-zh-3", "count-zh-5", "count-en-2", "count-en-4"]),
    }  # fmt: skip
    for what, (words, ids) in pairs.items():
        other = run_suite(turned(suite, words, *ids), engine=engine, cache=tmp_path)
        assert other.drawn == 0, what
        assert share(other, "pictures") == 0, f"{what}\n{other}"
        assert other.newly_failed, what


@pytest.mark.slow
def test_bilingual_text(engine: LocalEngine, tmp_path: Path) -> None:
    suite = Suite.load("text")
    report = run_suite(suite, engine=engine, only="ci", cache=tmp_path)
    assert len(report.results) == 4
    for kind in ("text", "sign"):
        assert share(report, kind) >= 0.8, str(report)
    for language in ("zh", "en"):
        assert share(report, language) >= 0.8, str(report)

    other = run_suite(turned(suite, TEXTS, "ci"), engine=engine, cache=tmp_path)
    assert other.drawn == 0
    assert share(other) == 0, str(other)


@pytest.mark.slow
def test_simple_medium_and_complex_prompts(engine: LocalEngine, tmp_path: Path) -> None:
    suite = Suite.load("simple")
    report = run_suite(suite, engine=engine, only="ci", cache=tmp_path)
    assert len(report.results) == 5
    assert share(report) >= 0.8, str(report)
    for level in ("simple", "medium", "complex"):
        assert share(report, level) >= 0.5, str(report)
    assert len(report.left_out) == 0  # those for full-size models are not among the tagged ones

    other = run_suite(turned(suite, COLOURS, "simple-house-zh"), engine=engine, cache=tmp_path)
    assert share(other, "objects") == 0, str(other)
    assert share(other, "size") == 1
