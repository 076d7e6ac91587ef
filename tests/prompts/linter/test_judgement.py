"""Natural sentences, good ones and such with a labelled fault: recall, false alarms, time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.benchmarks import judge_prompts
from tests.benchmarks.judge_prompts import alarms, judge, read
from zimg_kernel.prompts import lint

SETS = sorted(Path(__file__).parent.glob("*.jsonl"))
PROMPTS = Path(judge_prompts.__file__).parent / "prompts"
BENCHMARKS = sorted(PROMPTS.glob("*.jsonl"))
RECALL, PRECISION = 0.92, 0.95
# These sentences keep what was reached; they were written along with the rules and say nothing
# of other prompts. Contradictions of material, shape and age are known and not found yet.
LEAST = {"good": PRECISION, "contradiction": 0.75}

EN = (
    "A young woman in a green wool coat stands on a stone bridge at dusk, her hands resting on "
    "the railing while mist drifts over the river below. Two wooden boats are moored on the left. "
)
ZH = "一位穿着青色长衫的书生坐在石桌旁，桌上放着一盏油灯，背景是一片朦胧的山林，月光洒在溪水上。"


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_faults_are_named_and_good_prompts_left_alone(path: Path) -> None:
    for (label, language), results in judge(read(path)).items():
        wrong = [said for right, _, said in results if not right]
        least = LEAST.get(label, RECALL)
        assert len(results) - len(wrong) >= least * len(results), (label, language, wrong)


def test_good_prompts_of_the_benchmarks_are_left_alone() -> None:
    cases = [case for path in BENCHMARKS for case in read(path) if not case["faults"]]
    wrong = [case["text"] for case in cases if alarms(case["text"])]
    assert len(cases) > 600
    assert len(wrong) <= 0.01 * len(cases), wrong


@pytest.mark.parametrize(
    ("prompt", "rules"),
    [
        ("Please draw a cat. I would like it to be grey, thank you!", ["clause"] * 2),
        ("A sunny noon street under a starry night sky, the moonlight on the roofs.",
         ["contradiction"]),
        ("正午的阳光洒在街道上，夜空中繁星闪烁，月光如水。", ["contradiction"]),
    ],
)  # fmt: skip
def test_one_finding_for_a_fault(prompt: str, rules: list[str]) -> None:
    assert [finding.rule for finding in alarms(prompt)] == rules


@pytest.mark.parametrize("prompt", [EN * 8, ZH * 9], ids=["en", "zh"])
def test_a_long_prompt_is_checked_while_one_types(prompt: str) -> None:
    lint(prompt)
    times = []
    for _ in range(9):
        start = time.process_time()
        lint(prompt)
        times.append(time.process_time() - start)
    assert sorted(times)[4] < 0.05  # 10 ms on a quiet machine
