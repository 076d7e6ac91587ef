"""Names of colours, shapes, places and backgrounds in either language."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from zimg_kernel.nano.text import words as w
from zimg_kernel.nano.world.palette import BACKGROUND_NAMES

_Table = Mapping[str, tuple[str, ...]]
_TABLES: dict[str, tuple[_Table, ...]] = {
    "colour": (w.EN_COLOURS, w.ZH_COLOURS),
    "shape": (w.EN_SHAPES, w.ZH_SHAPES),
    "place": (w.EN_PLACES, w.ZH_PLACES),
    "background": (dict.fromkeys(BACKGROUND_NAMES, ()), w.EN_BACKGROUNDS, w.ZH_BACKGROUNDS),
}


@lru_cache(maxsize=8)
def _names(kind: str) -> dict[str, str]:
    """Return every word for things of a kind, with the name that the judge uses."""
    return {
        word.casefold(): name
        for table in reversed(_TABLES[kind])
        for name, synonyms in table.items()
        for word in (*reversed(synonyms), name)
    }


def find(kind: str, word: str) -> str | None:
    """Return the judge's name of a colour, shape, place or background; None if unknown."""
    names, word = _names(kind), word.strip().casefold()
    singular = word.removesuffix("s")
    return names.get(word) or names.get(word.removesuffix("的")) or names.get(singular)


def canonical(kind: str, word: str) -> str:
    """Return the judge's name of a word; ValueError with the nearest known one."""
    found = find(kind, word)
    if found is None:
        close = get_close_matches(word.casefold(), _names(kind), n=1)
        known = ", ".join(sorted(set(_names(kind).values())))
        hint = f"did you mean {close[0]}?" if close else f"known are {known}."
        raise ValueError(f"the miniature knows no {kind} {word!r}: {hint}")
    return found


def noun(text: str) -> tuple[str | None, str | None]:
    """Return the colour and the shape of words such as "red circle", "红色的圆" or "star"."""
    if shape := find("shape", text):
        return None, shape
    if colour := find("colour", text):
        return colour, None
    for cut in range(len(text) - 1, 0, -1):
        colour, shape = find("colour", text[:cut]), find("shape", text[cut:])
        if colour and shape:
            return colour, shape
    raise ValueError(f'{text!r} is no thing that the judge knows: write a colour and a shape, '
                     'such as "red circle" or "红色的圆"')  # fmt: skip
