"""The kernel's sentences in the language of a panel."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from .commands import runnable
from .labels import CAPTION, in_language

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLACE = re.compile(r"\{(\w+)\}")
_SENTENCE_END = re.compile(r"(?<=[.?!]) (?=[A-Z])")


def translated(sentence: object, language: str) -> str:
    """Return a sentence of the kernel in a language; as it is where no translation is known.

    Its commands are told so that they can be run here.

    Parameters
    ----------
    sentence : str or Exception
        A message, warning or note; those of old records are understood as well.
    language : {"en", "zh"}
    """
    text = str(sentence)
    return runnable(_chinese(text) if language == "zh" and text else text)


def joined(sentences: Iterable[object], language: str) -> str:
    """Return sentences after each other, in a language."""
    between = "" if language == "zh" else " "
    return between.join(translated(sentence, language) for sentence in sentences)


def translated_caption(caption: str, language: str) -> str:
    """Return a picture's caption, such as ``8 steps · seed 4``, in a language."""
    if language != "zh":
        return caption
    words = in_language(CAPTION, language)
    return " · ".join(_caption_part(part, words) for part in caption.split(" · "))


def _caption_part(part: str, words: dict[str, str]) -> str:
    found = re.fullmatch(r"(\d+) (steps?)|(guidance|seed) (\S+)", part)
    if not found:
        return part
    return words[found[2] or found[3]].format(found[1] or found[4])


@lru_cache(maxsize=1)
def table() -> dict[str, str]:
    """Return the Chinese of each English sentence; values stand in braces."""
    import yaml

    found = files(__package__).joinpath("kernel_sentences_zh.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(found))


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return what matches each sentence, those with the most words of their own first."""
    ordered = sorted(table().items(), key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return [(_pattern(english), chinese) for english, chinese in ordered]


def _pattern(english: str) -> re.Pattern[str]:
    parts = _PLACE.split(english)  # words and names by turns
    made = [f"(?P<{p}>.*?)" if at % 2 else re.escape(p) for at, p in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)


def _chinese(text: str) -> str:
    # A value matches across the end of a sentence, so several are told apart before the whole.
    parts = _SENTENCE_END.split(text)
    if len(parts) == 1:
        return _one(text) or text
    told = [_one(part) for part in parts]
    if all(told):
        return "".join(map(str, told))
    return _one(text) or " ".join(new or old for new, old in zip(told, parts, strict=True))


def _one(text: str) -> str:
    """Return the Chinese of one entry's text, values included; empty where there is none."""
    matches = ((pattern.fullmatch(text), chinese) for pattern, chinese in _patterns())
    match, chinese = next(((m, words) for m, words in matches if m), (None, ""))
    if match is None:
        return ""
    values = {name: _chinese(value) for name, value in match.groupdict().items()}
    return _PLACE.sub(lambda place: values[place[1]], chinese)
