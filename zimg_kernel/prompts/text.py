"""Prompt text: language, quoted parts, phrases and Chinese words."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
HIDDEN = "\ue000"
"""Stands for each character of quoted text, so that positions stay as they are."""

# A mark after a digit is inches, and one inside a word an apostrophe.
_QUOTED = re.compile(
    r"(?<!\d)\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》|«[^»]*»"
    r"|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w))*'(?!\w)"
    r"|(?<!\w)‘(?:[^’\n]|(?<=\w)’(?=\w))*’(?!\w)"
)
_APOSTROPHE = re.compile(r"(?<=[a-z])’(?=[a-z])")
_PHRASE = re.compile(r"(?:[^,，。;；\n!?！？、:：.]|\.(?!\s|$)|:(?=\d))+")
_CHINESE = re.compile(f"[{HAN}]")
_LATIN = re.compile("[A-Za-z]")
_RUN = re.compile(f"[{HAN}]+")
# Commas and full stops of a Chinese text, typed without a Chinese keyboard.
_ASCII_MARK = re.compile(rf"(?<=[{HAN}{HIDDEN}])(?:[,;!?]|\.(?=\s|$|[{HAN}]))|[,;!?](?=\s?[{HAN}])")
_FULL_WIDTH = {",": "，", ";": "；", "!": "！", "?": "？", ".": "。"}


def has_han(text: str) -> bool:
    """Return whether a text has a Chinese character."""
    return _CHINESE.search(text) is not None


def language_of(prompt: str) -> str:
    """Return "zh" where anything outside quotes is Chinese, or all is quoted and Chinese."""
    text = Text(prompt)
    if text.chinese:
        return "zh"
    latin = any(letter.isalpha() and letter.isascii() for letter in text.plain)
    return "zh" if not latin and has_han(prompt) else "en"


@dataclass(frozen=True)
class Word:
    """Word of a Chinese text, with the segmenter's part of speech and its position."""

    text: str
    tag: str
    start: int
    end: int


class Text:
    """Prompt taken apart once for all rules.

    Attributes
    ----------
    prompt : str
        The text as written.
    quotes : list of (int, int)
        Ranges of quoted text, marks included.
    plain : str
        The prompt with each character of quoted text replaced by :data:`HIDDEN`, and with
        full-width punctuation beside Chinese characters.
    lower : str
        ``plain`` in small letters, character for character, with straight apostrophes.
    """

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.quotes = [found.span() for found in _QUOTED.finditer(prompt)]
        plain = _QUOTED.sub(lambda found: HIDDEN * len(found[0]), prompt)
        self.plain = (
            _ASCII_MARK.sub(lambda found: _FULL_WIDTH[found[0]], plain) if has_han(plain) else plain
        )
        # str.lower() of a few letters (İ) is longer, which would move all after them.
        lower = self.plain.lower()
        if len(lower) != len(self.plain):
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in self.plain)
        self.lower = _APOSTROPHE.sub("'", lower)

    @cached_property
    def phrases(self) -> list[tuple[int, int]]:
        """Ranges between commas, full stops and line ends."""
        return [found.span() for found in _PHRASE.finditer(self.plain)]

    @cached_property
    def chinese(self) -> bool:
        """True if anything outside quotes is written in Chinese characters."""
        return has_han(self.plain)

    @cached_property
    def latin(self) -> bool:
        """True if anything outside quotes is written in the letters of English."""
        return _LATIN.search(self.plain) is not None

    @cached_property
    def words(self) -> list[Word]:
        """Chinese words, by the segmenter."""
        if not self.chinese:
            return []  # its dictionary takes a tenth of a second to load
        import rjieba

        words = []
        for run in _RUN.finditer(self.plain):
            at = run.start()
            for word, tag in rjieba.tag(run[0]):
                words.append(Word(word, tag, at, at + len(word)))
                at += len(word)
        return words

    @cached_property
    def _word_starts(self) -> list[int]:
        return [word.start for word in self.words]

    def words_from(self, start: int, end: int) -> list[Word]:
        """Return the Chinese words that begin from a character on, and before another."""
        first = bisect_left(self._word_starts, start)
        return self.words[first : bisect_left(self._word_starts, end, first)]

    @cached_property
    def miniature_lettering(self) -> list[str]:
        """Lettering that the miniature reads in the prompt, where quotes are not needed."""
        from zimg_kernel.nano.text.vocabulary import lettering

        return lettering(self.prompt)

    def cuts_word(self, position: int) -> bool:
        """Return whether a position lies inside a Chinese word, as that after 别 in 别墅 does."""
        return position in self._inside

    @cached_property
    def _inside(self) -> frozenset[int]:
        return frozenset(i for word in self.words for i in range(word.start + 1, word.end))

    def phrase_of(self, position: int) -> tuple[int, int]:
        """Return the range of the phrase around a character."""
        at = bisect_right(self.phrases, (position, sys.maxsize)) - 1
        if at >= 0 and position < self.phrases[at][1]:
            return self.phrases[at]
        return position, position
