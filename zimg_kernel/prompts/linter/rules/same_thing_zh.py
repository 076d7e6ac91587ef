"""Chinese things named twice, in two colours: 墨绿色的打字机, 打字机的橘红外壳."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .colours import alike
from .loose_colours_zh import APART, FRESH, NAMES, SEVERAL, SKINS
from .statement import Statement

_WORDS = load_words(__file__)
_WORDS["colour"] = tuple(sorted(NAMES, key=len, reverse=True))
_WORDS["skins"] = SKINS
_BEFORE = _WORDS.pattern(
    "(?P<colour><colour>)色?的?(?P<gap>[^，。；、：！？和与是在向着把将对从的]{0,4})$"
)
_AFTER = _WORDS.pattern(r"""
    (?:的|通体|全身|整体|浑身|从头到[脚尾]|表面|外面|颜色|看上去|却|则|都|已经|身上)*
    (?:(?:是|为|呈|呈现|泛着|闪着|透着|漆成|涂成|刷成|染成|漆着)(?:一种|一片)?)?
    (?P<colour><colour>)(?:色?(?=的?(?:[，。；！\n]|$)|很|格外|十分|分外)|色?的?(?:<skins>|<surfaces>))
""")


def recoloured(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two colours of a thing that the prompt names twice, as weak statements, once."""
    if clauses.split or SEVERAL.search(clauses.plain):
        return
    nouns = Counter(w.text for w in clauses.text.words if w.tag[:1] == "n" or len(w.text) > 2)
    for noun, times in nouns.items():
        if len(noun) < 2 and noun not in _WORDS["short"]:
            continue
        if times > 3 or noun in _WORDS["no_things"] or clauses.plain.count(noun) < 2:
            continue
        found = list(_coloured(clauses, noun))
        if len({name for name, _ in found}) != 2:
            continue
        (one, a), (other, b) = found[0], found[-1]
        if alike(one, other) or a.overlaps(b) or _together(clauses, a, b):
            continue
        if FRESH.search(clauses.before(b)) or clauses.parted(a, b):
            continue
        if not any(APART.search(clauses.clause(s)) for s in (a, b)) and not clauses.inner(
            b, of_thing=True
        ):
            yield a, b
            return


def _together(clauses: ChineseClauses, a: Statement, b: Statement) -> bool:
    """Return whether two mentions are in one sentence, as those of two things often are."""
    return clauses.sentence_begin(a.start) == clauses.sentence_begin(b.start)


def _coloured(clauses: ChineseClauses, noun: str) -> Iterator[tuple[str, Statement]]:
    plain = clauses.plain
    for hit in re.finditer(re.escape(noun), plain):
        begin = clauses.begin(hit.start())
        before = _BEFORE.search(plain[begin : hit.start()])
        after = None if before else _AFTER.match(plain, hit.end())
        if before:
            yield _name(before["colour"]), Statement(begin + before.start(), hit.end(), weak=True)
        elif after:
            yield _name(after["colour"]), Statement(hit.start(), after.end(), weak=True)


def _name(colour: str) -> str:
    return NAMES[colour].removeprefix("pure ")
