"""Hints at two media of one picture, or at colours of one without, by tables of their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product

from zimg_kernel.prompts.linter.words import load_words

from .evidence import any_word
from .evidence_coloured import hued_things
from .lexicon import Hit, Lexicon
from .listed import LISTED
from .passage import Passage
from .statement import Statement

_SHARED = load_words(__file__)
_FRIENDS = frozenset(frozenset(pair.split("/")) for pair in _SHARED["friends"])
_ONLY = re.compile(r"只有|只用|仅用?|只|\b(?:only|just|nothing but)\b")
_MADE = re.compile(
    "[用以由][^，。；的]{1,14}(?:[画绘织绣刻剪拍]成|[画绘]就|绘制|而成|完成)(?=[，。；]|$)"
)
_MARKS = ("shown", "mixed", "whole", "accent", "holds", "collage")
_COLOURS = ("mono", "not_mono", "hue")


@cache
def _tables(language: str) -> tuple[Lexicon, Lexicon, dict[str, re.Pattern[str]]]:
    lists = load_words(__file__, f"evidence_media_{language}")
    chinese = language == "zh"
    media = {n: words for n, words in lists.items() if n not in (*_MARKS, *_COLOURS)}
    colours = {"mono": lists["mono"], "-": lists["not_mono"], "hue": lists["hue"]}
    return (
        Lexicon(media, chinese=chinese),
        Lexicon(colours, chinese=chinese),
        {name: any_word(lists[name], chinese) for name in _MARKS},
    )


def opposed_media(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first two media that no picture is made in at once."""
    media, _, marks = _tables(passage.language)
    hits = [
        hit
        for hit in media.find(passage.plain)
        if (not marks["shown"].search(passage.beside(hit)) or _made(passage, hit))
        and not marks["mixed"].search(passage.beside(hit))
    ]
    for at, b in enumerate(hits):
        told = marks["whole"].search(passage.beside(b)) is not None
        if passage.long and not told:
            continue
        for a in hits[:at]:
            whole = a.start < passage.head or marks["whole"].search(passage.beside(a))
            if passage.long and (
                not whole or passage.sentence(a.start)[0] == passage.sentence(b.start)[0]
            ):
                continue
            if passage.clause(a.start)[0] == passage.clause(b.start)[0]:
                continue  # a comic in watercolours
            if set(a.says) & set(b.says):
                break
            if not any(frozenset(p) in _FRIENDS for p in product(_narrow(a), _narrow(b))):
                yield Statement(a.start, a.end), Statement(b.start, b.end)
                return


def _made(passage: Passage, hit: Hit) -> bool:
    """Return whether a clause tells how the picture came about: 用圆珠笔在格子本上画成."""
    start, end = passage.clause(hit.start)
    return passage.language == "zh" and _MADE.search(passage.plain, start, end) is not None


def _narrow(hit: Hit) -> tuple[str, ...]:
    """Return what words say of the medium, the narrowest alone: a photograph of real events."""
    return tuple(name for name in ("photo_doc", "cg") if name in hit.says) or hit.says


def coloured_mono(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the words for a picture without colours, and a colour in it."""
    _, colours, marks = _tables(passage.language)
    hits = colours.find(passage.plain)
    monos = [h for h in hits if "mono" in h.says and _of_picture(passage, h, marks)]
    if not monos or marks["collage"].search(passage.plain):
        return
    hues = [h for h in hits if "hue" in h.says]
    hues += [Hit(c.start, c.end, c.noun, (c.colour,)) for c in hued_things(passage)]
    for hue in hues:
        apart = hue.end <= monos[0].start or monos[0].end <= hue.start
        near = passage.near(hue)
        own = passage.plain[passage.clause(monos[0].start)[0] : monos[0].end]
        if near.startswith(own):  # only black and grey, her lips are red
            near = _ONLY.sub("", own) + near.removeprefix(own)
        if apart and not marks["accent"].search(near):
            first, second = sorted((monos[0], hue))
            yield Statement(first.start, first.end), Statement(second.start, second.end)
            return


def _of_picture(passage: Passage, mono: Hit, marks: dict[str, re.Pattern[str]]) -> bool:
    """Return whether all of the picture is meant, not one that is shown in it."""
    start = passage.clause(mono.start)[0]
    sentence = passage.sentence(mono.start)
    near = mono.start < passage.head or marks["whole"].search(passage.plain, *sentence)
    if LISTED.search(passage.plain[: mono.start]):
        return False  # ochre, black and white
    return bool(near) and not marks["holds"].search(passage.plain, start, mono.start)
