"""Chinese statements on the whole scene, or on one person, that exclude each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text, Word

from .statement import Statement

_WORDS = load_words(__file__)
# One fault is told once: of each kind the first pair that does not fit.
_KINDS = {
    name: [tuple(pair.split("/")) for pair in _WORDS[name]]
    for name in _WORDS
    if name.endswith("_pairs")
}
_VALUES = {
    value: _WORDS.pattern(f"<{value}>")
    for value in dict.fromkeys(v for pairs in _KINDS.values() for pair in pairs for v in pair)
}
_ENCLOSED = frozenset(_WORDS["enclosed"])
_ALL_AROUND = frozenset(("underwater", "space"))  # where nothing else can be seen behind
_PLACES = frozenset(value for pair in _KINDS["place_pairs"] for value in pair)
_SEASONS = frozenset(value for pair in _KINDS["season_pairs"] for value in pair)

_SENTENCE = re.compile(r"[。！？；;!?\n]")
_CLAUSE = re.compile(r"[，,。！？；;!?\n：:]")
_SPLIT, _TURNING = _WORDS.pattern("<split>"), _WORDS.pattern("<turning>")
_SIDES = (("左", "右"), ("上方", "下方"), ("前半", "后半"))
_FRAMED = _WORDS.pattern("<framed>")
_VIEW = _WORDS.pattern("<view>")
_FAR = re.compile("远处|远方|远山|天边|尽头|地平线|对岸|背景|望|山|峰|窗外|窗")
_SIMILE = _WORDS.pattern("<simile>[^，,。；的]{0,4}$")
_AFTER = _WORDS.pattern("(?:的)?[^，,。；的]{0,2}?<after_words>")
_PICTURE_OF = re.compile(
    "[^，,。；的]{0,4}的[^，,。；的]{0,3}"
    "(?:画|照片|海报|图案|壁纸|插图|屏幕|封面|明信片|贴纸|纪念|记忆|刺绣)(?![面布])"
)
_SETTLED = _WORDS.pattern("<settled>[^，,。；]{0,8}$")
_AROUND = _WORDS.pattern("<under_feet>[^，,。；]{0,10}$")
_SPOT = re.compile(r"[^，,。；的]{0,3}?(?:[里内中上边旁间下](?!面积)|深处|中央|前|之间)")
_BESIDE = re.compile("(?:大?门(?!里)|台阶|外|对面|旁|楼顶|屋顶|天台|入口|前的|正门|大楼|模型|用)")
_PERSON = _WORDS.pattern("(?:.*)<person_words>")


class ChineseScene:
    """Statements of a Chinese prompt, found once for all pairs."""

    def __init__(self, text: Text) -> None:
        self.text, self.plain = text, text.plain
        self._found: dict[str, list[Statement]] = {}

    def opposites(self) -> Iterator[tuple[Statement, Statement]]:
        """Yield pairs of statements that cannot both be true, one for each kind."""
        told: list[Statement] = []
        for kind, pairs in _KINDS.items():
            pair = next(self._pairs(kind, pairs), None)
            if pair and not any(a.overlaps(b) for a in pair for b in told):
                told += pair
                yield pair

    def _pairs(
        self, kind: str, pairs: list[tuple[str, ...]]
    ) -> Iterator[tuple[Statement, Statement]]:
        for one, other in pairs:
            for a in self._statements(one):
                for b in self._statements(other):
                    first, second = (a, b) if a.start <= b.start else (b, a)
                    if second.start >= first.end and self._clash(kind, one, other, a, b):
                        yield first, second

    def _clash(self, kind: str, one: str, other: str, a: Statement, b: Statement) -> bool:
        first, second = (a, b) if a.start <= b.start else (b, a)
        if self._parted(first, second):
            return False
        if kind == "person_pairs":
            return self._same_person(first, second)
        if kind == "place_pairs":
            return self._places_clash({one, other}, first, second)
        if kind in ("season_pairs", "weather_pairs"):
            # Snow on far mountains, and what a window shows.
            return not any(
                _FAR.search(self._clause(s))
                for s, name in ((a, one), (b, other))
                if name.endswith("_signs") or name in ("snowfall", "wet", "waves", "rain")
            )
        return True

    def _statements(self, value: str) -> list[Statement]:
        if value not in self._found:
            self._found[value] = [
                statement
                for found in _VALUES[value].finditer(self.plain)
                if not self._inner(statement := Statement(*found.span()))
                and not (value not in _PLACES and self._cut(found.start()))
            ]
        return self._found[value]

    def _cut(self, position: int) -> bool:
        return self.text.cuts_word(position) and self.plain[position - 1] not in "的着了在有是大小"

    def _inner(self, statement: Statement) -> bool:
        """Return whether it is a comparison, past, or on a picture within the picture."""
        start, end = statement.start, statement.end
        sentence = self._begin(self._sentence_ends, start)
        before = self.plain[sentence:start]
        if _SIMILE.search(before[-10:]) or _PICTURE_OF.match(self.plain, end):
            return True
        if _AFTER.match(self.plain, end):
            return True
        frames = [found.start() for found in _FRAMED.finditer(before)]
        return bool(frames) and len(before) - frames[-1] < 30

    def _parted(self, a: Statement, b: Statement) -> bool:
        """Return whether the text says that both are meant: half of the picture each."""
        if _SPLIT.search(self.plain):
            return True
        one, two = self._clause(a), self._clause(b)
        if _TURNING.search(one) or _TURNING.search(two):
            return True
        return any((x in one and y in two) or (y in one and x in two) for x, y in _SIDES)

    def _places_clash(self, values: set[str], a: Statement, b: Statement) -> bool:
        if not (self._setting(a) and self._setting(b)):
            return False
        if values & _ENCLOSED:
            for s in (a, b):
                if _BESIDE.match(self.plain, s.end):
                    return False
        around = any(_AROUND.search(self._clause_before(s)) for s in (a, b))
        if around or values & _ALL_AROUND:
            return not any("窗" in self._clause(s) or "玻璃" in self._clause(s) for s in (a, b))
        return not any(_VIEW.search(self._two_clauses(s)) for s in (a, b))

    def _setting(self, s: Statement) -> bool:
        """Return whether a place is where something is, not only what is spoken of."""
        if s.start < 12 and not _CLAUSE.search(self.plain, 0, s.start):
            return True
        return bool(
            _SPOT.match(self.plain, s.end)
            or self.plain[s.end - 1] in "里内中上边下"
            or _SETTLED.search(self._clause_before(s))
        )

    def _same_person(self, a: Statement, b: Statement) -> bool:
        """Return whether no other person or animal is named between two statements."""
        before = [w.text for w in self._persons if w.end <= a.start][-1:]
        between = {w.text for w in self._persons if a.start <= w.start < b.end + 5}
        if "另" in self.plain[a.end : b.start]:
            return False
        if self.plain[a.end : a.end + 1] == "的":
            return len(between) <= 1
        return between <= set(before) or (not before and len(between) <= 1)

    @cached_property
    def _persons(self) -> list[Word]:
        return [w for w in self.text.words if w.tag[:1] in "nrlizj" and _PERSON.fullmatch(w.text)]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [found.end() for found in _SENTENCE.finditer(self.plain)]

    @cached_property
    def _clause_ends(self) -> list[int]:
        return [found.end() for found in _CLAUSE.finditer(self.plain)]

    def _begin(self, ends: list[int], position: int, back: int = 1) -> int:
        begun = [end for end in ends if end <= position]
        return begun[-back] if len(begun) >= back else 0

    def _clause_before(self, s: Statement) -> str:
        return self.plain[self._begin(self._clause_ends, s.start) : s.start]

    def _clause(self, s: Statement) -> str:
        close = next((end for end in self._clause_ends if end > s.end), len(self.plain))
        return self.plain[self._begin(self._clause_ends, s.start) : close]

    def _two_clauses(self, s: Statement) -> str:
        sentence = self._begin(self._sentence_ends, s.start)
        before = self.plain[max(sentence, self._begin(self._clause_ends, s.start, 2)) : s.start]
        return before + self._clause(s)
