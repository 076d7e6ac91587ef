"""Rule ``weights``: syntax of other programs that the model reads as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, Text

_WORDS = load_words(__file__)

_NUMBER = r"[+-]?\d?\.\d+|[+-]?[0-3]"
# (oak:1.3), also with the marks of a Chinese keyboard; (ratio 16:9) is none.
_WEIGHT = Pattern(
    r"(?P<open>[(（])(?P<inner>[^()（）]{0,300}?[^\d\s()（）][^()（）]{0,300}?)"
    rf"(?P<close>\s*[:：]\s*(?:{_NUMBER})\s*[)）])"
)
_DOUBLE = Pattern(r"(?P<open>[(（]{2,}|\{{2,})(?P<inner>[^(){}（）]+)(?P<close>[)）]{2,}|\}{2,})")
_SQUARE = Pattern(r"(?P<open>\[+)(?P<inner>[^\[\]]+)(?P<close>\]+)")
_REFERENCE = Pattern(r"[\d\s,;–-]+")  # [41] of a paper
_TAG = Pattern(r"<\s*(?:lora|lyco|hypernet|embedding|ti)\s*:[^<>]*>", re.I)
_EMBEDDING = Pattern(r"\bembedding:[\w.-]+", re.I)
# What `zimg prompt` chooses from, and a plain prompt does not: {a|b}, {2$$a|b}, __colour__.
_CHOICE = Pattern(
    r"\{[^{}\n]{0,300}?(?:\||\$\$)[^{}\n]{0,300}\}|(?<!\w)__[~@!]?[^\W_][^{}\n_]{0,60}__(?!\w)"
)
# (hatching)++ and flowers+ of other programs.
_PLUS = Pattern(r"(?:(?<=\))|(?<=[a-z]))(?:\+{2,}|-{2,})(?=[\s,.;)]|$)|(?<=\))[+-](?=[\s,.;]|$)")
# (green water)1.4 and (雾)++, of other programs; "(a) 1.5 m" is none.
_AFTER = Pattern(
    r"(?P<open>[(（])(?P<inner>[^()（）\n]{1,80})(?P<close>[)）](?:\d?\.\d{1,2}|\+{1,3}|-{2,3})(?![\w%.]))"
)
# mist:0.8 without brackets; f:2.8 is a lens.
_BARE = Pattern(
    rf"(?<=[a-z{HAN}])(?<![^a-z]f)(?<!^f)(?P<weight>[:：][01]\.\d{{1,2}})(?=[\s,，;。]|$)"
)
# What other programs save beside a picture: "Steps: 30, Sampler: Euler a, Seed: 99".
_SETTINGS = _WORDS.pattern(
    r"""
    (?<![\w-])(?:<settings>\s?[:：=]\s?[^,，;\n]{1,30}
      |<numbered>\s?[:：=]\s?\d{1,12}(?=\s*(?:[,，;。.\n]|$))
      |(?:size|尺寸)\s?[:：]\s?\d{3,4}\s?[x×*]\s?\d{3,4})
    """,
    re.I,
)
# 灯塔 AND 海面, a fox AND a lantern, of other programs; SALT AND PEPPER is lettering.
_AND = Pattern(
    rf"(?<=[{HAN}，,)）])\s*\bAND\b\s*(?=[{HAN}(（])|(?<=[a-z][,.)]\ |[a-z]{{2}}\ )AND(?=\ [a-z])"
)
_BREAK = Pattern(r"(?<![A-Za-z])BREAK(?![A-Za-z])")
_SWITCH = Pattern(
    r"(?<![\w-])(?:--|—|–)(?:ar|aspect|v|version|s|stylize|q|quality|seed|style|chaos|c|niji|iw|"
    r"tile|hd|upbeta|weird|w|steps?|cfg|sref|cref|raw)\b"
    r"(?:[ =][\d.:]+|[ =](?:raw|cute|expressive))?",
    re.I,
)
_PART = Pattern(r"(?<=[\w)])::\s*(?:-?\d+(?:\.\d+)?)?(?!\w)")


def _find(text: Text, target: Target) -> Iterator[Fault]:
    model = {"model": target.title}
    taken: list[tuple[int, int]] = []
    for pattern in (_TAG, _EMBEDDING):
        for found in pattern.finditer(text.plain):
            taken.append(found.span())
            yield Fault(
                *found.span(), "tag", {"tag": found[0], **model}, (TextEdit(*found.span()),)
            )
    for pattern in (_WEIGHT, _AFTER, _DOUBLE, _SQUARE):
        for found in pattern.finditer(text.plain):
            if any(found.start() < end and found.end() > start for start, end in taken):
                continue
            if pattern is _SQUARE and _REFERENCE.fullmatch(found["inner"]):
                continue
            taken.append(found.span())
            edits: tuple[TextEdit, ...] = (
                TextEdit(*found.span("open")),
                TextEdit(*found.span("close")),
            )
            if pattern is _SQUARE and re.search(r":\s*[\d.]+$|\|", found["inner"]):
                edits = ()  # [from:to:0.5] and [a|b]: which one is meant, only the writer knows
            word = text.prompt[slice(*found.span())]
            yield Fault(*found.span(), "weight", {"word": word, **model}, edits)
    for pattern in (_BARE, _SETTINGS):
        for found in pattern.finditer(text.plain):
            span = found.span("weight") if pattern is _BARE else found.span()
            if not any(span[0] < end and span[1] > start for start, end in taken):
                taken.append(span)
                word = text.prompt[slice(*span)]
                edit = TextEdit(*span)
                yield Fault(*span, "switch", {"word": word, **model}, (edit,))
    for found in _CHOICE.finditer(text.plain):
        if not any(found.start() < end and found.end() > start for start, end in taken):
            word = text.prompt[slice(*found.span())]
            yield Fault(*found.span(), "choice", {"word": word, **model})
    for found in _PLUS.finditer(text.plain):
        yield Fault(
            *found.span(), "switch", {"word": found[0], **model}, (TextEdit(*found.span()),)
        )
    for found in _BREAK.finditer(text.plain):
        yield Fault(*found.span(), "break", model, (TextEdit(*_with_comma(text, found)),))
    for found in _AND.finditer(text.plain):
        yield Fault(
            *found.span(), "switch", {"word": "AND", **model}, (TextEdit(*found.span(), "，"),)
        )
    for found in _PART.finditer(text.plain):
        yield Fault(
            *found.span(), "switch", {"word": found[0], **model}, (TextEdit(*found.span(), ","),)
        )
    for found in _SWITCH.finditer(text.plain):
        word = found[0].strip()
        yield Fault(*found.span(), "switch", {"word": word, **model}, (TextEdit(*found.span()),))


def _with_comma(text: Text, found: re.Match[str]) -> tuple[int, int, str]:
    """Return the edit that puts a comma for BREAK, unless there is one beside it."""
    before, after = text.plain[: found.start()].rstrip(), text.plain[found.end() :].lstrip()
    if not before or not after or before[-1] in ",，.。;；\n" or after[0] in ",，.。;；":
        return *found.span(), ""
    start = len(before)
    end = len(text.plain) - len(after)
    return start, end, "，" if not before[-1].isascii() else ", "


RULE = Rule("weights", "error", _find)
