"""Captions for landscapes, in Chinese and English, and the words that they use."""

from __future__ import annotations

import random

from zimg_kernel.nano.world.landscape import BUILDINGS, GROUNDS, ON_WATER, Landscape

ZH_STYLES: dict[str, tuple[str, ...]] = {
    "flat": ("扁平插画", "扁平风格", "插画", "平面插画", "扁平画"),
    "ink": ("水墨画", "水墨风格", "水墨", "国画", "中国水墨画", "水墨山水"),
    "neon": ("霓虹风格", "霓虹", "霓虹灯风格", "霓虹画", "赛博朋克风格"),
    "pixel": ("像素画", "像素风格", "像素", "像素艺术", "像素风"),
    "sketch": ("素描", "铅笔素描", "铅笔画", "素描风格", "线稿"),
    "papercut": ("剪纸", "剪纸风格", "剪纸画", "剪纸艺术", "中国剪纸"),
}
EN_STYLES: dict[str, tuple[str, ...]] = {
    "flat": ("flat illustration", "flat design", "flat drawing", "vector illustration"),
    "ink": ("ink wash painting", "ink painting", "chinese ink painting", "ink wash", "sumi-e"),
    "neon": ("neon art", "neon picture", "neon illustration", "neon drawing"),
    "pixel": ("pixel art", "pixel picture", "pixel drawing", "pixel art scene"),
    "sketch": ("pencil sketch", "pencil drawing", "sketch", "line drawing"),
    "papercut": ("paper cut", "papercut", "paper cut art", "paper-cut"),
}
EN_LOOKS: dict[str, tuple[str, ...]] = {
    "flat": ("flat", "flat illustration", "vector"),
    "ink": ("ink wash", "ink painting", "ink"),
    "neon": ("neon", "glowing neon", "neon light", "cyberpunk"),
    "pixel": ("pixel art", "pixel", "pixelated"),
    "sketch": ("pencil sketch", "sketch", "pencil"),
    "papercut": ("paper cut", "papercut", "paper-cut"),
}
"""Words that go before "style"."""

