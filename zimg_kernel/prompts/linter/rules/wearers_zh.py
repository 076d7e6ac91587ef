"""Whose clothes or hair a Chinese prompt tells of: 小伙子墨绿色的衬衣."""

from __future__ import annotations

from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .statement import Statement

_WORDS = load_words(__file__)
_GROUPS = ("girl", "woman", "old_woman", "boy", "man", "old_man", "child")
_GROUP_OF = {word: name for name in _GROUPS for word in _WORDS[name]}
_WORDS["persons"] = tuple(sorted(_GROUP_OF, key=len, reverse=True))
_PERSON = _WORDS.pattern("<persons>|[他她](?!们)")
_OF_PERSON = _WORDS.pattern("的[^，。；、的和与]{0,3}?(?P<who><persons>)")
_NEW = _WORDS.pattern("(?:[一另]|第二)[个位名](?:[^，。；、]{0,8}?)(?P<who><persons>)")
_ALIKE = {frozenset(pair.split("/")) for pair in _WORDS["alike"]}
_SEXES = {"她": frozenset(_WORDS["women"]), "他": frozenset(_WORDS["men"])}


def same_wearer(clauses: ChineseClauses, a: Statement, b: Statement) -> bool | None:
    """Return whether two statements are of one person, None where the text does not tell."""
    one, two = _wearer(clauses, a), _wearer(clauses, b)
    if not one or not two:
        return None
    if _OF_PERSON.match(clauses.plain, a.end) and _OF_PERSON.match(clauses.plain, b.end):
        return False  # 穿红裙子的女孩和穿蓝裙子的女孩
    if one != two and frozenset((one, two)) not in _ALIKE:
        return False
    new = {_GROUP_OF[m["who"]] for m in _NEW.finditer(clauses.plain)} & {one, two}
    times = sum(_GROUP_OF[m["who"]] in new for m in _NEW.finditer(clauses.plain))
    return True if times < 2 else None


def _wearer(clauses: ChineseClauses, s: Statement) -> str:
    """Return the group of who wears what is told of, nothing where that is not sure."""
    after = _OF_PERSON.match(clauses.plain, s.end)
    if after:
        return _GROUP_OF[after["who"]]
    begin = clauses.sentence_begin(s.start)
    names = [m[0] for m in _PERSON.finditer(clauses.plain, begin, s.start)]
    if not names:
        return ""
    if names[-1] not in _SEXES:
        return _GROUP_OF[names[-1]]
    told = {_GROUP_OF.get(m[0], "") for m in _PERSON.finditer(clauses.plain)}
    groups = told & _SEXES[names[-1]]
    return groups.pop() if len(groups) == 1 else ""
