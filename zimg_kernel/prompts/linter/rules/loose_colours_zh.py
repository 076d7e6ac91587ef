"""Two colours of what may be one thing of a Chinese prompt: 雪白的萨摩耶, 黑狗."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .colours import ZH_NAMES, alike
from .repeated_zh import COLOUR_NAMES, WEARER
from .statement import MOST, Statement
from .wearers_zh import same_wearer

_WORDS = load_words(__file__)
_SHADED = {shade + c: name for shade in _WORDS["shades"] for c, name in ZH_NAMES.items()}
_MORE = dict(pair.split("/") for pair in _WORDS["colours"])
_NAMES = {
    word: "silver" if word[0] == "银" and word != "银灰" else name
    for word, name in {**_SHADED, **COLOUR_NAMES, **_MORE}.items()
}
_WORDS["colour"] = tuple(sorted(_NAMES, key=len, reverse=True))
_WORDS["noun"] = tuple(
    sorted((w for kind in _WORDS["kinds"] for w in _WORDS[kind]), key=len, reverse=True)
)
_KIND_OF = tuple(
    (kind, Pattern("|".join(sorted(_WORDS[kind], key=len, reverse=True))))
    for kind in _WORDS["kinds"]
)
_FORMS = (
    # 藏青色的雨衣, 雪白的大狗
    _WORDS.pattern(
        "(?P<colour><colour>)色?(?:的|调的)?(?P<gap>[^，。；、：！？\n和与是在向着把将对从]{0,6}?)(?P<noun><noun>)"
    ),
    # 黑狗, 银发
    _WORDS.pattern(
        "(?<![发泛变映])(?P<small><small>)(?:瓷|漆|呢|框|丝绒|绒|缎|绸|纱|皮|布|砖|毛绒)?(?P<noun><noun>)"
    ),
    # 车身是鲜红的, 铠甲漆黑
    _WORDS.pattern(
        "(?P<noun><noun>)(?:(?:[^，。；、的是]{0,3}的)?(?:<skins>|<covers>)|的?颜色|身上)?(?:<each>|从[^，。；到]{1,4}[到至][^，。；]{1,3}?)?(?:却|则|都|全)?"
        "(?:(?:是|为|呈|泛着|闪着|透着|漆成|涂成|刷成|染成)(?:[^，。；、\n]{1,7}的)?)?(?P<colour><colour>)色?(?=的?(?:[，。；！\n]|$)|发亮|得|如|的<stuffs>[，。；])"
    ),
    # 铠甲红得像火, 车身黑如墨
    _WORDS.pattern(
        "(?P<noun><noun>)(?:身上|通体|浑身|全身|外?皮)?(?:在[^，。；]{1,5}[下里中])?(?:却|都|全)?(?P<small><small>)(?:得(?!到)|如(?!果|同时)|似|成一)"
    ),
    # 沙发芥末黄的绒面, 这匹马雪白的身躯
    _WORDS.pattern(
        "(?P<noun><noun>)(?:身上)?的?(?P<colour><colour>)色?的?[^，。；、\n的]{0,3}(?:<skins>|[面漆壳身料顶])"
    ),
    # 它洁白的毛
    _WORDS.pattern(
        "(?:它|小家伙|小东西|动物)(?:身上|一身|那身|全身|浑身|满身|通体)?的?(?P<colour><colour>)色?的?[^，。；、\n的]{0,3}(?P<skin><skins>)"
    ),
    # 斗牛犬一身白毛
    _WORDS.pattern(
        "(?P<noun><noun>)[^，。；]{0,2}(?:一身|满身|浑身|通体|全身)的?(?:(?P<colour><colour>)色?的?|(?P<small><small>))<skins>"
    ),
    # 塔身刷着明亮的蓝漆
    _WORDS.pattern(
        "(?P<noun><noun>)(?:上|外面|表面)?(?:都|却|全)?(?:刷|涂|漆|喷|罩|裹)(?:着|上了?|了|的是)[^，。；、]{0,4}?(?:(?P<colour><colour>)色?的?|(?P<small><small>)色?的?)(?:油?漆|涂料|釉|丝?绒)"
    ),
    # 它深蓝的绒面
    _WORDS.pattern(
        "[它其](?:那|一身|那身|整个|通体)?的?(?P<colour><colour>)色?的?[^，。；、的]{0,2}(?P<cover><covers>)"
    ),
    # 船身的蓝漆
    _WORDS.pattern("(?P<noun><noun>)上?的?(?P<small><small>)色?(?:油?漆|釉)"),
    # 灯塔的深红, 金色的毛
    _WORDS.pattern("(?P<noun><noun>)的(?P<colour><colour>)色?(?=在|与|和|衬|映|[，。；])"),
    _WORDS.pattern("(?<=[，。；])(?P<colour><colour>)色?的?(?P<skin><skins>)"),
    # 橙色的漆从门上剥落
    _WORDS.pattern(
        "(?P<colour><colour>)色?的?(?:漆皮?|油漆|绒面|布料|面料|毛料)(?:从|在)?(?P<noun><noun>)"
    ),
)
NAMES, SKINS = _NAMES, _WORDS["skins"]
_AGAIN = _WORDS.pattern("(?:<again>)[^，。；！？\n]{0,12}$")
FRESH = Pattern(
    r"(?:[一另两二三四五六七八九十百几数某]|\d)[只个条匹头位名朵颗辆艘件本杯把张盏根枚双副顶台座扇块幅串束对袭身艘架][^，。；！？、\n]{0,8}$"
)
_OF = Pattern(r"([\u4e00-\u9fff]{1,3})的$")
SEVERAL, _IN_ROW = _WORDS.pattern("<several>"), _WORDS.pattern("<in_row>")
APART = _WORDS.pattern("<apart>")
_WORN = frozenset(_WORDS["worn"])
_OF_BODY = frozenset(("hair", "eye", "beard"))
_SORTS = frozenset(_WORDS["sorts"])
_ANIMALS = frozenset(_WORDS["animal_kinds"])
_COVERED = "covered"  # any thing: 它深蓝的绒面
_MANY = Pattern("(?:两|三|四|五|六|几|数|群|另一)[只条匹头位名个辆艘件顶把]?")


@dataclass(frozen=True)
class _Coloured(Statement):
    kind: str
    noun: str
    colour: str
    fresh: bool
    again: bool


def loose_colours(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two mentions of one kind of thing in two colours, once."""
    if clauses.split or SEVERAL.search(clauses.plain):
        return
    found: list[_Coloured] = []
    for c in _coloured(clauses):
        if not any(c.kind == d.kind and c.overlaps(d) for d in found):  # 枣红马 is no 红马
            found.append(c)
        if len(found) == MOST:
            break
    if len(found) < 2:
        return
    several = len(set(WEARER.findall(clauses.plain))) > 1
    for a, b in combinations(found, 2):
        if a.end > b.start or _alike(a, b) or b.fresh or not _one(a, b):
            continue
        one_person = same_wearer(clauses, a, b) if a.kind in _WORN else None
        if one_person is False or (a.kind in _WORN and several and not (b.again or one_person)):
            continue
        if any(_IN_ROW.search(clauses.sentence(c)) for c in (a, b)):
            continue
        if clauses.plain[a.end : b.start].strip() in ("", *"和与跟及、或"):
            continue  # 红色的杯子和蓝色的杯子
        owners = [_OF.search(clauses.before(c)) for c in (a, b)]
        if a.kind in _OF_BODY and owners[0] and owners[1] and owners[0][1] != owners[1][1]:
            continue  # 黑猫的眼睛, 白猫的眼睛
        pronouns = [_PRONOUN.search(clauses.clause(c)) for c in (a, b)]
        if pronouns[0] and pronouns[1] and pronouns[0][0] != pronouns[1][0]:
            continue  # 他的夹克, 她的夹克
        same = [c for c in found if c.kind == a.kind]
        if sum(c.fresh for c in same) > 1 or any(c.end <= b.start and _alike(c, b) for c in same):
            continue
        if len({c.colour.removeprefix("pure ") for c in same}) > 2 or any(
            APART.search(_near(clauses, s)) for s in (a, b)
        ):
            continue
        if not any(clauses.inner(s, of_thing=True, after=False) for s in (a, b)):
            yield a, b if b.again else replace(b, weak=True)
            return


