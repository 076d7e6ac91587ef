"""Wordings of edit instructions, in Chinese and English."""

from __future__ import annotations

import random

from zimg_kernel.nano.tables import read_tables, words
from zimg_kernel.nano.world.scenes import Scene, Thing

from . import words as w
from .english import article
from .landscape_captions import EN_STYLES, EN_TIMES, ZH_STYLES, ZH_TIMES

ZH, EN = words(read_tables(__file__, "instructions.yaml"), "instructions")


def _name(scene: Scene, t: Thing, rng: random.Random, zh: bool) -> str:
    """Name a thing so as to tell it from the others: by colour, shape or both."""
    same_shape = sum(o.shape == t.shape for o in scene.things) > 1
    same_colour = sum(o.colour == t.colour for o in scene.things) > 1
    shape = rng.choice((w.ZH_SHAPES if zh else w.EN_SHAPES)[t.shape])
    colour = rng.choice((w.ZH_COLOURS if zh else w.EN_COLOURS)[t.colour])
    roll = rng.random()
    if roll < 0.22 and not same_shape:
        return shape if zh else f"the {shape}"
    if roll < 0.3 and not same_colour:
        return f"{colour}的那个" if zh else f"the {colour} one"
    if zh:
        return f"{colour}{'的' if rng.random() < 0.5 else ''}{shape}"
    return f"the {colour} {shape}"


def edit_instruction(
    rng: random.Random,
    lang: str,
    kind: str,
    source: Scene,
    target: Scene,
    index: int,
    change: str,
) -> str:
    """Say what an edit changes (see :class:`edits.SceneEdit`), in one of many wordings."""
    zh = lang == "zh"
    table = ZH if zh else EN
    form = rng.choice(table[change if kind == "resize" else kind])
    filled: dict[str, str] = {}
    if index >= 0 and kind != "add":
        filled["a"] = _name(source, source.things[index], rng, zh)
    if kind == "recolour":
        filled["c"] = rng.choice((w.ZH_COLOURS if zh else w.EN_COLOURS)[change])
        if zh and not filled["c"].endswith("色"):
            filled["c"] += "色"
    elif kind == "reshape":
        shape = rng.choice((w.ZH_SHAPES if zh else w.EN_SHAPES)[change])
        filled["s"] = shape if zh else article(shape)
    elif kind in ("move", "add"):
        filled["p"] = rng.choice((w.ZH_PLACES if zh else w.EN_PLACES)[change])
        if kind == "add":
            new = target.things[index]
            colour = rng.choice((w.ZH_COLOURS if zh else w.EN_COLOURS)[new.colour])
            shape = rng.choice((w.ZH_SHAPES if zh else w.EN_SHAPES)[new.shape])
            number = "一" + rng.choice(w.ZH_MEASURES[new.shape]) if rng.random() < 0.8 else ""
            de = "的" if rng.random() < 0.5 else ""
            filled["n"] = f"{number}{colour}{de}{shape}" if zh else article(f"{colour} {shape}")
    elif kind == "background":
        filled["b"] = rng.choice((w.ZH_BACKGROUNDS if zh else w.EN_BACKGROUNDS)[change])
    elif kind == "text":
        a, b = rng.choice(("“”", '""', '""', "「」") if zh else ('""', '""', "''", "“”"))
        filled["t"] = f"{a}{change}{b}"
    elif kind == "style":
        filled["y"] = rng.choice((ZH_STYLES if zh else EN_STYLES)[change])
    elif kind == "time":
        filled["m"] = rng.choice((ZH_TIMES if zh else EN_TIMES)[change])
    text = form.format(**filled).replace("的的", "的").replace("风格风格", "风格")
    if not zh and rng.random() < 0.5:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.2:
        text += "。" if zh else "."
    return text
