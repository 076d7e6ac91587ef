"""Thoughts of reasoning models in an answer: taken out, in every tag that such models use.

Sources: the model cards of Qwen3, DeepSeek-R1 and GLM (``<think>``), Seed-OSS
(``<seed:think>``), Magistral (``[THINK]``), Kimi-VL (``◁think▷``) and OpenThinker
(``<|begin_of_thought|>``), the chat templates of Command A Reasoning (``<|START_THINKING|>``),
Apertus (``<|inner_prefix|>``) and Gemma 4 (``<|channel>thought``), Granite 3.2's phrases, and
OpenAI's harmony format of gpt-oss (channels).
"""

from __future__ import annotations

import re

_WORDS = "think|thinking|thought|thoughts|reasoning|reason|reflection|analysis|scratchpad"
_OPEN = (
    rf"(?:<(?:seed:)?(?:{_WORDS})>|\[THINK\]|◁think▷|<\|begin_of_thought\|>"
    r"|<\|START_THINKING\|>|<\|inner_prefix\|>|<\|channel>thought|\AHere is my thought process:)"
)
_CLOSE = (
    rf"(?:</(?:seed:)?(?:{_WORDS})>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>"
    r"|<\|END_THINKING\|>|<\|inner_suffix\|>|<channel\|>|\bHere is my response:)"
)
_THOUGHT = re.compile(rf"{_OPEN}.*?(?:{_CLOSE}|$)", re.DOTALL | re.IGNORECASE)
_CLOSED_ALONE = re.compile(rf"^.*{_CLOSE}", re.DOTALL | re.IGNORECASE)
_SOLUTION = re.compile(
    r"<\|(?:begin|end)_of_solution\|>|</?(?:answer|final)>|<\|(?:START|END)_RESPONSE\|>"
    r"|<\|answer_(?:prefix|suffix)\|>",
    re.IGNORECASE,
)
_CHANNEL = "<|channel|>"
_FINAL = re.compile(r".*<\|channel\|>\s*final\b[^<]*<\|message\|>(.*)", re.DOTALL)
# The same without its special tokens, as some servers hand it on.
_BARE_CHANNELS = re.compile(r"^\s*analysis.*assistantfinal", re.DOTALL)
_END = re.compile(r"<\|(?:end|return|start|call|message)\|>.*", re.DOTALL)
_OPENINGS = (
    *(f"<{word}>" for word in _WORDS.split("|")),
    "<seed:think>", "[think]", "◁think▷", "<|begin_of_thought|>", "<|channel|>", "<|start|>",
    "<|start_thinking|>", "<|inner_prefix|>", "<|channel>thought", "<|start_response|>",
    "<|answer_prefix|>",
)  # fmt: skip


def without_thoughts(answer: str) -> str:
    """Return an answer without thoughts, also where their tag is not closed, or only closed."""
    if _CHANNEL in answer:
        found = _FINAL.match(answer)
        return _END.sub("", found[1]) if found else ""
    text = _BARE_CHANNELS.sub("", answer)
    text = _CLOSED_ALONE.sub("", _THOUGHT.sub("", text))
    return _SOLUTION.sub("", text)


def visible(answer: str) -> str:
    """Return what can be shown of an unfinished answer: no thoughts, no broken character."""
    text = without_thoughts(answer)
    start = max(text.rfind(sign) for sign in "<[◁")
    if start >= 0 and any(tag.startswith(text[start:].lower()) for tag in _OPENINGS):
        text = text[:start]
    return text.rstrip("\ufffd").lstrip()
