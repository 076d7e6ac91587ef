"""Chinese statements on one thing that exclude each other: its state, its place, what it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import any_of, load_words
from zimg_kernel.prompts.text import Word

from .clauses_zh import ChineseClauses
from .statement import Statement

_WORDS = load_words(__file__)
_WORDS.update(load_words(__file__, "materials_zh"))
_STATES, _MATERIALS, _PLACES = (
    [tuple(pair.split("/")) for pair in _WORDS[f"{kind}_pairs"]]
    for kind in ("state", "material", "place")
)
_STATE_VALUES, _MATERIAL_VALUES, _PLACE_VALUES = (
    tuple(dict.fromkeys(value for pair in pairs for value in pair))
    for pairs in (_STATES, _MATERIALS, _PLACES)
)
_VALUES = {name: _WORDS.pattern(f"<{name}>") for name in (*_STATE_VALUES, *_PLACE_VALUES)}
_SIDE_HAS = {
    "leftmost": _WORDS.pattern("<left_has>"),
    "rightmost": _WORDS.pattern("<right_has>"),
    "on_table": _WORDS.pattern("<table_has>"),
}
_OF = {
    material: word for material in _MATERIAL_VALUES for word in (_WORDS.pattern(f"<{material}>"),)
}
_WORDS["material"] = tuple(
    sorted((w for name in _MATERIAL_VALUES for w in _WORDS[name]), key=len, reverse=True)
)
_MATERIAL = any_of(_WORDS["material"])
_ANY = _WORDS.pattern("<material>")
MATERIALS = _WORDS["material"]
_MADE = _WORDS.pattern(r"""
    (?:由|用|以)[^，,。；的]{0,6}?(?:的)?(?P<a><material>)[^，,。；]{0,8}?
      (?:制|做|造|铸|雕|刻|缝|织|编|吹|烧|打|搭|拼|折|砌|构|割|浇|锻|凿|堆|焊|塑|压|粘|糊|扎|磨|建|盖|弯)[^，,。；的]{0,3}?
      (?:成|就|出|的|打磨|而成|(?=[，,。；]|$))的?
  | (?P<b><material>)(?:(?:材质|质地|质|做|制|雕|铸|制成|做成|铸成|打造|制作)的|(?:材质|质地|质感))
  | (?:是|为)(?:[^，,。；的是]{0,6}的)?[^，,。；的是]{0,3}?(?P<c><material>)
      [板条片块]?(?:做|质|制|材质|雕刻?|编织?|钩?织|缝|焊接?|砌|铸造?|打造?|浇筑|搭|拼|吹制|折|扎|糊)?
      的?(?=[，,。；]|$)
  | (?P<d><material>)(?:[钩手针]?织|[编缝雕铸刻吹烧拼折搭砌堆焊压糊扎钉箍])[成制就造]{0,2}的
