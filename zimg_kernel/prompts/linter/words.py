"""Word lists of the rules: YAML files that are extended without touching code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from .alternatives import by_beginning
from .pattern import Pattern

# Every scalar stays text with this loader: "no", "on" and "off" are words here. libyaml's is
# ten times as fast as Python's own.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_COMMA = re.compile(r"([,，])")
_NAME = re.compile(r"(?<!\?P)<(\w+)>")


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds, all scalars as text."""
    text = path.read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 (makes texts only)


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression for any of some words, the first that fits.

    Blanks in them count in a pattern with ``re.VERBOSE``, too.
    """
    return _escaped("|".join(words))


def _escaped(alternatives: str) -> str:
    return f"(?:{alternatives})".replace(" ", r"\ ")


class WordLists(dict[str, tuple[str, ...]]):
    """Word lists by name, and patterns made of them."""

    def pattern(self, text: str, flags: re.RegexFlag = re.NOFLAG) -> Pattern:
        """Return a verbose pattern in which ``<name>`` is any word of the list of that name.

        A blank is written ``[ ]`` in it.
        """
        filled = _NAME.sub(lambda found: any_of(self[found[1]]), text)
        return Pattern(filled, re.VERBOSE | flags, lambda: self._fast(text))

    def _fast(self, text: str) -> str:
        return _NAME.sub(lambda found: _escaped(by_beginning(self[found[1]])), text)


def load_words(module: str, name: str = "") -> WordLists:
    """Return the word lists of a module.

    Parameters
    ----------
    module : str
        Its ``__file__``; the lists of ``clause.py`` are in ``words/clause.yaml`` beside it. Words
        are parted by commas, and may be regular expressions such as ``looks?``.
    name : str, optional
        Name of another file in that folder.
    """
    path = Path(module)
    lists = read_yaml(path.parent / "words" / f"{name or path.stem}.yaml")
    return WordLists({name: tuple(_split(lists[name])) for name in lists})


def _split(words: str) -> list[str]:
    """Return the words between commas, but for those within [,], {1,2} and (?:,)."""
    parts: list[str] = []
    begun, depth = "", 0
    for piece in (*_COMMA.split(words), ","):
        if piece in (",", "，") and not depth:
            parts.append(begun.strip())
            begun = ""
        else:
            begun += piece
            depth += sum(map(piece.count, "[{(")) - sum(map(piece.count, "]})"))
    return parts
