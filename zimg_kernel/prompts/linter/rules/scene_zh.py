"""Chinese statements on the whole scene, or on one person, that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Word

from .clauses_zh import ChineseClauses
from .levels import is_long
from .statement import Statement, weakly

_WORDS = load_words(__file__)
for _name in ("scene_places_zh", "scene_persons_zh", "scene_views_zh"):
    _WORDS.update(load_words(__file__, _name))
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
_WEAK = frozenset(("place_pairs", "person_pairs"))
_SEASONS = frozenset(value for pair in _KINDS["season_pairs"] for value in pair)

_VIEW = _WORDS.pattern("<view>")
_FAR = Pattern("远处|远方|远山|天边|尽头|地平线|对岸|背景|望|雪山|山[顶峰巅头尖]|高山|群山|峰|窗")
_SETTLED = _WORDS.pattern("<settled>[^，,。；]{0,8}$")
_AROUND = _WORDS.pattern("<under_feet>[^，,。；]{0,10}$")
_SEEN_FAR = frozenset(("winter_signs", "snowfall", "wet", "waves", "rain", "polar"))
_SHELTERED = Pattern("窗外|门外|屋[里内]|室内|过后|之后|以后|雨后|雪后|防波堤|港湾|避风")
_WARM = Pattern("炉|篝火|炕|室内|屋里|浴|泳池|桑拿|温泉|暖气|健身房|拳")
_GLASS = Pattern("窗|玻璃")
_GROWN = Pattern("花房|温室|暖房|大棚|植物园|花店|滑冰馆|滑冰场|冰场|滑雪馆|冰雪馆|冷库|冰库")
_DIM = Pattern(
    "[电影]影院|影厅|放映|暗房|剧场|剧院|洞|隧道|地下|地窖|酒窖|矿|舱|密室|展厅|球幕|遮光|窗帘"
)
# A hall as dark as the night, and the day behind its door.
_OPENED = Pattern("[门窗帘][^，。；]{0,8}[缝开外角]|外面|投影|球幕|天象|天文馆|收摊")
_WITHIN = Pattern("(?:里|中|之中)?的[^，,。；;]{0,8}")
_TOWARDS = Pattern(
    "(?:进|往|向|从|回|通往|开往|驶向|飞向|连着|通到|运到|寄给)(?:了)?[^，,。；]{0,2}$"
)
_SPOT = Pattern(r"[^，,。；的]{0,3}?(?:[里内中上边旁间下](?!面积)|深处|中央|前|之间)")
# From a room into the open or the other way, and where a building stands.
_LOOKED = Pattern(
    "透过[^。]{0,14}[窗门]|往屋内看|向(?:屋内|室内|外|窗外)(?:看|望|拍摄)|内外(?:冷暖)?对比"
)
_SITED = Pattern("坐落|位于|建在|矗立|掩映|效果图|改造|改建|藏在")
_BESIDE = Pattern("(?:大?门(?!里)|台阶|外|对面|旁|楼顶|屋顶|天台|入口|前的|正门|大楼|模型|用)")
_WORDS["person_words"] = tuple(sorted(_WORDS["person_words"], key=len, reverse=True))
_PERSON = _WORDS.pattern("<person_words>")
_SEVERAL = _WORDS.pattern(
    "[两二三四五六七八九几数][个名位只头匹条](?:[^，。；的]{0,6}的)?(?:<person_words>|[猫狗马鸟])"
    "|姐妹|兄弟|双胞胎|情侣|夫妻"
)
_HOUSE = _WORDS.pattern("<houses>")
_ANIMALS = frozenset(_WORDS["animals"][0])


class ChineseScene:
    """Statements of a Chinese prompt, found once for all pairs."""

    def __init__(self, clauses: ChineseClauses) -> None:
        self.clauses, self.text, self.plain = clauses, clauses.text, clauses.plain
        self._found: dict[str, list[Statement]] = {}

    def opposites(self) -> Iterator[tuple[Statement, Statement]]:
        """Yield pairs of statements that cannot both be true, one for each kind."""
        told: list[Statement] = []
        for kind, pairs in _KINDS.items():
            found = self._pairs(kind, pairs)
            pair = next(found, None)
            if (
                pair
                and kind == "time_pairs"
                and any(_OPENED.search(self.clauses.two_clauses(s)) for s in pair)
            ):
                pair = next(weakly([pair]))
            if pair and self._weak(kind) and not (kind == "place_pairs" and self._there(pair[1])):
                pair = next(weakly([pair]))
            if pair and not any(a.overlaps(b) for a in pair for b in told):
                told += pair
                yield pair

    def _weak(self, kind: str) -> bool:
        """Return whether two statements of a kind may be of two things, or of two places."""
        if kind == "weather_pairs":
            return _SHELTERED.search(self.plain) is not None
        return kind in _WEAK and is_long(self.text)

    def _there(self, s: Statement) -> bool:
        """Return whether somebody is said to be in a place: 坐在草原中央."""
        return bool(_SETTLED.search(self.clauses.before(s)) and _SPOT.match(self.plain, s.end))

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
        if self.clauses.parted(first, second):
            return False
        if kind == "person_pairs":
            return self.same_person(first, second)
        if kind == "place_pairs":
            return self._places_clash({one, other}, first, second)
        if kind == "season_pairs" and _GROWN.search(self.plain):
            return False
        if kind == "light_pairs" and {one, other} & {"day", "noon"} and _DIM.search(self.plain):
            return False
        if kind == "season_pairs" and {one, other} & {"undressed"} and _WARM.search(self.plain):
            return False
        if kind == "season_pairs":
            # Snow on far mountains, and what a window shows.
            return not any(
                (_FAR if name in _SEEN_FAR else _GLASS).search(self.clauses.clause(s))
                for s, name in ((a, one), (b, other))
                if name.endswith("_signs") or name in _SEEN_FAR
            )
        return True

    def _statements(self, value: str) -> list[Statement]:
        if value not in self._found:
            self._found[value] = [
                statement
                for found in _VALUES[value].finditer(self.plain)
                if not self.clauses.inner(statement := Statement(*found.span()))
                and not (value not in _PLACES and self._cut(found.start()))
            ]
        return self._found[value]

    def _cut(self, position: int) -> bool:
        return self.text.cuts_word(position) and self.plain[position - 1] not in "的着了在有是大小"

    def _places_clash(self, values: set[str], a: Statement, b: Statement) -> bool:
        if not (self._setting(a) and self._setting(b)) or _LOOKED.search(self.plain):
            return False
        if any(_SITED.search(self.clauses.two_clauses(s)) for s in (a, b)):
            return False
        if _WITHIN.fullmatch(self.plain, a.end, b.start):  # a library in the forest
            return False
        if values & _ENCLOSED:
            for s in (a, b):
                if _BESIDE.match(self.plain, s.end):
                    return False
        if "indoors" in values and _HOUSE.search(self.plain):
            return False
        around = any(_AROUND.search(self.clauses.before(s)) for s in (a, b))
        if around or values & _ALL_AROUND:
            return not any(_GLASS.search(self.clauses.clause(s)) for s in (a, b))
        return not any(_VIEW.search(self.clauses.two_clauses(s)) for s in (a, b))

    def _setting(self, s: Statement) -> bool:
        """Return whether a place is where something is, not only what is spoken of."""
        if self.plain[: s.start].endswith(("画", "画着", "描绘")):
            return False
        if self.plain[s.end : s.end + 2] == "边缘" or _TOWARDS.search(self.clauses.before(s)):
            return False
        if s.start < 12 and self.clauses.begin(s.start) == 0:
            return True
        return bool(
            _SPOT.match(self.plain, s.end)
            or self.plain[s.end - 1] in "里内中上边下"
            or _SETTLED.search(self.clauses.before(s))
            or _AROUND.search(self.clauses.before(s))
        )

    def same_person(self, a: Statement, b: Statement) -> bool:
        """Return whether no other person or animal is named between two statements."""
        before = [w.text for w in self._persons if w.end <= a.start][-1:]
        between = {w.text for w in self._persons if a.start <= w.start < b.end + 5}
        if "另" in self.plain[a.end : b.start]:
            return False
        if self.plain[a.end : a.end + 1] == "的" and any(
            a.end < w.start < min(a.end + 6, self.clauses.end(a.end)) for w in self._persons
        ):
            return len(between) <= 1
        if not before and is_long(self.text):
            return False
        return between <= set(before) or (not before and len(between) <= 1)

    @cached_property
    def several(self) -> bool:
        """True if persons or animals of one word are more than one: 两个女孩."""
        return _SEVERAL.search(self.plain) is not None

    @cached_property
    def _persons(self) -> list[Word]:
        names = [Word(m[0], "n", *m.span()) for m in _PERSON.finditer(self.plain)]
        animals = [w for w in self.text.words if w.text[-1] in _ANIMALS and len(w.text) < 4]
        return sorted((*names, *animals), key=lambda w: w.start)
