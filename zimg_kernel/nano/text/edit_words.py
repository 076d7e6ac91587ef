"""Wordings of edit instructions, in Chinese and English."""

from __future__ import annotations

import random

from zimg_kernel.nano.world.world import Scene, Thing

from . import words as w
from .landscape_words import EN_STYLES, EN_TIMES, ZH_STYLES, ZH_TIMES
from .nouns import article

ZH = {
    "recolour": (
        "把{a}变成{c}",
        "把{a}改成{c}",
        "把{a}换成{c}",
        "将{a}改为{c}",
        "让{a}变成{c}",
        "{a}改成{c}",
        "把{a}的颜色改成{c}",
        "把{a}涂成{c}",
    ),
    "reshape": ("把{a}变成{s}", "把{a}改成{s}", "把{a}换成{s}", "将{a}改为{s}", "{a}换成{s}"),
    "move": ("把{a}移到{p}", "把{a}移动到{p}", "把{a}放到{p}", "将{a}移至{p}", "让{a}到{p}去"),
    "add": (
        "在{p}加{n}",
        "在{p}添加{n}",
        "{p}加上{n}",
        "在{p}画{n}",
        "添加{n}，在{p}",
        "加{n}在{p}",
        "在{p}放{n}",
    ),
    "remove": ("去掉{a}", "删除{a}", "移除{a}", "把{a}去掉", "把{a}删掉", "不要{a}", "擦掉{a}"),
    "small": ("把{a}变小", "把{a}缩小", "让{a}小一点", "把{a}变小一点"),
    "large": ("把{a}变大", "把{a}放大", "让{a}大一点", "把{a}变大一点"),
    "background": (
        "把背景换成{b}",
        "把背景改成{b}",
        "背景变成{b}",
        "将背景改为{b}",
        "换成{b}背景",
        "把背景变成{b}",
    ),
    "text": (
        "把字改成{t}",
        "把文字换成{t}",
        "把牌子上的字改成{t}",
        "文字改为{t}",
        "招牌上写{t}",
        "把招牌上的字换成{t}",
    ),
    "style": (
        "变成{y}风格",
        "改成{y}风格",
        "把画面变成{y}",
        "用{y}风格重画",
        "换成{y}风格",
        "把图片改成{y}风格",
    ),
    "time": ("变成{m}", "改成{m}", "把时间改成{m}", "让它变成{m}", "换成{m}的景色"),
}
EN = {
    "recolour": (
        "make {a} {c}",
        "turn {a} {c}",
        "change {a} to {c}",
        "paint {a} {c}",
        "change the color of {a} to {c}",
        "recolor {a} {c}",
        "{a} should be {c}",
    ),
    "reshape": (
        "turn {a} into {s}",
        "change {a} to {s}",
        "replace {a} with {s}",
        "make {a} {s}",
        "swap {a} for {s}",
    ),
    "move": (
        "move {a} {p}",
        "put {a} {p}",
        "place {a} {p}",
        "shift {a} {p}",
        "move {a} so that it is {p}",
    ),
    "add": (
        "add {n} {p}",
        "put {n} {p}",
        "draw {n} {p}",
        "insert {n} {p}",
        "place {n} {p}",
        "{p} add {n}",
    ),
    "remove": ("remove {a}", "delete {a}", "erase {a}", "take away {a}", "get rid of {a}"),
    "small": ("make {a} smaller", "shrink {a}", "{a} should be smaller"),
    "large": ("make {a} bigger", "make {a} larger", "enlarge {a}", "{a} should be bigger"),
    "background": (
        "change the background to {b}",
        "make the background {b}",
        "set the background to {b}",
        "replace the background with {b}",
        "{b} as the background",
    ),
    "text": (
        "change the text to {t}",
        "make the sign say {t}",
        "the sign should say {t}",
        "replace the text with {t}",
        "write {t} on the sign",
    ),
    "style": (
        "turn it into {y}",
        "make it {y}",
        "change the style to {y}",
        "redraw it as {y}",
        "in the style of {y}",
    ),
    "time": ("make it {m}", "change it to {m}", "turn it into {m}", "change the time to {m}"),
}


def _name(scene: Scene, t: Thing, rng: random.Random, zh: bool) -> str:
    """What tells a thing from the others: colour and shape, or one of them if that is enough."""
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


def instruction(
    rng: random.Random,
    lang: str,
    kind: str,
    source: Scene,
    target: Scene,
    index: int,
    change: str,
) -> str:
    """Say what an edit changes (see :class:`edits.Edit`), in one of many wordings."""
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
