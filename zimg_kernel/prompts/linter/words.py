"""Word lists of the rules: YAML files that are extended without touching code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

# Every scalar stays text with this loader: "no", "on" and "off" are words here. libyaml's is
# ten times as fast as Python's own.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_COMMA = re.compile(r"\s*[,，]\s*(?![^\[\]{}]*[\]}])")  # none within [,] or {1,2}


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds, all scalars as text."""
    text = path.read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 (makes texts only)


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression for any of some words, the first that fits.

    Blanks in them count in a pattern with ``re.VERBOSE``, too.
    """
    return f"(?:{'|'.join(words)})".replace(" ", r"\ ")


class WordLists(dict[str, tuple[str, ...]]):
    """Word lists by name, and patterns made of them."""

    def pattern(self, text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
        """Compile a verbose pattern in which ``<name>`` is any word of the list of that name.

        A blank is written ``[ ]`` in it.
        """
        filled = re.sub(r"(?<!\?P)<(\w+)>", lambda found: any_of(self[found[1]]), text)
        return re.compile(filled, re.VERBOSE | flags)


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
    return WordLists({name: tuple(_COMMA.split(lists[name])) for name in lists})
