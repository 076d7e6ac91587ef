"""Media that a Chinese prompt names for the whole picture, such as 照片 and 油画."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import any_of, load_words

from .clauses_zh import ChineseClauses
from .statement import Statement

_WORDS = load_words(__file__)
_OTHER_LISTS = frozenset(("compatible", "ways", "whole", "inside", "mixed"))
_MEDIA = {
    name: _WORDS.pattern(f"(?:{any_of(sorted(words, key=len, reverse=True))})<ways>*")
    for name, words in _WORDS.items()
    if name not in _OTHER_LISTS and not name.endswith("_means")
}
_MEANS = {name: _WORDS.pattern(f"<{name}_means>") for name in _MEDIA if f"{name}_means" in _WORDS}
_COMPATIBLE = frozenset(frozenset(pair.split("/")) for pair in _WORDS["compatible"])
_EXCLUSIVE = [(a, b) for a, b in combinations(_MEDIA, 2) if frozenset((a, b)) not in _COMPATIBLE]
_WHOLE = _WORDS.pattern("(?:<whole>[^，,。；]{0,8}|^[^，,。；在]{0,18})$")
_WAYS = _WORDS.pattern("<ways>$")
_OBJECT = Pattern(
    "[书店展课家师笔架框墙馆社本集稿包机棚]|教室|速写本|画册|画集|画具|套装|颜料|颜彩|[盘管]|爱好|比赛|工具"
)
_DRAWING = Pattern("速写本|素描本|画本|颜料盒|画架|画板|画室|画家|调色[盘板]|画笔|写生|画画|作画")
_GALLERY = Pattern("美术馆|展厅|画廊|画框|博物馆|画展")
_INSIDE, _MIXED = _WORDS.pattern("<inside>"), _WORDS.pattern("<mixed>")


def opposed_media(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two media that the whole picture cannot both be in, once."""
    if _MIXED.search(clauses.plain) or _GALLERY.search(clauses.plain):
        return
    named = {name: [*_named(clauses, name)] for name in _MEDIA}
    if not any(named.values()):
        return
    drawing = _DRAWING.search(clauses.plain)  # somebody in the picture draws
    means = {
        name: [] if drawing else [*_of_means(clauses, pattern)] for name, pattern in _MEANS.items()
    }
    for one, other in _EXCLUSIVE:
        for a, b in (
            *product(named[one], named[other]),
            *product(named[one], means.get(other, ())),
            *product(means.get(one, ()), named[other]),
        ):
            first, second = (a, b) if a.start <= b.start else (b, a)
            if second.start - first.end > 1:
                yield first, second
                return


def _of_means(clauses: ChineseClauses, pattern: Pattern) -> Iterator[Statement]:
    """Yield what shows the medium of the whole picture, such as the marks of a palette knife."""
    for found in pattern.finditer(clauses.plain):
        statement = Statement(*found.span())
        inside = _INSIDE.search(clauses.clause(statement))
        if not inside and not clauses.inner(statement, of_thing=True, after=False):
            yield statement


def _named(clauses: ChineseClauses, name: str) -> Iterator[Statement]:
    for found in _MEDIA[name].finditer(clauses.plain):
        statement = Statement(*found.span())
        before = clauses.before(statement)
        if _INSIDE.search(clauses.clause(statement)) or clauses.inner(
            statement, of_thing=True, after=False
        ):
            continue
        if not _OBJECT.match(clauses.plain, statement.end) and (
            _WAYS.search(found[0]) or _WHOLE.search(before.strip())
        ):
            yield statement
