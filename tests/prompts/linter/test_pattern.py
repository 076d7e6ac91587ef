"""Patterns of the rules: compiled at first use, passed over by their first characters."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.judge_prompts import read
from zimg_kernel.prompts.linter.alternatives import by_beginning
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.pattern_heads import heads
from zimg_kernel.prompts.linter.words import WordLists

TEXTS = [case["text"].lower() for path in sorted(Path(__file__).parent.glob("*.jsonl"))
         for case in read(path)]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"(?<![\w-])(?:night|mid(?:day|night))", {"nigh", "mid"}),
        (r"(?<![\w-])looks?", {"look"}),
        (r"(?<![\w-])on?ce", {"o"}),
        (r"\b(?:the )?(?:cat|dogs)", {"the", "cat", "dogs"}),
        ("夜[晚里]|[红蓝]色", {"夜", "红", "蓝"}),
        ("night", {"n"}),  # may stand within a word
        ("(?<=a)night", {"n"}),
        ("x{0,2}y", {"x", "y"}),
        (r"\d+", None),
        ("[^a]b", None),
        ("(?:a)?", None),
    ],
)
def test_heads(source: str, expected: set[str] | None) -> None:
    assert heads(source) == expected


def test_a_pattern_is_compiled_when_a_text_has_one_of_its_words() -> None:
    pattern = Pattern(r"(?<![\w-])(?:midnight|moonlit)(?![\w-])")
    assert not list(pattern.finditer("a stone bridge at dawn, mist"))
    assert "compiled" not in vars(pattern)
    assert pattern.search("a moonlit bridge")
    assert "compiled" in vars(pattern)


def test_all_patterns_of_the_rules_are_regular_expressions() -> None:
    patterns = [thing for thing in gc.get_objects() if type(thing) is Pattern]
    assert len(patterns) > 500
    for pattern in patterns:
        assert pattern.compiled.groups >= 0, pattern.source


def test_a_prompt_compiles_the_long_lists_of_its_own_language_alone() -> None:
    code = """
import re
compiled, compile = [], re.compile
re.compile = lambda source, *flags: (compiled.append(source), compile(source, *flags))[1]
import zimg_kernel.prompts.linter.rules
from zimg_kernel.prompts import lint

def chinese():
    return [len(re.findall("[一-鿿]", s)) > len(s) / 4 for s in compiled if len(s) > 1000]

assert not chinese()
lint("a red fox in the snow")
assert chinese() and not any(chinese())
lint("雪地里的红狐狸")
assert any(chinese())
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("flags", [re.NOFLAG, re.IGNORECASE])
def test_it_finds_what_the_plain_expression_finds(flags: re.RegexFlag) -> None:
    words = (
        "night",
        "nights?",
        "ni",
        "at (?:noon|night)",
        "the",
        "then",
        "a|an",
        "夜晚",
        "夜",
        "的",
    )
    lists = WordLists(words=words)
    for template in (r"(?<![\w-])<words>", r"<words>", r"\b(?:in[ ])?<words>\b", r"<words>+"):
        plain = re.compile(template.replace("<words>", f"(?:{'|'.join(words)})"), flags)
        pattern = lists.pattern(template, flags)
        for text in TEXTS:
            assert [m.span() for m in pattern.finditer(text)] == [
                m.span() for m in plain.finditer(text)
            ]


def test_alternatives_keep_their_order() -> None:
    words = ("cats", "dog", "cat", "[cd]o", "cats and dogs", "ca?t")
    assert by_beginning(words) == "c(?:a(?:t(?:s|)))|dog|[cd]o|c(?:ats and dogs|a?t)"
