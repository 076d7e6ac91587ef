"""Means that belong to one medium, such as a lens or a palette knife, in a picture of another."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import compared, in_parts, inner
from .statement import Statement
from .styles import of_thing, whole_picture

_WORDS = load_words(__file__)
_NAMES = tuple(name for name in _WORDS if name not in ("exclusive", "named", "art_in_picture"))
_EXCLUSIVE = [tuple(pair.split("/")) for pair in _WORDS["exclusive"]]
_MEANS = {name: _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in _NAMES}
_NAMED = {
    name: tuple(pair.split("/")[1] for pair in _WORDS["named"] if pair.split("/")[0] == name)
    for name in _NAMES
}
_ART = _WORDS.pattern(r"(?<![\w-])<art_in_picture>(?![\w-])")


def opposed_means(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two statements of which each makes of the whole picture another medium, once."""
    means = {name: list(_means(text, name)) for name in _NAMES}
    if not any(means.values()) or _ART.search(text.lower) or in_parts(text):
        return
    for one, other in _EXCLUSIVE:
        if not (means[one] or means[other]):
            continue
        first, second = (_claims(text, name, means[name]) for name in (one, other))
        for a in first:
            for b in second:
                if a.end <= b.start or b.end <= a.start:
                    yield (a, b) if a.start < b.start else (b, a)
                    return


def _claims(text: Text, name: str, means: list[Statement]) -> list[Statement]:
    return [*means, *(s for style in _NAMED[name] for s in whole_picture(text, style))]


def _means(text: Text, name: str) -> Iterator[Statement]:
    for found in _MEANS[name].finditer(text.lower):
        statement = Statement(*found.span())
        if not (
            compared(text, statement) or of_thing(text, *found.span()) or inner(text, statement)
        ):
            yield statement
