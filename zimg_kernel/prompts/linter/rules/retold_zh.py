"""Ages, postures and materials that a Chinese prompt gives to one being or thing, and otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .beings_zh import ASIDE, Being, ChineseBeings
from .clauses_zh import ChineseClauses
from .persons_zh import years_of
from .statement import Statement
from .things_zh import MATERIALS, material_in, opposed

_WORDS = load_words(__file__)
_SPANS = {
    word: (int(low), int(high))
    for word, low, high in (entry.split("/") for entry in _WORDS["spans"])
}
_WORDS["stages"] = tuple(sorted(_SPANS, key=len, reverse=True))
_AGE = _WORDS.pattern(r"""
    (?P<years>[0-9]{1,3}|[一二三四五六七八九十百两几]{1,4}[多来几]?)周?岁(?!月)
  | (?P<tens>[二三四五六七八九]十)(?:多|出头|开外|上下|来)(?!岁|[个只名位条张])
  | 年近(?P<near>[三四五六七八九])[十旬] | (?P<rounds>[七八九])旬
  | (?P<stage><stages>)
""")
_POSTURES = tuple(_WORDS["postures"])
_POSTURE = _WORDS.pattern("|".join(f"(?P<{name}><{name}>)" for name in _POSTURES))
_PAIRS = frozenset(frozenset(pair.split("/")) for pair in _WORDS["posture_pairs"])
_CHANGES = _WORDS.pattern("<changes>")
_IS = Pattern(
    r"(?:[^，。；]{0,4}(?:却|竟|其实|实际上?|原来|明明|分明|真实|的))?"
    r"(?:身份)?(?:是|为)一?[个名位]?(?:[^，。；的]{0,4}的?)?"
)
_WORDS["material"] = MATERIALS
# 杯身整个是粗陶烧制, 由整块汉白玉雕成, 整只托特包采用光面黑色漆皮制成
_MADE = _WORDS.pattern(r"""
    (?P<of><made_of>)(?:一?整?[块张片根只条]|[^，。；]{0,8}?的?)?(?P<what><material>)
    [^，。；]{0,6}?(?:<makers>)[^，。；]{0,4}(?=[，。；]|$)
""")
_WHOLE, _WHOLE_AT_END = _WORDS.pattern("<whole>"), _WORDS.pattern("(?:<whole>|却|竟|则|都|也)+$")
_ANY = "|".join(MATERIALS)
_PART = Pattern("[门窗框柄腿盖底把架边托座]")
_NO_KEYS = frozenset("子头色身的上里中")
_GAP = 6  # years that two ages are apart at least


class _Told(NamedTuple):
    start: int
    end: int
    value: str
    span: tuple[int, int] = (0, 0)


def retold(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two ages or postures of one being, the first that is found."""
    if clauses.split:
        return
    beings = ChineseBeings(clauses)
    for finder in (_ages, _postures, _materials):
        for a, b in finder(clauses, beings):
            pair = Statement(a.start, a.end), Statement(b.start, b.end)
            aside = finder is not _materials  # a statue is a thing, and no second being
            if not (aside and any(ASIDE.search(clauses.sentence(s)) for s in pair)):
                yield pair
                return


def _ages(clauses: ChineseClauses, beings: ChineseBeings) -> Iterator[tuple[_Told, _Told]]:
    told = [t for m in _AGE.finditer(clauses.plain) if (t := _age(m))]
    for n, b in enumerate(told[1:], 1):
        subject = _renamed(clauses, beings, b)
        attribute = clauses.plain.startswith("的", b.end)  # 今年八十岁的奶奶
        attribute = attribute or any(x.start == b.end for x in beings.all)  # 白胡子老师
        if subject is None and not attribute and not (b.value == "stage" and _names(beings, b)):
            subject = beings.subject(b.start)
        if subject is None or subject.kind != "person" or subject.start >= b.start:
            continue
        for a in told[:n]:
            apart = max(a.span[0], b.span[0]) - min(a.span[1], b.span[1])
            if apart < _GAP or a.end > b.start:
                continue
            owner = beings.owner(a.start, a.end) if a.value != "stage" else _at(beings, a)
            if owner and (owner.start == subject.start or beings.same(*_sorted(owner, subject))):
                yield a, b


def _sorted(a: Being, b: Being) -> tuple[Being, Being]:
    return (a, b) if a.start <= b.start else (b, a)


def _at(beings: ChineseBeings, told: _Told) -> Being | None:
    """Return the being that a stage of life names itself, or whose it is."""
    named = [b for b in beings.all if b.start < told.end and told.start < b.end]
    return named[0] if named else beings.owner(told.start, told.end)


def _names(beings: ChineseBeings, told: _Told) -> bool:
    """Return whether a stage of life is the name of somebody."""
    return any(b.start < told.end and told.start < b.end for b in beings.all)


