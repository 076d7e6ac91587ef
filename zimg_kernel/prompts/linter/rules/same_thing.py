"""Two colours of one English thing that is named twice by the same word, whatever thing it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from zimg_kernel.prompts.text import Text

from .colour_tables import like
from .levels import is_long
from .noun_colours import ColouredNouns
from .noun_words import SETS, WORDS, Fact
from .owners import alone
from .scene import compared, in_parts
from .statement import MOST, Statement

_OWN = frozenset(("his", "her", "its", "their"))
_MOST_COLOURS = 2
_LABEL = re.compile(r"\b(?:colou?r|hue|shade|tone)(?: of [^.;:]*)?:")
_BESIDE = re.compile(r"\b(?:second|another|other|left|right|next)\b[^.;]*$")
_PERSONS = re.compile(
    r"\b(?:both|several|sisters|brothers|siblings|twins|women|men|girls"
    r"|boys|friends|people|persons|children|couple|eldest|oldest|other)\b"
)


@cache
def _apart_words() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(WORDS['apart'])})(?![\w-])")


def recoloured_things(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a colour of a thing and another one that it is given where it is named again, once."""
    if in_parts(text):
        return
    nouns = ColouredNouns(text.lower)
    facts = list(nouns.facts())
    for a, b in combinations(facts[:MOST], 2):
        if a.noun != b.noun or not _opposed(a, b) or nouns.fresh[a.noun] > 1:
            continue
        repainted = a.start == b.start and b.total and "painted" in text.lower[a.start : b.end]
        if not repainted and (a.end > b.start or not _told_again(text.lower, a, b)):
            continue
        if any(f.noun == b.noun and f.end <= b.start and _alike(f, b) for f in facts):
            continue
        if any(_apart(text, f) for f in (a, b)) or _of_another(text, a, b):
            continue
        weak = is_long(text) or not (a.total or b.total) or a.plural
        start = a.start
        if repainted:
            yield Statement(start, a.end, weak=True), Statement(a.end + 1, b.end, weak=True)
        else:
            yield Statement(start, a.end, weak=weak), Statement(b.start, b.end, weak=weak)
        return


def _opposed(a: Fact, b: Fact) -> bool:
    few = max(len(a.colours), len(b.colours)) <= _MOST_COLOURS
    return few and not _alike(a, b)


def _alike(a: Fact, b: Fact) -> bool:
    return any(like(one, other) for one in a.colours for other in b.colours)


def _told_again(lower: str, a: Fact, b: Fact) -> bool:
    """Return whether the second of two mentions is of the thing of the first one."""
    if a.selector != b.selector and (b.selector or a.selector in ("left", "right", "other")):
        return False
    if a.owner and b.owner and a.owner != b.owner:
        return False
    if {a.det, b.det} <= _OWN and a.det != b.det:
        return False
    if b.det in SETS["articles"]:
        return _LABEL.search(lower, a.start, a.end) is not None
    if a.det == b.det == "the" and not (a.told or b.told):
        return False  # the white jersey, the green jersey
    if a.plural != b.plural and not {a.det, b.det} & {"every", "each", "all"}:
        return False
    return b.det in SETS["definite"] or bool(b.owner) or b.total or b.noun == "hair"


def _of_another(text: Text, a: Fact, b: Fact) -> bool:
    """Return whether the second thing may be that of another person: a second model in the coat."""
    if b.noun == "hair" and (not alone(text) or _PERSONS.search(text.lower)):
        return True
    return _BESIDE.search(text.lower, max(a.end, b.start - 50), max(a.end, b.start)) is not None


def _apart(text: Text, fact: Fact) -> bool:
    near = text.lower[max(0, fact.start - 20) : fact.end + 20]
    found = _apart_words().search(near) is not None
    return found or compared(text, Statement(fact.start, fact.end))