ZH_TIMES: dict[str, tuple[str, ...]] = {
    "day": ("白天", "白天", "白日", "日间"),
    "dusk": ("黄昏", "黄昏", "傍晚", "日落时分", "暮色"),
    "night": ("夜晚", "夜晚", "夜里", "夜色", "晚上", "夜间"),
}
EN_TIMES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight", "during the day", "in the daytime"),
    "dusk": ("at dusk", "at dusk", "at sunset", "at twilight", "in the evening"),
    "night": ("at night", "at night", "by night", "in the night"),
}
ZH_ELEMENTS: dict[str, tuple[str, ...]] = {
    "mountains": ("山", "群山", "高山", "远山", "远处的山", "山峰", "大山"),
    "hills": ("小山", "小山丘", "山丘", "丘陵", "起伏的山丘"),
    "lake": ("湖", "湖水", "湖泊", "一片湖", "平静的湖面", "湖面"),
    "sea": ("大海", "海", "海面", "海洋", "海水", "海浪"),
    "city": ("城市", "高楼", "都市", "楼房", "城市天际线", "高楼大厦"),
    "trees": ("树", "树木", "大树", "几棵树", "绿树"),
    "pines": ("松树", "几棵松树", "松林", "松柏"),
    "bamboo": ("竹子", "竹", "几根竹子", "翠竹", "竹林"),
    "flowers": ("花", "花朵", "鲜花", "几朵花", "盛开的花"),
    "house": ("房子", "小屋", "一座房子", "一间小屋", "房屋", "一座小房子"),
    "pagoda": ("塔", "宝塔", "一座塔", "一座宝塔", "古塔", "佛塔"),
    "bridge": ("桥", "小桥", "一座桥", "拱桥", "石桥", "一座小桥"),
    "boat": ("船", "小船", "一只小船", "一条船", "一艘船", "一叶扁舟", "帆船"),
    "lanterns": ("灯笼", "红灯笼", "几个灯笼", "几盏灯笼", "挂着的灯笼"),
    "sun": ("太阳", "一轮太阳", "红日", "太阳高挂"),
    "moon": ("月亮", "明月", "一轮明月", "弯月", "月牙", "月光"),
    "stars": ("星星", "繁星", "星空", "满天繁星", "点点星星"),
    "clouds": ("云", "白云", "云朵", "几朵云", "云彩"),
    "birds": ("鸟", "飞鸟", "几只鸟", "小鸟", "鸟儿", "飞翔的鸟"),
    "rain": ("雨", "下雨", "下着雨", "细雨", "大雨", "雨天"),
    "snow": ("雪", "下雪", "下着雪", "雪花", "大雪", "飘雪"),
}
EN_ELEMENTS: dict[str, tuple[str, ...]] = {
    "mountains": ("mountains", "mountains", "distant mountains", "snowy peaks", "tall mountains"),
    "hills": ("hills", "rolling hills", "green hills", "gentle hills"),
    "lake": ("a lake", "a lake", "a calm lake", "a quiet lake", "lake"),
    "sea": ("the sea", "the ocean", "sea", "waves", "the open sea"),
    "city": ("a city", "a city skyline", "a city", "skyscrapers", "city buildings"),
    "trees": ("trees", "trees", "some trees", "a few trees", "green trees"),
    "pines": ("pine trees", "pines", "fir trees", "some pine trees", "a few pines"),
    "bamboo": ("bamboo", "bamboo", "green bamboo", "bamboo stalks"),
    "flowers": ("flowers", "some flowers", "a few flowers", "blooming flowers"),
    "house": ("a house", "a house", "a cottage", "a small house", "a little house", "a cabin"),
    "pagoda": ("a pagoda", "a pagoda", "a tall pagoda", "a chinese pagoda", "a temple tower"),
    "bridge": ("a bridge", "a bridge", "a stone bridge", "an arched bridge", "a small bridge"),
    "boat": ("a boat", "a boat", "a small boat", "a sailboat", "a little boat"),
    "lanterns": ("lanterns", "red lanterns", "hanging lanterns", "some lanterns"),
    "sun": ("the sun", "a sun", "sun", "a bright sun"),
    "moon": ("the moon", "a moon", "a crescent moon", "moon", "a bright moon"),
    "stars": ("stars", "stars", "a starry sky", "twinkling stars"),
    "clouds": ("clouds", "clouds", "a few clouds", "some clouds"),
    "birds": ("birds", "birds", "flying birds", "a few birds", "some birds"),
    "rain": ("rain", "falling rain", "rain", "rainy weather"),
    "snow": ("snow", "falling snow", "snow", "snowfall"),
}
ZH_NEAR: dict[str, tuple[str, ...]] = {
    "mountains": ("山前", "山脚下", "山下"),
    "hills": ("山丘上", "小山上", "山丘前"),
    "lake": ("湖边", "湖畔", "湖边"),
    "sea": ("海边", "大海边", "海边"),
    "city": ("城市里", "城市中", "城里"),
}
EN_NEAR: dict[str, tuple[str, ...]] = {
    "mountains": ("in front of mountains", "below the mountains", "in the mountains"),
    "hills": ("on the hills", "in front of hills", "in the hills"),
    "lake": ("by a lake", "by the lake", "beside a lake", "at a lake"),
    "sea": ("by the sea", "by the ocean", "at the sea"),
    "city": ("in a city", "in the city", "in front of a city"),
}
ZH_AFLOAT = {"lake": ("湖上", "湖面上", "湖中"), "sea": ("海上", "海面上", "大海上")}
EN_AFLOAT = {
    "lake": ("on a lake", "on the lake", "on a calm lake"),
    "sea": ("on the sea", "at sea", "on the ocean"),
}
ZH_OVERHEAD = ("天上有", "天空中有", "空中有", "天上", "天空中")
EN_OVERHEAD = ("in the sky", "overhead", "above", "in the sky")
_OVERHEAD = ("sun", "moon", "stars", "clouds", "birds")
ZH_SCENERY = ("风景", "风景画", "景色", "美丽的风景")
EN_SCENERY = ("landscape", "scene", "scenery", "view")


def _zh_noun(name: str, rng: random.Random) -> str:
    return ZH_ELEMENTS[name][0] if rng.random() < 0.35 else rng.choice(ZH_ELEMENTS[name])


def _en_noun(name: str, rng: random.Random) -> str:
    return EN_ELEMENTS[name][0] if rng.random() < 0.35 else rng.choice(EN_ELEMENTS[name])


