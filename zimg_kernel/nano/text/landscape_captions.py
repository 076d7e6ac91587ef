"""Captions for landscapes, in Chinese and English."""

from __future__ import annotations

import random

from zimg_kernel.nano.tables import Words, phrases, read_tables, words
from zimg_kernel.nano.world.landscape import BUILDINGS, GROUNDS, ON_WATER, Landscape

from .english import article

_TABLES = read_tables(__file__, "landscape_captions.yaml")
ZH_STYLES, EN_STYLES = words(_TABLES, "styles")
EN_LOOKS: Words = _TABLES["looks"]["en"]
ZH_TIMES, EN_TIMES = words(_TABLES, "times")
ZH_ELEMENTS, EN_ELEMENTS = words(_TABLES, "elements")
ZH_NEAR, EN_NEAR = words(_TABLES, "near")
ZH_AFLOAT, EN_AFLOAT = words(_TABLES, "afloat")
ZH_OVERHEAD, EN_OVERHEAD = phrases(_TABLES, "overhead")
ZH_SCENERY, EN_SCENERY = phrases(_TABLES, "scenery")
_OVERHEAD = ("sun", "moon", "stars", "clouds", "birds")


def _zh_noun(name: str, rng: random.Random) -> str:
    return ZH_ELEMENTS[name][0] if rng.random() < 0.35 else rng.choice(ZH_ELEMENTS[name])


def _en_noun(name: str, rng: random.Random) -> str:
    return EN_ELEMENTS[name][0] if rng.random() < 0.35 else rng.choice(EN_ELEMENTS[name])


def _phrases(scene: Landscape, rng: random.Random, zh: bool) -> list[str]:
    """One phrase for each element, or for a building or boat with its ground."""
    left = list(scene.elements)
    found = []
    noun = _zh_noun if zh else _en_noun
    for name in (*ON_WATER, *BUILDINGS, "trees", "pines", "flowers", "lanterns"):
        grounds = [g for g in left if g in GROUNDS]
        if name not in left or not grounds or rng.random() < 0.5:
            continue
        ground = rng.choice(grounds)
        places: tuple[str, ...]
        forms: tuple[str, ...]
        if name in ON_WATER:
            wet = [g for g in grounds if g in ZH_AFLOAT]
            if not wet:
                continue
            ground = wet[0]
            places = (ZH_AFLOAT if zh else EN_AFLOAT)[ground]
        else:
            places = (ZH_NEAR if zh else EN_NEAR)[ground]
        place, thing = rng.choice(places), noun(name, rng)
        forms = ("{p}的{t}", "{p}{t}", "{p}有{t}", "{t}在{p}") if zh else ("{t} {p}",)
        found.append(rng.choice(forms).format(p=place, t=thing))
        left.remove(name)
        left.remove(ground)
    for name in left:
        thing = noun(name, rng)
        if name in _OVERHEAD and not ("sky" in thing or "天" in thing) and rng.random() < 0.3:
            thing = rng.choice(ZH_OVERHEAD) + thing if zh else f"{thing} {rng.choice(EN_OVERHEAD)}"
        found.append(thing)
    if rng.random() < 0.4:
        rng.shuffle(found)
    return found


def _zh_join(parts: list[str], rng: random.Random) -> str:
    comma = rng.choice(("，", "，", "、", " "))
    if len(parts) == 1:
        return parts[0]
    lot = rng.random()
    if lot < 0.3:
        rest = "、".join([*parts[1:-1], ""]) if len(parts) > 2 else ""
        return (
            f"{parts[0]}{comma if rest else ''}{rest.rstrip('、')}{rng.choice('和与')}{parts[-1]}"
        )
    if lot < 0.5:
        return f"{parts[0]}，{rng.choice(('有', '还有', '以及'))}{comma.join(parts[1:])}"
    return comma.join(parts)


def _en_join(parts: list[str], rng: random.Random) -> str:
    if len(parts) == 1:
        return parts[0]
    lot = rng.random()
    last = rng.choice((" and ", ", and ", " and "))
    rest = ", ".join(parts[1:-1]) + last + parts[-1] if len(parts) > 2 else parts[-1]
    if lot < 0.35:
        return f"{parts[0]} with {rest}"
    if lot < 0.75:
        return ", ".join(parts[:-1]) + last + parts[-1]
    return ", ".join(parts)


