"""Colours that a Chinese prompt states of one thing, by its name or by 它 and 其."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from zimg_kernel.prompts.linter.words import any_of, load_words

from .colours import ZH_NAMES, alike
from .scene_zh import ChineseScene
from .statement import Statement
from .things_zh import ChineseThings, ThingStatement, head_of

_WORDS = load_words(__file__)
_COLOURS = [name for name in _WORDS if name not in ("covers", "mixed", "no_things", "of_body")]
_NAMES = {word: name for name in _COLOURS for word in _WORDS[name]}
_COLOUR = re.compile(any_of(sorted(_NAMES, key=len, reverse=True)))
_TAILED = re.compile("([红橙黄绿蓝紫粉棕黑白灰])(?!色)(.{1,2})")
# 金发女郎, 碧眼猫
_OF_BODY_WORD = re.compile(
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
_OPEN = re.compile("(?:的|色的|色)?(?:$|[，,。；、！]|如|似|发亮|油亮|，)|得|亮|欲滴|如")
_OF_NOUN = re.compile("色?[^，,。；、的是在]{0,3}的(?=[^，,。；、])")
_OWN = re.compile("(?:它|他|她|其|这|那)(?:们)?[^，,。]{0,6}$")


def opposed_colours(
    things: ChineseThings, scene: ChineseScene
) -> Iterator[tuple[Statement, Statement]]:
    """Yield two statements that give one thing two colours, once."""
    found = [*_statements(things)]
    for a, b in combinations(sorted(found, key=lambda s: s.start), 2):
        if alike(a.value, b.value):
            continue
        if a.heads & b.heads & _OF_BODY:
            same = scene.same_person(a, b) and not things.clauses.parted(a, b)
        else:
            same = things.same(a, b)
        if same:
            yield a, b
            return


def _statements(things: ChineseThings) -> Iterator[ThingStatement]:
    plain, clauses = things.plain, things.clauses
    for found in _COLOUR.finditer(plain):
        start, end = found.span()
        statement = Statement(start, end)
        begin, close = clauses.begin(start), clauses.end(end)
        around = plain[max(begin, start - 6) : start] + "," + plain[end : min(close, end + 6)]
        if _MIXED.search(around) or clauses.inner(statement, of_thing=True):
            continue
        before = clauses.before(statement)
        value = _NAMES[found[0]]
        of_noun = _OF_NOUN.match(plain, end)  # 墨绿色的, 乌黑浓密的
        if of_noun and not _OPEN.match(plain, end):
            nouns = things.nouns(of_noun.end(), close, chain=True)
            own = bool(_OWN.search(before))
            covers = _COVERS.intersection(nouns)
            stated = things.nouns(begin, start) if before.endswith(("是", "为")) else []
            if covers and own:
                heads = things.inherited(start) | covers
            else:
                own = own or bool(stated)
                heads = frozenset(stated[-1:] or nouns[-1:])
        elif _OPEN.match(plain, end):
            nouns = things.nouns(begin, start)
            heads = frozenset(nouns[-1:])
            own = True
            if nouns[1:] and nouns[-1] in _COVERS:
                heads |= frozenset(nouns[:1])
            elif _STATED.fullmatch(before.strip()):
                heads |= things.inherited(start)
        else:
            continue
        if heads := frozenset(heads - _NO_THINGS):
            yield ThingStatement(start, end, value, heads, stated=own)
    for found in _OF_BODY_WORD.finditer(plain):
        colour, part = found["c"] or found["d"], found["h"] or found["g"]
        value = _OF_HAIR.get(colour) or ZH_NAMES[colour]
        yield ThingStatement(*found.span(), value, frozenset((head_of(part),)), stated=False)
    for word in clauses.text.words:
        if (tailed := _TAILED.fullmatch(word.text)) and word.tag[:1] == "n":
            heads = frozenset((head_of(tailed[2]),)) - _NO_THINGS
            value = ZH_NAMES[tailed[1]]
            yield ThingStatement(word.start, word.end, value, heads, stated=False)
