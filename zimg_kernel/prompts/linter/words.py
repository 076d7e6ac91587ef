"""Word lists of the rules: YAML files that are extended without touching code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .pattern import Pattern

# Every scalar stays text with this loader: "no", "on" and "off" are words here. libyaml's is
# ten times as fast as Python's own.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_COMMA = re.compile("[,，]")
_BRACKET = re.compile(r"[\[{()}\]]")
_NAME = re.compile(r"(?<!\?P)<(\w+)>")


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds, all scalars as text."""
    text = path.read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 (makes texts only)


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression for any of some words, the first that fits.

    Blanks in them count in a pattern with ``re.VERBOSE``, too.
    """
    return f"(?:{'|'.join(words)})".replace(" ", r"\ ")


class WordLists(MutableMapping[str, tuple[str, ...]]):
    """Word lists by name, each read when it is asked for, and patterns made of them.

    Parameters
    ----------
    *files : Path
        YAML files with lists, which are read at first use.
    **lists : tuple of str
        Lists by name.
    """

    def __init__(self, *files: Path, **lists: tuple[str, ...]) -> None:
        self._files = [*files]
        self._lists: dict[str, str | tuple[str, ...]] = {**lists}

    @property
    def _read(self) -> dict[str, str | tuple[str, ...]]:
        while self._files:
            self._lists.update(_file(self._files.pop(0)))
        return self._lists

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """Return the words of a list."""
        words = self._read[name]
        if isinstance(words, str):
            words = self._lists[name] = tuple(_split(words))
        return words

    def __setitem__(self, name: str, words: tuple[str, ...]) -> None:
        """Set the words of a list."""
        self._read[name] = words

    def __delitem__(self, name: str) -> None:
        """Leave out a list."""
        del self._read[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._read)

    def __len__(self) -> int:
        """Return the number of lists."""
        return len(self._read)

    def update(self, lists: Mapping[str, tuple[str, ...]]) -> None:  # type: ignore[override]
        """Add word lists; they take the place of those of the same names."""
        if isinstance(lists, WordLists) and not lists._lists:
            self._files += lists._files
        else:
            self._read.update(lists)

    def pattern(self, text: str, flags: re.RegexFlag = re.NOFLAG) -> Pattern:
        """Return a verbose pattern in which ``<name>`` is any word of the list of that name.

        A blank is written ``[ ]`` in it.
        """
        return Pattern(
            lambda: _NAME.sub(lambda found: any_of(self[found[1]]), text),
            re.VERBOSE | flags,
            lambda: self._shorter(text),
        )

    def _shorter(self, text: str) -> str:
        """Return a pattern in which the words of a list stand once, however often it is named."""
        names = dict.fromkeys(_NAME.findall(text))
        lists = "".join(f"(?P<{name}_>{any_of(self[name])})" for name in names)
        called = _NAME.sub(lambda found: f"(?&{found[1]}_)", text)
        return f"(?:{called}\n)(?(DEFINE){lists})"


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
    return WordLists(_path(module, name))


def _path(module: str, name: str) -> Path:
    path = Path(module)
    return path.parent / "words" / f"{name or path.stem}.yaml"


@cache
def _file(path: Path) -> dict[str, str]:
    return read_yaml(path)


def _split(words: str) -> list[str]:
    """Return the words between commas, but for those within [,], {1,2} and (?:,)."""
    parts, depth, at = [""], 0, 0
    for found in (*_BRACKET.finditer(words), None):
        piece = words[at : found.end() if found else None]
        first, *more = [piece] if depth else _COMMA.split(piece)
        parts[-1] += first
        parts += more
        if found:
            at = found.end()
            depth += 1 if found[0] in "[{(" else -1
    return [part.strip() for part in parts]