def _near(clauses: ChineseClauses, s: Statement) -> str:
    """Return the words around a statement within its clause."""
    begin, end = clauses.begin(s.start), clauses.end(s.end - 1)
    close = s.end if clauses.plain[s.end : s.end + 1] == "的" else min(end, s.end + 10)
    return _FROM_TO.sub("", clauses.plain[max(begin, s.start - 10) : close])


_FROM_TO = re.compile("从[^，。；到]{1,4}[到至]..")
_PRONOUN = Pattern("[他她它]")
_YOUNG = Pattern("[驹羔犊雏崽仔幼]")
_CLOSE = (
    *({"tabby", c} for c in ("brown", "grey", "orange", "gold", "yellow", "black", "silver")),
    *({"beige", c} for c in ("white", "yellow", "grey", "brown", "gold", "orange", "pink")),
    {"silver", "white"},
    {"silver", "grey"},
)


def _alike(a: _Coloured, b: _Coloured) -> bool:
    pair = {a.colour, b.colour}
    if a.kind == "hair" and pair == {"gold", "brown"}:
        return False
    pure = {c for c in pair if c.startswith("pure ")}
    if pure and "grey" in pair:
        return False  # 雪白 is never grey
    one, two = (c.removeprefix("pure ") for c in (a.colour, b.colour))
    return alike(one, two) or {one, two} in _CLOSE


