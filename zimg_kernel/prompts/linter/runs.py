"""Runs of blanks and of repeated characters, shortened before the rules look at them."""

from __future__ import annotations

import re
from bisect import bisect_right

_BLANKS = 4  # a line end and an indent: so many say no more than one
_REPEATED = 32  # times that a character, or two in turn, stand in a row in written language
_LONG = re.compile(rf"\s{{{_BLANKS},}}|(?P<unit>\S\S??)(?P=unit){{{_REPEATED},}}")


class Shortened:
    """Prompt without what is repeated over and over, and where its characters stood.

    Rules look for what may follow blanks from each blank on, which takes a thousand times as
    long for a thousand of them.

    Attributes
    ----------
    text : str
        At most as long as the prompt.
    """

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt
        self._starts, self._shifts = [0], [0]
        parts: list[str] = []
        length = at = 0
        for found in _LONG.finditer(prompt):
            unit = found["unit"]
            kept = unit * _REPEATED if unit else "\n" if "\n" in found[0] else " "
            parts += [prompt[at : found.start()], kept]
            length += found.start() - at + len(kept)
            at = found.end()
            self._starts.append(length)
            self._shifts.append(at - length)
        self.text = "".join([*parts, prompt[at:]])

    def position(self, at: int) -> int:
        """Return where in the prompt a character of the text stands."""
        if at >= len(self.text):
            return len(self._prompt)
        return at + self._shifts[bisect_right(self._starts, at) - 1]