def _renamed(clauses: ChineseClauses, beings: ChineseBeings, told: _Told) -> Being | None:
    """Return who is said to be somebody of another age: 这位老太太是个七岁小女孩."""
    begin = clauses.begin(told.start)
    for being in beings.all:
        if begin <= being.start and being.end <= told.start:
            lead = clauses.plain[begin : being.start]
            if len(lead) < 6 and _IS.fullmatch(clauses.plain, being.end, told.start):
                return being
    pronoun = re.match(
        "(?:其实|但|而)?[他她](?:其实|竟然|却)?(?:是|为)一?[个名位]?",
        clauses.plain[begin : told.start],
    )
    if pronoun and begin + pronoun.end() >= told.start - 4:
        return beings.alone(begin)
    return None


def _age(found: re.Match[str]) -> _Told | None:
    start, end = found.span()
    if stage := found["stage"]:
        return _Told(start, end, "stage", _SPANS[stage])
    if tens := found["tens"]:
        years = years_of(f"{tens}岁")
        return _Told(start, end, "years", (years, years + 9))
    if digit := found["near"] or found["rounds"]:
        years = years_of(f"{digit}十岁")
        return _Told(start, end, "years", (years - 2, years + 9))
    word = found["years"]
    if "几" in word and "十" not in word:
        return None
    years = years_of(f"{word}岁")
    more = 9 if re.search("[多来几]", word) else 2
    return _Told(start, end, "years", (max(0, years - 2), years + more))


def _postures(clauses: ChineseClauses, beings: ChineseBeings) -> Iterator[tuple[_Told, _Told]]:
    plain = clauses.plain
    told = [_Told(*m.span(), m.lastgroup or "") for m in _POSTURE.finditer(plain)]
    for n, b in enumerate(told[1:], 1):
        clause = clauses.clause(Statement(b.start, b.end))
        if _CHANGES.search(clause):
            continue
        subject = beings.subject(b.start)
        if subject is None:
            continue
        for a in told[:n]:
            if frozenset((a.value, b.value)) not in _PAIRS:
                continue
            if clauses.begin(a.start) == clauses.begin(b.start):
                continue
            near = clauses.clause(Statement(a.start, a.end))
            if _CHANGES.search(near) or _CHANGES.search(plain[a.end : a.end + 8]):
                continue
            owner = beings.owner(a.start, a.end)
            if owner and beings.same(*_sorted(owner, subject)):
                yield a, b


def _materials(clauses: ChineseClauses, beings: ChineseBeings) -> Iterator[tuple[_Told, _Told]]:
    plain = clauses.plain
    told: list[tuple[_Told, set[str]]] = []
    for made in _MADE.finditer(plain):
        value, keys = material_in(made["what"]), _keys(clauses, made)
        b = _Told(*made.span("what"), value)
        if not value or not keys:
            continue
        for a, others in told:
            if keys & others and opposed(a.value, value):
                yield a, b
        told.append((b, keys))
        names = "|".join(map(re.escape, keys))
        for found in re.finditer(
            rf"(?:{_ANY})[^，。；、的和与在]{{0,6}}?(?:{names})", plain[: b.start]
        ):
            word = max((m for m in MATERIALS if found[0].startswith(m)), key=len)
            a = _Told(*found.span(), material_in(word))
            begin = clauses.begin(a.start)
            if begin == clauses.begin(b.start) and not _WHOLE.search(plain, begin, b.start):
                continue  # 竹竿用翡翠雕成
            if opposed(a.value, value) and not _PART.search(found[0]):
                yield a, b


def _keys(clauses: ChineseClauses, made: re.Match[str]) -> set[str]:
    """Return the last characters of the thing that a material is told of."""
    told = clauses.plain[clauses.begin(made.start("what")) : made.start("of")]
    if re.match("从[^，。；]{1,5}到", told):  # 这只针线盒，从盒身到搭扣都是
        told = clauses.plain[
            clauses.begin(made.start("what"), 2) : clauses.begin(made.start("what")) - 1
        ]
    name = _bare(told).rpartition("的")[2]
    if (
        not name
        or len(name) > 12
        or (clauses.text.cuts_word(made.start("of")) and told[-1] not in "全都却竟则")
    ):
        return set()
    ends = "[身体面壳]+$|子$" if name == told else "[身体面壳腿柄]+$|子$"
    name = re.sub(ends, "", name) or name
    names = [name]
    if "、" in told:  # 老式手摇风扇，扇叶、底座和外罩全部由黄铜铸成
        begin = clauses.sentence_begin(made.start("what"))
        names.append(clauses.plain[begin : clauses.end(begin) - 1])
    keys = {end for name in names for end in (name[-1:], name[-2:])}
    return {end for end in keys if end not in _NO_KEYS and not material_in(end)}


def _bare(words: str) -> str:
    """Return words without those for the whole of a thing, before and after its name."""
    words = re.sub("^(?:其实|而|但|却|竟)?[这那该]?", "", words)
    first = _WHOLE.match(words)
    words = words[first.end() :] if first else words
    last = _WHOLE_AT_END.search(words)
    return words[: last.start()] if last else words
