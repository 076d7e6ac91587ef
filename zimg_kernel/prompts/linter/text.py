"""A prompt as the rules read it: without its quoted text, in phrases, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
HIDDEN = "\ue000"
"""Stands for each character of quoted text, so that positions stay as they are."""

# A mark after a digit is inches, and one inside a word an apostrophe.
_QUOTED = re.compile(
    r"(?<!\d)\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》|«[^»]*»"
    r"|(?<!\w)'[^'\n]*'(?!\w)|(?<!\w)‘[^’\n]*’(?!\w)"
)
_PHRASE = re.compile(r"(?:[^,，。;；\n!?！？、:：.]|\.(?!\s|$)|:(?=\d))+")
_CHINESE = re.compile(f"[{HAN}]")
_RUN = re.compile(f"[{HAN}]+")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for long lists."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Word:
    """A word of a Chinese text with the segmenter's part of speech, and where it stands."""

    text: str
    tag: str
    start: int
    end: int


class Text:
    """One prompt, taken apart once for all rules.

    Attributes
    ----------
    prompt : str
        As it was written.
    quotes : list of (int, int)
        Where quoted text stands, marks included.
    plain : str
        The prompt with each character of quoted text replaced by :data:`HIDDEN`.
    lower : str
        ``plain`` in small letters, character for character.
    """

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.quotes = [found.span() for found in _QUOTED.finditer(prompt)]
        self.plain = _QUOTED.sub(lambda found: HIDDEN * len(found[0]), prompt)
        # str.lower() of a few letters (İ) is longer, which would move all after them.
        self.lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in self.plain)

    @cached_property
    def phrases(self) -> list[tuple[int, int]]:
        """Where the parts between commas, full stops and line ends stand."""
        return [found.span() for found in _PHRASE.finditer(self.plain)]

    @cached_property
    def chinese(self) -> bool:
        """Whether anything outside quotes is written in Chinese characters."""
        return bool(_CHINESE.search(self.plain))

    @cached_property
    def words(self) -> list[Word]:
        """The Chinese words, by the segmenter."""
        import rjieba

        words = []
        for run in _RUN.finditer(self.plain):
            at = run.start()
            for word, tag in rjieba.tag(run[0]):
                words.append(Word(word, tag, at, at + len(word)))
                at += len(word)
        return words

    def cuts_word(self, position: int) -> bool:
        """Whether a position lies inside a Chinese word, as the one after 别 in 别墅 does."""
        return position in self._inside

    @cached_property
    def _inside(self) -> frozenset[int]:
        return frozenset(i for word in self.words for i in range(word.start + 1, word.end))

    def phrase_of(self, position: int) -> tuple[int, int]:
        """Where the phrase around a character stands."""
        for start, end in self.phrases:
            if start <= position < end:
                return start, end
        return position, position
