"""Which known English word a misspelt one means."""

from __future__ import annotations

from collections.abc import Iterable

_WORDS = """
across acts aboard ailing alight around bellow blight blower boast boasts booming boxers breads
bride brings cast changing chills clam crate dreading dreads enter entered equality figured
flight fling form fright gentile grain ground hears hearth heats hedges hoses housed inert
knight laced lager lease locks looming lying marched mono overheard pamper panting parched
parity partly pauper photon pleas pleased plight pulses quite rani range ridge sing sings
slaying slight speaks spines stairs stalk starts staying strip supper swaying talks treads
trolling tsar violent wedges writer
"""
_OF_THEIR_OWN = frozenset(_WORDS.split())
"""Words in their own right that only look like a known one."""


def meant(word: str, known: Iterable[str]) -> str:
    """Return the known word that a word misspells, or "" if there is none or more than one.

    One slip is forgiven: two neighbouring letters changed about, or, in words of at least five
    letters and six with the slip, a letter too few or too many. Another letter instead of the
    right one is not: too many words differ by that (goat, boat).

    Parameters
    ----------
    word : str
        In lower case.
    known : iterable of str
        Words in lower case.
    """
    if len(word) < 4 or word in _OF_THEIR_OWN or not (word.isascii() and word.isalpha()):
        return ""
    found = {other for other in known if _one_slip(word, other)}
    return found.pop() if len(found) == 1 else ""


def _one_slip(word: str, other: str) -> bool:
    if len(word) == len(other):
        apart = [i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
        if len(apart) != 2 or apart[1] != apart[0] + 1:
            return False
        i, j = apart
        return word[i] == other[j] and word[j] == other[i]
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) != 1 or len(short) < 5:
        return False
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