""")
_PARTS = _WORDS.pattern("<parts>")
_ANOTHER, _NEW = _WORDS.pattern("<another>"), _WORDS.pattern("<new_thing>[^，,。；]{0,8}$")
_WHOLE = frozenset(_WORDS["whole_of"])
_COVERS = frozenset(_WORDS["covers"])
_ALIAS = dict(pair.split("/") for pair in _WORDS["alias"])
_STATUE = Pattern(
    "整[座尊件个只匹头条艘][^，。；]{0,6}$|(?:雕像|塑像|佛像|雕塑)(?:通体|整体|全身|通身)?$"
)
_HEADS = frozenset(_WORDS["heads"][0])
_NO_NOUN = Pattern(".{1,2}色|.+[成着了是在有得]")  # colours, and verbs taken for nouns
_ENDS = Pattern("[，,。；;\n]|$")
_LIST = Pattern("[和与及、或]")


@dataclass(frozen=True)
class ThingStatement(Statement):
    """What is said of a thing, and the nouns that it may be said of.

    ``stated`` is false where a material only stands before a noun, as in 玻璃杯.
    """

    value: str
    heads: frozenset[str]
    stated: bool = True


def head_of(noun: str) -> str:
    """Return the kind of thing that a noun names: 木椅 and 椅子 are 椅."""
    if noun in _ALIAS or noun in _WHOLE:
        return _ALIAS.get(noun, noun)
    bare = noun.rstrip("上里中内") or noun
    bare = bare.removesuffix("子") if len(bare) > 1 else bare
    if len(bare) > 2 and bare[0] in "红橙黄绿蓝紫粉黑白灰":
        bare = bare[1:]  # 红玫瑰
    if len(bare) == 2 and bare[0] in _HEADS and bare[1] in "身体面壳水壁":
        return bare[0]  # 桥身, 瓶身, 湖面
    return bare[-1] if bare and bare[-1] in _HEADS else bare or noun


@lru_cache(maxsize=4096)
def _material(word: str) -> str:
    """Return the material that a word is, or an empty text."""
    if not _ANY.fullmatch(word):
        return ""
    return next((name for name, pattern in _OF.items() if pattern.fullmatch(word)), "")


class ChineseThings:
    """Statements on the things of a prompt."""

    def __init__(self, clauses: ChineseClauses) -> None:
        self.clauses, self.plain = clauses, clauses.plain

    def opposites(self) -> Iterator[tuple[Statement, Statement]]:
        """Yield two statements on one thing that cannot both be true, one pair for each kind."""
        for pairs, found in (
            (_STATES, self._states()),
            (_MATERIALS, self._materials()),
            (_PLACES, self._places()),
        ):
            if pair := next(self._pairs(pairs, found), None):
                yield pair

    def _pairs(
        self, pairs: list[tuple[str, ...]], found: list[ThingStatement]
    ) -> Iterator[tuple[Statement, Statement]]:
        for one, other in pairs:
            for a in (s for s in found if s.value == one):
                for b in (s for s in found if s.value == other):
                    first, second = (a, b) if a.start <= b.start else (b, a)
                    if second.start >= first.end and self.same(first, second):
                        yield first, second

    def same(self, a: ThingStatement, b: ThingStatement) -> bool:
        """Return whether two statements are on one thing in one picture."""
        if not a.heads & b.heads or not (a.stated or b.stated):
            return False
        sides = not a.value.endswith(("most", "ward"))
        if self.clauses.parted(a, b, sides=sides):
            return False
        one, two = self.clauses.clause(a), self.clauses.clause(b)
        between = self.plain[a.end : b.start]
        if _ANOTHER.search(one) or _ANOTHER.search(two) or _LIST.fullmatch(between.strip()):
            return False
        return not self._introduced(b)

    def _introduced(self, s: ThingStatement) -> bool:
        """Return whether a statement is on a thing that is named there for the first time."""
        begin = self.clauses.begin(s.start)
        nouns = [w for w in self.clauses.words(begin, s.end + 8) if head_of(w.text) in s.heads]
        return bool(nouns) and bool(_NEW.search(self.plain[begin : nouns[0].start]))

    def _states(self) -> list[ThingStatement]:
        return [
            ThingStatement(*s, value, heads)
            for value in _STATE_VALUES
            for s in self._spans(value)
            if (heads := self._subjects(*s))
        ]

    def _places(self) -> list[ThingStatement]:
        found = []
        for value in _PLACE_VALUES:
            for start, end in self._spans(value):
                begin = self.clauses.begin(start)
                nouns = self.nouns(begin, start)
                if not nouns:
                    continue
                heads = {nouns[-1]}
                if "的" not in self.plain[begin:start]:
                    heads.add(nouns[0])  # 天鹅收拢翅膀站在屋顶
                found.append(ThingStatement(start, end, value, frozenset(heads)))
        for value, pattern in _SIDE_HAS.items():
            for hit in pattern.finditer(self.plain):
                nouns = self.nouns(hit.end(), self.clauses.end(hit.end()), chain=True)
                found.append(ThingStatement(*hit.span(), value, frozenset(nouns)))
        return found

    def _spans(self, value: str) -> Iterator[tuple[int, int]]:
        for found in _VALUES[value].finditer(self.plain):
            if not self.clauses.inner(Statement(*found.span()), of_thing=True):
                yield found.span()

    def _materials(self) -> list[ThingStatement]:
        statements: list[ThingStatement] = []
        for found in _MADE.finditer(self.plain):
            group = next(name for name in "abcd" if found[name])
            before = self.plain[self.clauses.begin(found.start()) : found.start()]
            statue = _STATUE.search(before)
            if not before and found["b"] and _ENDS.match(self.plain, found.end()):
                continue  # 黏土材质 as a clause of its own is the picture's style
            inner = self.clauses.inner(Statement(*found.span()), of_thing=True)
            if not statue and (inner or _PARTS.search(before)):
                continue
            heads = self._subjects(*found.span())
            if statue and (earlier := {h for s in statements for h in s.heads}):
                heads |= earlier  # 整座雕像 is the horse that was named
            value = _material(found[group])
            if heads and value:
                statements.append(ThingStatement(*found.span(), value, heads))
        for heads in [s.heads for s in statements]:
            statements += self._compounds(heads)
        words = self.clauses.text.words
        for word, after in zip(words, [*words[1:], None], strict=True):
            if word.text == "沙发":
                continue  # made of no sand
            value = _material(word.text)
            if value and after and after.start == word.end and after.tag[:1] == "n":
                heads = frozenset((head_of(after.text),))
                statements.append(ThingStatement(word.start, after.end, value, heads, stated=False))
            elif (
                len(word.text) in (2, 3)
                and (head := head_of(word.text[1:])) in _HEADS
                and (value := _material(word.text[0]))
            ):
                heads = frozenset((head,))
                statements.append(ThingStatement(word.start, word.end, value, heads, stated=False))
        return statements

    def _compounds(self, heads: frozenset[str]) -> Iterator[ThingStatement]:
        """Yield the materials that stand right before a thing: 陶瓷马克杯."""
        for head in heads:
            for found in re.finditer(f"({_MATERIAL})[\u4e00-\u9fff]{{0,2}}?{head}", self.plain):
                value = _material(found[1]) if found[0] != "沙发" else ""
                words = self.clauses.words(*found.span())
                whole = words and words[0].start == found.start() and words[-1].end == found.end()
                if value and whole and all(w.tag[:1] == "n" for w in words):
                    yield ThingStatement(*found.span(), value, frozenset((head,)), stated=False)

    def _subjects(self, start: int, end: int) -> frozenset[str]:
        """Return the kinds of things that words may be said of."""
        close = self.clauses.end(max(start, end - 1))
        if "的" in self.plain[end - 1 : end + 1]:
            chain = self.nouns(end, close, chain=True)
            if chain:
                return frozenset(chain)
        begin = self.clauses.begin(start)
        nouns = [n for n in self.nouns(begin, start) if n not in _WHOLE]
        after = {  # 敞开大门, 冰镇啤酒
            head_of(w.text) for w in self.noun_words if w.start == end and w.end <= close
        }
        if not nouns and not after:
            return self.inherited(start)
        heads = frozenset((*nouns[:1], *nouns[-1:], *after))
        return heads | self.inherited(start) if heads <= _COVERS else heads

    def inherited(self, position: int) -> frozenset[str]:
        """Return what the clauses before speak of, to which 它 or nothing refers."""
        begin = self.clauses.begin(position)
        earlier = max(
            self.clauses.begin(position, 4),
            self.clauses.sentence_begin(position - 1 if position == begin else position),
        )
        if earlier == begin:  # a sentence that begins with 它 speaks of the one before
            earlier = max(self.clauses.begin(position, 6), self.clauses.sentence_begin(begin - 1))
        nouns = [n for n in self.nouns(earlier, begin) if n not in _WHOLE]
        return frozenset(nouns)

    def nouns(self, start: int, end: int, *, chain: bool = False) -> list[str]:
        """Return the kinds of the nouns in a range; in a chain those up to the next other word."""
        nouns: list[str] = []
        last = start
        for word in self.noun_words:
            if start <= word.start and word.end <= end:
                if chain and nouns and word.start > last:
                    break
                nouns.append(head_of(word.text))
                last = word.end
        return nouns

    @cached_property
    def noun_words(self) -> list[Word]:
        """Nouns of the prompt, by the segmenter's tags."""
        return [
            w
            for w in self.clauses.text.words
            if not _NO_NOUN.fullmatch(w.text)
            and (w.tag[:1] == "n" or w.tag in ("x", "l", "i", "vn", "s") or w.text[-1] in _HEADS)
        ]


def material_in(word: str) -> str:
    """Return the kind of material that a word names, or an empty text."""
    return _material(word)


def opposed(one: str, other: str) -> bool:
    """Return whether nothing is of two kinds of material at once."""
    return (one, other) in _MATERIALS or (other, one) in _MATERIALS
