"""Correction of misspelt English words."""

from __future__ import annotations

from collections.abc import Iterable

from .nearest import NOT_MISSPELT


def correct_typo(word: str, known: Iterable[str]) -> str:
    """Return the known word that a word misspells, or "" if there is none or more than one.

    One slip is forgiven: two neighbouring letters swapped, or, in words of at least five
    letters and six with the slip, a letter too few or too many. Another letter instead of the
    right one is not: too many words differ by that (goat, boat).

    Parameters
    ----------
    word : str
        In lower case.
    known : iterable of str
        Words in lower case.
    """
    if len(word) < 4 or word in NOT_MISSPELT or not (word.isascii() and word.isalpha()):
        return ""
    found = {other for other in known if _one_slip(word, other)}
    return found.pop() if len(found) == 1 else ""


def _one_slip(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if len(short) == len(long):
        swapped = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1))
        return word != other and other in swapped
    if len(long) - len(short) != 1 or len(short) < 5:
        return False
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