def _one(a: _Coloured, b: _Coloured) -> bool:
    if a.kind in _ANIMALS and not b.again and a.noun == b.noun and not a.fresh:
        return False  # 黑猫, 白猫
    if a.kind in _ANIMALS and _YOUNG.search(b.noun) and not _YOUNG.search(a.noun):
        return False  # 白马, 小马驹
    if a.kind in _SORTS and a.noun != b.noun and b.noun != "花瓣":
        return False  # 红苹果, 紫葡萄
    if b.kind == _COVERED:
        return a.kind not in _ANIMALS and a.kind not in _OF_BODY
    if {a.kind, b.kind} == {"bear", "teddy"}:
        return True
    return a.kind == b.kind or (b.kind == "animal" and a.kind in _ANIMALS)


def _coloured(clauses: ChineseClauses) -> Iterator[_Coloured]:
    """Yield things with their colours in the prompt's order, the longest first."""
    plain = clauses.plain
    every = [(*m.span(), m) for pattern in _FORMS for m in pattern.finditer(plain)]
    for start, end, found in sorted(every, key=lambda each: (each[0], -each[1])):
        groups = found.groupdict()
        before = clauses.before(Statement(start, end)) + (groups.get("gap") or "")
        colour = _colour(groups)
        noun = groups.get("noun") or ""
        kind = "animal" if not groups.get("cover") else _COVERED
        kind = _kind(plain, found.start("noun")) if noun else kind
        again = bool(groups.get("skin")) or _AGAIN.search(before) is not None
        fresh = not again and kind not in _OF_BODY and FRESH.search(before) is not None
        yield _Coloured(start, end, kind, noun, colour, fresh, again)


def _colour(groups: dict[str, str]) -> str:
    if small := groups.get("small"):
        return "silver" if small == "银" else ZH_NAMES[small]
    return _NAMES[groups["colour"]]


def _kind(plain: str, start: int) -> str:
    kinds = _kinds_from(plain[start])
    return max(
        ((m.end(), kind) for kind, pattern in kinds if (m := pattern.match(plain, start))),
        default=(0, ""),
    )[1]


@cache
def _kinds_from(character: str) -> tuple[tuple[str, Pattern], ...]:
    """Return the kinds of which a word may begin with a character."""
    return tuple(
        (kind, pattern)
        for kind, pattern in _KIND_OF
        if not {character, ""}.isdisjoint(_first(kind))
    )


@cache
def _first(kind: str) -> frozenset[str]:
    """Return the characters that words of a kind begin with; empty for other expressions."""
    words = _WORDS[kind]
    return frozenset(word[0] if _PLAIN.match(word) and "|" not in word else "" for word in words)


_PLAIN = re.compile(r"[\u4e00-\u9fff](?![?*+{])")
