"""Simplified characters for traditional ones, one for one, as the rules know them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


class Simplified:
    """A text with simplified characters in place of traditional ones, at the same places.

    The characters are those of OpenCC (https://github.com/BYVoid/OpenCC): t2s says whether a text
    has traditional ones, tw2s also writes 着 for Taiwan's 著 where that is meant.

    Parameters
    ----------
    typed : str
        The text as it was typed.

    Attributes
    ----------
    text : str
        As long as the typed one.
    """

    def __init__(self, typed: str) -> None:
        self.typed = self.text = typed
        if _HAN.search(typed) and _convert("t2s", typed) != typed:
            found = _convert("tw2s", typed)
            if len(found) == len(typed):
                self.text = found

    def as_typed(self, part: str) -> str:
        """Return words taken from the simplified text as they were typed."""
        if self.text == self.typed or part in self.typed:
            return part
        at = self.text.find(part)
        if at >= 0:
            return self.typed[at : at + len(part)]
        return _LONGEST.sub(lambda found: self._words(found[0]), part)

    def _words(self, words: str) -> str:
        at = self.text.find(words)
        return words if at < 0 else self.typed[at : at + len(words)]


_LONGEST = re.compile(rf"(?:{_HAN.pattern})+")


def _convert(name: str, text: str) -> str:
    converted: str = _converter(name).convert(text)
    return converted


@lru_cache(maxsize=2)
def _converter(name: str) -> Any:
    from opencc import OpenCC

    return OpenCC(name)
