"""Patterns of the rules: compiled at first use, by PCRE2, and what they find is what re finds."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path

import pcre2
import pytest

from tests.benchmarks.judge_prompts import read
from zimg_kernel.prompts.linter import direct
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import WordLists

TEXTS = [case["text"].lower() for path in sorted(Path(__file__).parent.glob("*.jsonl"))
         for case in read(path)]  # fmt: skip


def test_a_pattern_is_compiled_when_it_is_searched() -> None:
    pattern = Pattern(r"(?<![\w-])(?:midnight|moonlit)(?![\w-])")
    assert "compiled" not in vars(pattern)
    assert pattern.search("a moonlit bridge")
    assert "compiled" in vars(pattern)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"[\U00020000-\U0003ffff]|\u4e00", "U0002 \U00020001 一"),
        (r"\w+\Z", "one two\n"),
        (r"\w+$", "one two\n"),
        (r"(?<=a)b|(?P<last>c)|x*", "abcab xx"),
        (r"\d|.", "3\r\n٣½"),
        ("ß|straße", "STRASSE straße"),
        ("红|\ud800", "红 \ud800 红"),  # half a surrogate pair, which is not UTF-8
        ("(?:a|a)*b", "a" * 12 + "c"),
    ],
)
def test_it_finds_what_re_finds(source: str, text: str) -> None:
    pattern, plain = Pattern(source), re.compile(source)
    found = [(m.span(), m[0], m.lastgroup) for m in pattern.finditer(text)]
    assert found == [(m.span(), m[0], m.lastgroup) for m in plain.finditer(text)]
    assert pattern.split(text) == plain.split(text) or plain.groups
    assert pattern.sub("-", text) == plain.sub("-", text)
    for start in range(len(text)):
        for ours, theirs in ((pattern.search, plain.search), (pattern.match, plain.match)):
            mine, other = ours(text, start, len(text) - 1), theirs(text, start, len(text) - 1)
            assert (mine and mine.span()) == (other and other.span())


def test_a_package_that_is_made_otherwise_is_called_as_usual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual, known = pcre2.compile("a+"), direct._is_known()
    assert known  # the locked version is called directly
    monkeypatch.setattr(direct, "_is_known", lambda: False)
    for search, finditer in (
        (direct.searching(usual), direct.finding(usual)),
        direct._direct(usual),
    ):
        assert [found and found.span() for found in (search("一aab", 0, 9), search("b", 0, 1))] == [
            (1, 3),
            None,
        ]
        assert [found.span() for found in finditer("a一aab", 0, 9)] == [(0, 1), (2, 4)]


@pytest.mark.parametrize("text", ["an ass", "一ann"])
def test_matches_tell_their_groups_as_those_of_re_do(text: str) -> None:
    source = "(?P<one>a(?P<two>s)?)(?P<many>n+|(s))"
    found, other = Pattern(source).search(text), re.search(source, text)
    assert found
    assert other
    assert found.groupdict("-") == other.groupdict("-")
    assert found.groups() == other.groups()
    assert (found.lastgroup, found["many"], found["two"]) == ("many", other["many"], other["two"])
    for group in (0, "one", "two", "many", 4):
        assert (found.span(group), found.start(group), found.end(group)) == (
            other.span(group),
            other.start(group),
            other.end(group),
        )
    with pytest.raises(IndexError):
        found.span("none")


def test_an_expression_beyond_the_bounds_is_made_shorter_or_left_to_re() -> None:
    words = tuple(f"word{number:04}" for number in range(3000))
    lists = WordLists(words=words)
    pattern = lists.pattern("<words>[ ](?P<second><words>)|<words>;(?P<third><words>)|<words>!")
    found = pattern.search("a word0007 word2999, word0001;word0002")
    assert found
    assert found["second"] == "word2999"
    assert pattern.compiled is not pattern.plain
    assert Pattern(f"(?:{'|'.join(words)}){{9}}").compiled.search("word0001" * 9)


def test_all_patterns_of_the_rules_are_regular_expressions() -> None:
    patterns = [thing for thing in gc.get_objects() if type(thing) is Pattern]
    assert len(patterns) > 500
    for pattern in patterns:
        assert pattern.compiled.groups >= 0, pattern.source


def test_a_prompt_compiles_the_long_lists_of_its_own_language_alone() -> None:
    code = """
import re
from zimg_kernel.prompts.linter import pattern
compiled, compile = [], pattern._compiled
pattern._compiled = lambda source, flags: (compiled.append(source), compile(source, flags))[1]
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
