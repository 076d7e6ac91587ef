"""Colours that a Chinese prompt states of one thing, by its name or by 它 and 其."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import any_of, load_words

from .colours import ZH_NAMES, alike
from .scene_zh import ChineseScene
from .statement import MOST, Statement
from .things_zh import ChineseThings, ThingStatement, head_of

_WORDS = load_words(__file__)
_COLOURS = [name for name in _WORDS if name not in ("covers", "mixed", "no_things", "of_body")]
_NAMES = {word: name for name in _COLOURS for word in _WORDS[name]}
_COLOUR = Pattern(any_of(sorted(_NAMES, key=len, reverse=True)))
_TAILED = Pattern("([红橙橘黄绿蓝紫粉棕黑白灰])(?!色)(.{1,2})")
# 金发女郎, 碧眼猫
_OF_BODY_WORD = Pattern(
    "(?P<c>[金银黑白红棕褐灰蓝粉紫])(?P<h>发)(?![卡簪饰夹箍带圈套光亮红白黑黄绿芽现生出烫绳])"
    "|(?P<d>[蓝碧绿棕褐灰红紫金])(?P<g>眼)(?![镜圈袋线影])"
)
_OF_HAIR = {"银": "white", "碧": "green"}
_COVERS, _NO_THINGS = frozenset(_WORDS["covers"]), frozenset(_WORDS["no_things"])
_OF_BODY = frozenset(_WORDS["of_body"])
_MIXED = _WORDS.pattern("<mixed>")
_STATED = _WORDS.pattern(
    "(?:它|他|她|其|那)?们?的?(?:<covers>)?(?:已经?|一片|一律|却|全|都|竟|完全|本是?|呈现?出?|变?成|是|为)*"
)
_OPEN = Pattern("(?:的|色的|色)?(?:$|[，,。；、！]|如|似|发亮|油亮|，)|得|亮|欲滴|如")
_OF_NOUN = Pattern("色?[^，,。；、的是在]{0,3}的(?=[^，,。；、])")
_IS = Pattern("(?:是|为)[^，,。；]{0,6}$")
_IS_PLAIN = Pattern("[是为]([红黄绿蓝紫粉黑白灰棕])的(?=[，,。；]|$)")
_COVER = _WORDS.pattern("<covers>")
_OWN = Pattern("(?:它|他|她|其|这|那)(?:们)?[^，,。]{0,6}$")


def opposed_colours(
    things: ChineseThings, scene: ChineseScene
) -> Iterator[tuple[Statement, Statement]]:
    """Yield two statements that give one thing two colours, once."""
    found = [*_statements(things)]
    for a, b in combinations(sorted(found, key=lambda s: s.start)[:MOST], 2):
        if alike(a.value, b.value) or _pale(a.value, b.value):
            continue
        if a.heads & b.heads & _OF_BODY:
            clauses = things.clauses
            same = scene.same_person(a, b) and not clauses.parted(a, b) and not scene.several
            same = same and not clauses.inner(a) and not clauses.inner(b)
        else:
            same = things.same(a, b)
        if same:
            yield a, b
            return


def _pale(a: str, b: str) -> bool:
    """Return whether one is beige, which is close to every pale colour."""
    return "beige" in (a, b) and not {a, b} & {"black", "blue", "green", "purple", "red", "cyan"}


def _statements(things: ChineseThings) -> Iterator[ThingStatement]:
    plain, clauses = things.plain, things.clauses
    for found in _COLOUR.finditer(plain):
        start, end = found.span()
        begin, close = clauses.begin(start), clauses.end(end)
        around = plain[max(begin, start - 6) : start] + "," + plain[end : min(close, end + 6)]
        if _MIXED.search(around) or clauses.inner(Statement(start, end), of_thing=True):
            continue
        told = _predicate if _OPEN.match(plain, end) else _attribute
        heads, stated = told(things, start, end)
        if heads := frozenset(heads - _NO_THINGS):
            yield ThingStatement(start, end, _NAMES[found[0]], heads, stated)
    for found in _IS_PLAIN.finditer(plain):  # 门是红的
        nouns = things.nouns(clauses.begin(found.start()), found.start())
        if heads := frozenset(nouns[-1:]) - _NO_THINGS:
            yield ThingStatement(*found.span(), ZH_NAMES[found[1]], heads)
    for found in _OF_BODY_WORD.finditer(plain):
        colour, part = found["c"] or found["d"], found["h"] or found["g"]
        value = _OF_HAIR.get(colour) or ZH_NAMES[colour]
        yield ThingStatement(*found.span(), value, frozenset((head_of(part),)), stated=False)
    for word in clauses.text.words:
        if (tailed := _TAILED.fullmatch(word.text)) and word.tag[:1] == "n":
            heads = frozenset((head_of(tailed[2]),)) - _NO_THINGS
            value = ZH_NAMES[tailed[1]]
            yield ThingStatement(word.start, word.end, value, heads, stated=False)


def _predicate(things: ChineseThings, start: int, end: int) -> tuple[frozenset[str], bool]:
    """Return of what a colour at the end of a clause is said: 车身是蓝色的, 它一身乌黑."""
    begin = things.clauses.begin(start)
    nouns = things.nouns(begin, start)
    heads = frozenset(nouns[-1:])
    if nouns[1:] and nouns[-1] in _COVERS:
        heads |= frozenset(nouns[:1])
    elif _STATED.fullmatch(things.plain[begin:start].strip()):
        heads |= things.inherited(start)
    return heads, True


def _attribute(things: ChineseThings, start: int, end: int) -> tuple[frozenset[str], bool]:
    """Return of what a colour before a noun is said: 墨绿色的大衣, 它漆黑的皮毛."""
    plain, begin, close = things.plain, things.clauses.begin(start), things.clauses.end(end)
    of_noun = _OF_NOUN.match(plain, end)  # 墨绿色的, 乌黑浓密的
    after = of_noun.end() if of_noun else end + (plain[end : end + 1] == "色")
    nouns = things.nouns(after, close, chain=True)
    if not of_noun and not any(w.start == after for w in things.noun_words):
        return frozenset(), False
    before = plain[begin:start]
    covers = _COVERS.intersection(nouns)
    cover = _COVER.match(plain, after) is not None
    if covers and _OWN.search(before):
        return things.inherited(start) | covers, True
    if _IS.search(before) and (stated := things.nouns(begin, start)):
        return frozenset(stated[-1:]), True
    return frozenset(nouns[-1:]), cover or bool(_OWN.search(before))
