"""First characters that a match of a regular expression can have."""

from __future__ import annotations

import re

REACH = 4
"""Characters of a head, at most."""

_COMMENT = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\s+|#[^\n]*", re.DOTALL)
_CLASS = re.compile(r"\[(\^?)(\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)
_STRUCTURE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[(|)]", re.DOTALL)
_DEPTH = {"(": 1, ")": -1}
_OPENING = re.compile(r"\(\?(<?[!=]|:|P<\w+>)|\((?!\?)")
_OPTIONAL = re.compile(r"[?*]|\{0?,")
_QUANTIFIER = re.compile(r"(?:[?*+]|\{\d*,?\d*\})[?+]?")
_WORD_START = re.compile(r"\\b|\(\?<!\[\\w[^\]]*\]\)|\(\?<!\\w\)")
_HAN_PAIR = re.compile("[\u3400-\u9fff]{2}")
_LITERAL = re.compile(r"\\([^\w\s]| )|([^\W_])|([ ,:；：，。、_-])")


def heads(source: str, *, verbose: bool = False) -> frozenset[str] | None:
    """Return a set of which each match begins with one, None where there is no such set.

    One of more than one character is found only at the start of a word, but for two Chinese ones.
    """
    if verbose:
        source = _COMMENT.sub(lambda found: found[1] or "", source)
    found, empty = _alternatives(source, at_word=False)
    return None if empty or found is None else frozenset(found)


def begins_at_word(source: str, *, verbose: bool = False) -> bool:
    """Return whether no match can begin within a word.

    It is enough that each alternative begins by looking at what is before it.
    """
    if verbose:
        source = _COMMENT.sub(lambda found: found[1] or "", source)
    return all(_WORD_START.match(part) for part in split_alternatives(source))


_Heads = tuple[set[str] | None, bool]  # the heads, and whether a match may be empty


def _alternatives(source: str, *, at_word: bool) -> _Heads:
    found: set[str] = set()
    empty = False
    for part in split_alternatives(source):
        more, may_be_empty = _sequence(part, at_word=at_word)
        if more is None:
            return None, True
        found |= more
        empty |= may_be_empty
    return found, empty


def _sequence(source: str, *, at_word: bool) -> _Heads:
    """Return the heads of what has no alternatives outside brackets."""
    found: set[str] = set()
    at = 0
    while at < len(source):
        if start := _WORD_START.match(source, at):
            at, at_word = start.end(), True
        elif source[at] in "^$":
            at += 1
        elif source[at] == "(":
            end = _closing(source, at)
            opening = _OPENING.match(source, at)
            if not opening:
                return None, True
            if opening[1] and opening[1][-1] in "!=":  # looks ahead or behind
                at = end
                continue
            more, empty = _alternatives(source[opening.end() : end - 1], at_word=at_word)
            if more is None:
                return None, True
            found |= more
            if not empty and not _OPTIONAL.match(source, end):
                return found, False
            quantifier = _QUANTIFIER.match(source, end)
            at = quantifier.end() if quantifier else end
        else:
            more, at, optional = _characters(source, at, at_word=at_word)
            if more is None:
                return None, True
            found |= more
            if not optional:
                return found, False
    return found, True


def _characters(source: str, at: int, *, at_word: bool) -> tuple[set[str] | None, int, bool]:
    """Return the heads of a class or a run of letters, its end, and whether it may be missing."""
    if chosen := _CLASS.match(source, at):
        members = chosen[2]
        if chosen[1] or not re.fullmatch(r"[^\\-]+", members):
            return None, at, True
        more, end = set(members), chosen.end()
    else:
        run, end = "", at
        while len(run) < REACH and (letter := _LITERAL.match(source, end)):
            if run and (_OPTIONAL.match(source, letter.end()) or not letter[2]):
                break  # of "looks?" the last may be missing
            run, end = run + (letter[1] or letter[2] or letter[3]), letter.end()
            if not letter[2] or _QUANTIFIER.match(source, end):
                break
        if not run:
            return None, at, True
        pair = _HAN_PAIR.match(run)
        more = {run if at_word and run.isalnum() else pair[0] if pair else run[0]}
    optional = _OPTIONAL.match(source, end) is not None
    quantifier = _QUANTIFIER.match(source, end)
    return more, quantifier.end() if quantifier else end, optional


def split_alternatives(source: str) -> list[str]:
    """Return the alternatives of a regular expression that are outside its brackets."""
    if "|" not in source:
        return [source]
    parts, begin, depth = [], 0, 0
    for found in _STRUCTURE.finditer(source):
        if found[0] == "|" and not depth:
            parts.append(source[begin : found.start()])
            begin = found.end()
        depth += _DEPTH.get(found[0], 0)
    return [*parts, source[begin:]]


def _closing(source: str, at: int) -> int:
    """Return the position after the bracket that closes the one at a position."""
    depth = 0
    for found in _STRUCTURE.finditer(source, at):
        depth += _DEPTH.get(found[0], 0)
        if not depth:
            return found.end()
    return len(source)
