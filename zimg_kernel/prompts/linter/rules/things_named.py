"""Kinds of things by their names, those that stand for others included."""

from __future__ import annotations

from functools import cache, lru_cache

from zimg_kernel.prompts.linter.words import load_words

from .lexicon import Hit, Lexicon

_GROUPS = ("animals", "vehicles", "garments")
_ANY = {"animal_of": "animals", "vehicle_of": "vehicles", "garment_of": "garments"}


@cache
def things(language: str) -> Lexicon:
    """Return the table of names for things."""
    lists = load_words(__file__, f"evidence_things_{language}")
    named = {name: words for name, words in lists.items() if name not in _GROUPS}
    return Lexicon(named, chinese=language == "zh")


@lru_cache(maxsize=2)
def things_in(language: str, plain: str) -> list[Hit]:
    """Return the things that a prompt in small letters names."""
    return things(language).find(plain)


@cache
def group(language: str, name: str) -> frozenset[str]:
    """Return the kinds of a group, such as animals."""
    return frozenset(load_words(__file__, f"evidence_things_{language}")[name])


def one_kind(language: str, a: str, b: str) -> bool:
    """Return whether two names may be of one thing: of one kind, or one stands for the other."""
    if a == b:
        return True
    return any(
        name in _ANY and other in group(language, _ANY[name]) for name, other in ((a, b), (b, a))
    )
