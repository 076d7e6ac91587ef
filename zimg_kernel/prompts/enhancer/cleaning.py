"""What a language model puts around its answer is taken off; going in circles is noticed."""

from __future__ import annotations

import re

from zimg_kernel.prompts.linter.text import HAN

_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_FENCE = re.compile(r"^```\w*\n(.*?)(?:\n```)?$", re.DOTALL)
_HEADING = re.compile(
    r"^(?:#+ *)?(?:\*\*)?(?:(?:here(?: is|'s)|this is|sure|certainly|of course)\b[^:：\n]{0,80}|"
    r"(?:(?:enhanced|rewritten|revised|improved|final|new) )?(?:prompt|description)|"
    r"好的[^:：\n]{0,40}|以下是[^:：\n]{0,40}|"
    r"(?:改写后?的?|优化后?的?|增强后?的?|画面|最终)?(?:提示词|描述))(?:\*\*)? *[:：](?:\*\*)?\s*",
    re.IGNORECASE,
)
_PAIRS = {'"': '"', "“": "”", "「": "」", "『": "』"}
_CIRCLE = re.compile(r"(.{2,60}?)\1{4,}", re.DOTALL)
_SENTENCE = re.compile(r"[^。．.!?！？\n]{6,}")
_ENDS = "。．.!?！？"
_WORST = 3  # times that one sentence may stand there


def cleaned(answer: str) -> str:
    """Return an answer without thoughts, headings, fences and quotes around it, on one line."""
    text = _THOUGHT.sub("", answer).strip()
    if found := _FENCE.match(text):
        text = found[1].strip()
    text = _HEADING.sub("", text).strip()
    text = text.replace("**", "")
    if len(text) > 1 and _PAIRS.get(text[0]) == text[-1] and not _within(text):
        text = text[1:-1].strip()
    # Chinese needs no space where a line ends.
    text = re.sub(rf"(?<=[{HAN}，。；：、！？])\s*\n+\s*", "", text)
    return " ".join(text.split())


def _within(text: str) -> bool:
    """Whether the outer marks of a text belong to two quotations within it."""
    inner = text[1:-1]
    return text[0] in inner or text[-1] in inner


def visible(answer: str) -> str:
    """Return what of an answer still being written can be shown: no thoughts, no broken letter."""
    text = _THOUGHT.sub("", answer)
    start = text.rfind("<")
    if start >= 0 and "<think>".startswith(text[start:]):
        text = text[:start]
    return text.rstrip("\ufffd").lstrip()


def circles(text: str) -> bool:
    """Whether a text says the same again and again."""
    if _CIRCLE.search(text):
        return True
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(text)]
    return any(sentences.count(sentence) >= _WORST for sentence in set(sentences))


def without_broken_end(text: str) -> str:
    """Return a text up to its last whole sentence; empty if there is none."""
    last = max((place for end in _ENDS if (place := text.rfind(end)) >= 0), default=-1)
    return text[: last + 1]
