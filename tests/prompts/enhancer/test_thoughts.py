"""Thoughts of reasoning models: taken out whatever their tag, and never shown on the way."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts.enhancer.checks import cleaned
from zimg_kernel.prompts.enhancer.thoughts import visible

TAGS = ["think", "thinking", "thought", "reasoning", "reflection", "analysis", "seed:think"]


@pytest.mark.parametrize("tag", TAGS)
def test_thoughts_in_tags(tag: str) -> None:
    assert cleaned(f"<{tag}>\nhm, a dog?\n</{tag}>\n\nA cat.") == "A cat."
    assert cleaned(f"<{tag}>hm</{tag}><{tag}>again</{tag}>A cat.") == "A cat."
    assert cleaned(f"<{tag.upper()}>hm</{tag.upper()}>A cat.") == "A cat."
    assert cleaned(f"<{tag}>hm, a dog?") == ""
    assert cleaned(f"hm, a dog?</{tag}>A cat.") == "A cat."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("[THINK]hm[/THINK]A cat.", "A cat."),
        ("◁think▷hm◁/think▷A cat.", "A cat."),
        (
            "<|begin_of_thought|>hm<|end_of_thought|>\n<|begin_of_solution|>A cat."
            "<|end_of_solution|>",
            "A cat.",
        ),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final"
            "<|message|>A cat.<|return|>",
            "A cat.",
        ),
        ("<|channel|>analysis<|message|>hm, a dog", ""),
        (
            "<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>A cat.<|END_RESPONSE|>",
            "A cat.",
        ),
        ("<|START_THINKING|>hm", ""),
        ("<|inner_prefix|>hm<|inner_suffix|>A cat.", "A cat."),
        ("<|channel>thought\nhm\n<channel|>A cat.", "A cat."),
        ("<|channel>thought\nhm", ""),
        ("Here is my thought process: hm.\n\nHere is my response: A cat.", "A cat."),
        ("Here is my thought process: hm.", ""),
        ("analysisThe user wants a cat.assistantfinalA cat.", "A cat."),
        ("<think>hm</think><answer>A cat.</answer>", "A cat."),
        ("An analysis of light: a cat.", "An analysis of light: a cat."),
        ("A thinking man, <3", "A thinking man, <3"),
        ("analysis of a final assistant", "analysis of a final assistant"),
    ],
)
def test_other_ways_to_mark_them(answer: str, text: str) -> None:
    assert cleaned(answer) == text


def test_thoughts_are_not_shown_while_they_are_written() -> None:
    pieces = ["<thi", "<think>a", "<think>a</th", "<think>a</think>", "<think>a</think> A c\ufffd"]
    assert [visible(piece) for piece in pieces] == ["", "", "", "", "A c"]
    assert visible("<reas") == visible("[TH") == visible("<|chan") == visible("<|START_T") == ""
    assert visible("A cat [on a") == "A cat [on a"