def _zh(scene: Landscape, rng: random.Random) -> str:
    forms: tuple[str, ...]
    night = scene.time == "night" and scene.time_named and rng.random() < 0.25
    if night:
        first, *rest = scene.elements
        nouns = _zh_join([_zh_noun(e, rng) for e in rest], rng)
        have = rng.choice(("，有", "，", "，")) + nouns
        text = f"{_zh_noun(first, rng)}{rng.choice(('', '的'))}夜景{have}"
    else:
        text = _zh_join(_phrases(scene, rng, True), rng)
    if scene.time_named and not night:
        time = rng.choice(ZH_TIMES[scene.time])
        forms = ("{m}的{t}", "{m}，{t}", "{t}，{m}", "{m}，{t}")
        text = rng.choice((*forms, "{t}，夜景") if scene.time == "night" else forms).format(
            m=time, t=text
        )
    elif rng.random() < 0.1:
        text = rng.choice(("{s}，{t}", "{t}的{s}")).format(s=rng.choice(ZH_SCENERY), t=text)
    if not scene.style_named:
        return text
    style = rng.choice(ZH_STYLES[scene.style])
    if style.endswith(("风格", "风")):
        forms = ("{s}，{t}", "{t}，{s}", "一幅{s}的画，{t}", "{s}：{t}", "{s}的{t}", "一幅{s}的{t}")
    elif style in ("水墨", "霓虹", "像素"):
        forms = ("{s}，{t}", "{t}，{s}", "{s}{t}", "{s}风格的{t}", "一幅{s}风格的画，{t}")
    else:
        forms = ("{s}，{t}", "{t}，{s}", "一幅{s}，{t}", "一幅{s}：{t}", "{s}：{t}")
    if scene.time_named and not night:
        forms = tuple(f for f in forms if "的{t}" not in f and "{s}{t}" not in f)
    return rng.choice(forms).format(s=style, t=text)


def _en(scene: Landscape, rng: random.Random) -> str:
    text, lead = _en_join(_phrases(scene, rng, False), rng), ""
    if scene.time_named:
        time = rng.choice(EN_TIMES[scene.time])
        if rng.random() < 0.2:
            lead = f"{time}, "
        else:
            text += rng.choice((" ", " ", ", ")) + time
    if not scene.style_named:
        if rng.random() < 0.1:
            text = f"{article(rng.choice(EN_SCENERY))} with {text}"
        return lead + text
    forms: tuple[str, ...]
    if rng.random() < 0.3:
        look = rng.choice(EN_LOOKS[scene.style])
        view = rng.choice(EN_SCENERY)
        forms = ("{t}, {n} style", "{t} in {n} style", "{n} {v}: {t}", "{an} {v} with {t}")
        return lead + rng.choice(forms).format(t=text, n=look, v=view, an=article(look))
    noun = rng.choice(EN_STYLES[scene.style])
    forms = ("{n} of {t}", "{an} of {t}", "{an} of {t}", "{t}, {n}", "{n}, {t}", "{n}: {t}")
    return lead + rng.choice(forms).format(t=text, n=noun, an=article(noun))


def landscape_caption(scene: Landscape, rng: random.Random, lang: str) -> str:
    """Describe a landscape.

    Parameters
    ----------
    scene : Landscape
    rng : random.Random
        Chooses the wording.
    lang : {"zh", "en"}

    Returns
    -------
    str
        Names every element, and style and time where the scene says so.
    """
    text = _zh(scene, rng) if lang == "zh" else _en(scene, rng)
    if rng.random() < 0.15:
        text += "。" if lang == "zh" else "."
    return text if lang == "zh" or rng.random() < 0.6 else text[:1].upper() + text[1:]


def named(scene: Landscape, caption: str, lang: str) -> dict[str, bool]:
    """For each element, and for style and time if said, whether a caption names it."""
    text, zh = caption.lower(), lang == "zh"
    tables = (ZH_ELEMENTS, ZH_NEAR, ZH_AFLOAT) if zh else (EN_ELEMENTS, EN_NEAR, EN_AFLOAT)
    found = {e: any(w in text for t in tables for w in t.get(e, ())) for e in scene.elements}
    if scene.style_named:
        styles = ZH_STYLES[scene.style] if zh else EN_STYLES[scene.style] + EN_LOOKS[scene.style]
        found[scene.style] = any(w in text for w in styles)
    if scene.time_named:
        times = (*ZH_TIMES[scene.time], "夜景") if zh else EN_TIMES[scene.time]
        found[scene.time] = any(w in text for w in times)
    return found
