"""Noun phrases for one thing, such as 红色的大圆 and "a big red circle"."""

from __future__ import annotations

import random

from zimg_kernel.nano.world.thing import Thing

from . import words as w
from .english import article, plural_of


def zh_bare(t: Thing, rng: random.Random) -> str:
    """Noun phrase without number, such as 红色的大圆."""
    shape = rng.choice(w.ZH_SHAPES[t.shape] if t.shape_named else w.ZH_ANY_SHAPE)
    colour = rng.choice(w.ZH_COLOURS[t.colour]) if t.colour_named else ""
    if colour and rng.random() < (0.6 if len(colour) > 1 else 0.15):
        colour += "的"
    size = rng.choice(w.ZH_SIZES[t.size]) if t.size else ""
    fill = rng.choice(w.ZH_FILLS[t.fill]) if t.fill != "plain" else ""
    extra = rng.choice(w.ZH_ADJECTIVES) if rng.random() < 0.04 else ""
    if size and (len(size) > 1 or not colour) and rng.random() < 0.5:
        return f"{extra}{size}{fill}{colour}{shape}"
    return f"{extra}{colour}{size}{fill}{shape}"


def zh_noun(t: Thing, rng: random.Random, number: bool | None = None) -> str:
    """Noun phrase with or without number and measure word, such as 一个红色的圆."""
    number = rng.random() < 0.72 if number is None else number
    measure = rng.choice(w.ZH_MEASURES[t.shape]) if t.shape_named else "个"
    one = rng.choice(("一", "一", "一", "一", "1", "")) if number else ""
    return f"{one}{measure if number else ''}{zh_bare(t, rng)}"


def en_bare(t: Thing, rng: random.Random, plural: bool = False) -> str:
    """Noun phrase without article, such as "big red circle"."""
    shape = rng.choice(w.EN_SHAPES[t.shape] if t.shape_named else w.EN_ANY_SHAPE)
    shape = plural_of(shape) if plural else shape
    parts = [rng.choice(w.EN_SIZES[t.size])] if t.size else []
    if rng.random() < 0.04:
        parts.append(rng.choice(w.EN_ADJECTIVES))
    if t.fill != "plain":
        parts.append(rng.choice(w.EN_FILLS[t.fill]))
    if t.colour_named:
        colour = rng.choice(w.EN_COLOURS[t.colour])
        roll = rng.random()
        if roll < 0.03:
            return " ".join([*parts, shape, "in", colour])
        if roll < 0.05 and not plural:
            return " ".join([*parts, shape, "that is", colour])
        parts.append(colour + (" colored" if roll > 0.98 else ""))
    return " ".join([*parts, shape])


def en_noun(t: Thing, rng: random.Random) -> str:
    """Noun phrase with or without article."""
    noun = en_bare(t, rng)
    roll = rng.random()
    if roll < 0.76:
        return article(noun)
    return noun if roll < 0.9 else f"{rng.choice(('the', 'one', 'the'))} {noun}"