def _phrases(scene: Landscape, rng: random.Random, zh: bool) -> list[str]:
    """One phrase for each element, or for a building or boat with its ground."""
    left = list(scene.elements)
    phrases = []
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
        phrases.append(rng.choice(forms).format(p=place, t=thing))
        left.remove(name)
        left.remove(ground)
    for name in left:
        thing = noun(name, rng)
        if name in _OVERHEAD and not ("sky" in thing or "天" in thing) and rng.random() < 0.3:
            thing = rng.choice(ZH_OVERHEAD) + thing if zh else f"{thing} {rng.choice(EN_OVERHEAD)}"
        phrases.append(thing)
    if rng.random() < 0.4:
        rng.shuffle(phrases)
    return phrases


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


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _zh(scene: Landscape, rng: random.Random) -> str:
    forms: tuple[str, ...]
    night = scene.time == "night" and scene.time_said and rng.random() < 0.25
    if night:
        first, *rest = scene.elements
        nouns = _zh_join([_zh_noun(e, rng) for e in rest], rng)
        have = rng.choice(("，有", "，", "，")) + nouns
        text = f"{_zh_noun(first, rng)}{rng.choice(('', '的'))}夜景{have}"
    else:
        text = _zh_join(_phrases(scene, rng, True), rng)
    if scene.time_said and not night:
        time = rng.choice(ZH_TIMES[scene.time])
        forms = ("{m}的{t}", "{m}，{t}", "{t}，{m}", "{m}，{t}")
        text = rng.choice((*forms, "{t}，夜景") if scene.time == "night" else forms).format(
            m=time, t=text
        )
    elif rng.random() < 0.1:
        text = rng.choice(("{s}，{t}", "{t}的{s}")).format(s=rng.choice(ZH_SCENERY), t=text)
    if not scene.style_said:
        return text
    style = rng.choice(ZH_STYLES[scene.style])
    if style.endswith(("风格", "风")):
        forms = ("{s}，{t}", "{t}，{s}", "一幅{s}的画，{t}", "{s}：{t}", "{s}的{t}", "一幅{s}的{t}")
    elif style in ("水墨", "霓虹", "像素"):
        forms = ("{s}，{t}", "{t}，{s}", "{s}{t}", "{s}风格的{t}", "一幅{s}风格的画，{t}")
    else:
        forms = ("{s}，{t}", "{t}，{s}", "一幅{s}，{t}", "一幅{s}：{t}", "{s}：{t}")
    if scene.time_said and not night:
        forms = tuple(f for f in forms if "的{t}" not in f and "{s}{t}" not in f)
    return rng.choice(forms).format(s=style, t=text)


def _en(scene: Landscape, rng: random.Random) -> str:
    text, lead = _en_join(_phrases(scene, rng, False), rng), ""
    if scene.time_said:
        time = rng.choice(EN_TIMES[scene.time])
        if rng.random() < 0.2:
            lead = f"{time}, "
        else:
            text += rng.choice((" ", " ", ", ")) + time
    if not scene.style_said:
        if rng.random() < 0.1:
            text = f"{_article(rng.choice(EN_SCENERY))} with {text}"
        return lead + text
    forms: tuple[str, ...]
    if rng.random() < 0.3:
        look = rng.choice(EN_LOOKS[scene.style])
        view = rng.choice(EN_SCENERY)
        forms = ("{t}, {n} style", "{t} in {n} style", "{n} {v}: {t}", "{an} {v} with {t}")
        return lead + rng.choice(forms).format(t=text, n=look, v=view, an=_article(look))
    noun = rng.choice(EN_STYLES[scene.style])
    forms = ("{n} of {t}", "{an} of {t}", "{an} of {t}", "{t}, {n}", "{n}, {t}", "{n}: {t}")
    return lead + rng.choice(forms).format(t=text, n=noun, an=_article(noun))


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
    if scene.style_said:
        styles = ZH_STYLES[scene.style] if zh else EN_STYLES[scene.style] + EN_LOOKS[scene.style]
        found[scene.style] = any(w in text for w in styles)
    if scene.time_said:
        times = (*ZH_TIMES[scene.time], "夜景") if zh else EN_TIMES[scene.time]
        found[scene.time] = any(w in text for w in times)
    return found
