"""Captions for scenes, in Chinese and English, with many wordings.

A caption says exactly what its scene fixes and nothing that the scene leaves open.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from zimg_kernel.nano.tables import phrases, read_tables
from zimg_kernel.nano.world.scenes import Scene
from zimg_kernel.nano.world.signs import sign_caption

from . import words as w
from .english import article
from .landscape_captions import landscape_caption
from .nouns import en_bare, en_noun, zh_bare, zh_noun

LANGUAGES = ("zh", "en")
_TEMPLATES = read_tables(__file__, "templates.yaml")
ZH_PAIR, EN_PAIR = phrases(_TEMPLATES, "pair")
ZH_SINGLE, EN_SINGLE = phrases(_TEMPLATES, "single")


def _short_names(scene: Scene, zh: bool) -> tuple[str, str] | None:
    """Return short names that tell the two things of a scene apart in a second mention."""
    a, b = scene.things[:2]
    if a.shape != b.shape:
        table = w.ZH_SHAPES if zh else w.EN_SHAPES
        return table[a.shape][0], table[b.shape][0]
    if zh:
        return w.ZH_COLOURS[a.colour][0] + "的", w.ZH_COLOURS[b.colour][0] + "的"
    return f"{a.colour} one", f"{b.colour} one"


def _pair(scene: Scene, rng: random.Random, zh: bool) -> str:
    a, b = scene.things
    side = scene.relation or "left"
    other = w.OPPOSITE[side]
    near, far = w.SIDE_PLACE[side], w.SIDE_PLACE[other]
    sa, sb = _short_names(scene, zh) or ("", "")
    if zh:
        number = rng.random() < 0.75
        i = rng.randrange(4)
        places = (w.ZH_PLACES[near], w.ZH_PLACES[far])
        j = rng.randrange(min(len(places[0]), len(places[1])))
        return rng.choice(ZH_PAIR).format(
            a=zh_noun(a, rng, number),
            b=zh_noun(b, rng, number),
            l=w.ZH_SIDE_OF[side][i],
            r=w.ZH_SIDE_OF[other][i],
            L=places[0][j],
            R=places[1][j],
            l0=w.ZH_SHORT[side],
            r0=w.ZH_SHORT[other],
            sa=sa,
            sb=sb,
        )
    return rng.choice(EN_PAIR).format(
        a=en_noun(a, rng),
        b=en_noun(b, rng),
        l=rng.choice(w.EN_SIDE_OF[side]),
        r=rng.choice(w.EN_SIDE_OF[other]),
        L=rng.choice(w.EN_PLACES[near]),
        R=rng.choice(w.EN_PLACES[far]),
        l0=near,
        r0=far,
        sa=sa,
        sb=sb,
    )


def _listed(nouns: Sequence[str], rng: random.Random, zh: bool) -> str:
    if zh:
        return rng.choice(("、", "，", "和")).join(nouns[:-1]) + rng.choice("和和、，") + nouns[-1]
    return ", ".join(nouns[:-1]) + rng.choice((" and ", ", and ", ", ", " and ")) + nouns[-1]


def _several(scene: Scene, rng: random.Random, zh: bool) -> str:
    """Two things at named places, two beside each other, or three in a row."""
    nouns = [(zh_noun if zh else en_noun)(t, rng) for t in scene.things]
    if scene.kind == "two open":
        if zh:
            joined = (
                f"{nouns[0]}{rng.choice(('和', '与', '，', '、', '，还有', '旁边是'))}{nouns[1]}"
            )
            return joined + rng.choice(("", "", "", "并排", "在一起"))
        link = rng.choice((" and ", " and ", ", ", " next to ", " beside ", " with ", " plus "))
        return f"{nouns[0]}{link}{nouns[1]}{rng.choice(('', '', '', ' side by side'))}"
    if scene.kind == "three" and (scene.relation is None or rng.random() < 0.5):
        text = _listed(nouns, rng, zh)
        if scene.relation is None:
            return text
        across = scene.relation == "left"
        if zh:
            order = "从左到右" if across else "从上到下"
            return rng.choice((f"{order}：{text}", f"{order}依次是{text}", f"{text}，{order}排列"))
        order = "from left to right" if across else "from top to bottom"
        return rng.choice((f"{order}: {text}", f"{text}, {order}", f"{text} {order}"))
    if scene.kind == "three":
        names = ("left", "center", "right") if scene.relation == "left" else None
        places: Sequence[str] = names or ("top", "center", "bottom")
    else:
        places = [t.place or "center" for t in scene.things]
    both = list(zip(nouns, places, strict=True))
    rng.shuffle(both)
    if zh:
        form = rng.choice(("{p}{a}", "{p}有{a}", "{p}是{a}", "{a}在{p}"))
        parts = [form.format(a=a, p=rng.choice(w.ZH_PLACES[p])) for a, p in both]
        return "，".join(parts)
    form = rng.choice(("{a} {p}", "{a} {p}", "{p} {a}", "{p} there is {a}", "{a} is {p}"))
    parts = [form.format(a=a, p=rng.choice(w.EN_PLACES[p])) for a, p in both]
    return rng.choice((", ", " and ", ", and ", "; ")).join(parts)


def _count(scene: Scene, rng: random.Random, zh: bool) -> str:
    t, n = scene.things[0], len(scene.things)
    if zh:
        number = rng.choice(w.ZH_NUMBERS[n]) + rng.choice(w.ZH_MEASURES[t.shape])
        noun = zh_bare(t, rng)
        return f"{noun}，{number}" if rng.random() < 0.05 else f"{number}{noun}"
    text = f"{rng.choice(w.EN_NUMBERS[n])} {en_bare(t, rng, n > 1)}"
    if n > 1 and rng.random() < 0.1:
        return f"a {'pair' if n == 2 else 'group'} of {text if n > 2 else text.split(' ', 1)[1]}"
    return text


def _background(name: str, rng: random.Random, zh: bool) -> tuple[str, bool]:
    """A phrase for the background, and whether it goes before (True) the rest."""
    if zh:
        word, first = rng.choice(w.ZH_BACKGROUNDS[name]), rng.random() < 0.25
        if name in w.SCENIC and rng.random() < 0.5:
            return rng.choice((f"在{word}上", f"{word}上", f"在{word}中", f"{word}里")), True
        form = rng.choice(("{}背景", "{}背景", "{}的背景", "背景是{}", "背景为{}", "以{}为背景"))
        return form.format(word), first
    if name in w.SCENIC and rng.random() < 0.5:
        return rng.choice(w.EN_SCENIC[name]), False
    word = rng.choice(w.EN_BACKGROUNDS[name])
    noun = f"{word} background"
    forms = (f"on {article(noun)}", f"with {article(noun)}", noun, f"against {article(noun)}")
    return rng.choice((*forms, f"on {article(noun)}", f"background: {word}")), False


def caption(scene: Scene, rng: random.Random, lang: str, *, extras: bool = True) -> str:
    """Describe a scene.

    Parameters
    ----------
    scene : Scene
    rng : random.Random
        Chooses the wording.
    lang : {"zh", "en"}
    extras : bool
        Whether openers ("a picture of"), closers ("simple") and the like may be added.

    Returns
    -------
    str
    """
    zh = lang == "zh"
    if scene.land:
        text = landscape_caption(scene.land, rng, lang)
        return _with_quality(scene, text, rng, zh)
    if scene.sign:
        text = _sign(scene, rng, lang)
    elif scene.kind == "single":
        t = scene.things[0]
        noun = (zh_noun if zh else en_noun)(t, rng)
        text = noun
        if t.place:
            form = rng.choice(ZH_SINGLE if zh else EN_SINGLE)
            place = rng.choice((w.ZH_PLACES if zh else w.EN_PLACES)[t.place])
            text = form.format(a=noun, p=place, n=zh_bare(t, rng) if zh else noun)
        elif (
            zh
            and t.colour_named
            and t.shape_named
            and rng.random() < 0.02
            and not t.size
            and t.fill == "plain"
        ):
            shape, colour = rng.choice(w.ZH_SHAPES[t.shape]), w.ZH_COLOURS[t.colour][0]
            text = rng.choice((f"{shape}，{colour}", f"{shape}是{colour}的", f"{colour}，{shape}"))
    elif scene.kind == "two":
        text = _pair(scene, rng, zh)
    elif scene.kind == "count":
        text = _count(scene, rng, zh)
    elif scene.kind == "empty":
        text = ""
    else:
        text = _several(scene, rng, zh)
    if extras and text and rng.random() < 0.13:
        text = rng.choice(w.ZH_OPENERS if zh else w.EN_OPENERS) + ("" if zh else " ") + text
    if scene.background:
        phrase, first = _background(scene.background, rng, zh)
        comma = rng.choice(("，", "，", "")) if first and zh else ("，" if zh else ", ")
        comma = " " if not zh and rng.random() < 0.5 else comma
        joined = (phrase, comma, text) if first else (text, comma, phrase)
        text = "".join(joined) if text else phrase
    if extras and rng.random() < 0.12:
        closers = w.ZH_CLOSERS if zh else w.EN_CLOSERS
        for _ in range(rng.choice((1, 1, 1, 2, 4, 9))):
            text += ("，" if zh else ", ") + rng.choice(closers)
    if extras and not scene.sign and rng.random() < 0.15:
        swap = rng.choice((",", "。", "；", " ", ", ")) if zh else rng.choice((".", ";", " "))
        text = text.replace("，" if zh else ",", swap)
    text = _with_quality(scene, text, rng, zh).replace("的的", "的")
    if rng.random() < 0.25:
        text += "。" if zh else "."
    if zh or scene.sign or rng.random() < 0.6:
        return text
    return text.title() if rng.random() < 0.08 else text[:1].upper() + text[1:]


def _with_quality(scene: Scene, text: str, rng: random.Random, zh: bool) -> str:
    """Say that a picture is blurred or noisy, if it is."""
    if scene.quality == "fine":
        return text
    word = rng.choice((w.ZH_QUALITIES if zh else w.EN_QUALITIES)[scene.quality])
    comma = "，" if zh else ", "
    if not text or rng.random() < 0.15:
        return word
    return word + comma + text if rng.random() < 0.4 else text + comma + word


def _sign(scene: Scene, rng: random.Random, lang: str) -> str:
    """Describe a sign, and the object above it if there is one."""
    zh = lang == "zh"
    assert scene.sign is not None
    text = sign_caption(scene.sign, rng, lang)
    if not scene.things:
        return text
    if zh:
        form = rng.choice(("{a}，下面{s}", "{a}下面是{s}", "{a}，下方有{s}", "{s}，上面是{a}"))
        return form.format(a=zh_noun(scene.things[0], rng), s=text)
    form = rng.choice(("{a}, below it {s}", "{a} above {s}", "{s}, above it {a}", "{s} below {a}"))
    return form.format(a=en_noun(scene.things[0], rng), s=text)
