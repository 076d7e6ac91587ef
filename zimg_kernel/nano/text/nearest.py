"""Nearest known words of common unknown ones, and nouns that the miniature can draw."""

from __future__ import annotations

from zimg_kernel.nano.tables import Phrases, read_tables

from . import words as w
from .english import IRREGULAR
from .landscape_captions import EN_ELEMENTS, ZH_ELEMENTS

_TABLES = read_tables(__file__, "nearest.yaml")
SAME: dict[str, str] = {word: known for word, (known,) in _TABLES["same"].items()}
"""Synonyms of known words, or what is often written instead of them."""
NEAREST = {word: near for near, group in _TABLES["nearest"].items() for word in group} | SAME
"""The nearest known word, in the same language."""
SIGNS: Phrases = _TABLES["signs"]
"""Words for a board with lettering."""
NOT_MISSPELT: Phrases = _TABLES["not_misspelt"]
"""Words in their own right that only look like a misspelt known one."""


def _subjects() -> frozenset[str]:
    found: set[str] = set(SIGNS) | {"signboard"}
    for table in (w.ZH_SHAPES, ZH_ELEMENTS):
        found.update(word for group in table.values() for word in group)
    for table in (w.EN_SHAPES, EN_ELEMENTS):
        # The noun is the last word: "a calm lake".
        found.update(phrase.split()[-1] for group in table.values() for phrase in group)
    found.update(w.ZH_ANY_SHAPE)
    found.update(w.EN_ANY_SHAPE)
    found.update(IRREGULAR.values())
    for name in w.SCENIC:
        found.update(w.ZH_BACKGROUNDS[name])
        found.update(phrase.split()[-1] for phrase in w.EN_BACKGROUNDS[name])
    return frozenset(found - {"weather"})


SUBJECTS = _subjects()
"""Nouns that name something which the miniature can draw."""
