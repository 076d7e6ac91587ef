"""Chinese numbers up to ninety-nine."""

from __future__ import annotations

NUMBER = "(?:[二三四五六七八九]?十[一二三四五六七八九]?|[一两二三四五六七八九]|[0-9]{1,2})"
"""Regular expression of a number."""

DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


def number_of(word: str) -> int:
    """Return the number that a word such as 十二, 两 or 7 names."""
    if word.isdigit():
        return int(word)
    if "十" in word:
        tens, _, ones = word.partition("十")
        return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
    return DIGITS[word]
