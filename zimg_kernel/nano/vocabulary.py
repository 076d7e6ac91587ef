"""Which words of a prompt the miniature knows, and what comes nearest to those that it does not.

It knows what it has read in training: ``vocabulary.txt`` lists these words, written by
``python -m zimg_kernel.nano.vocabulary`` from many captions and instructions.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from zimg_kernel.nano.glyphs import CHARS, CHINESE
from zimg_kernel.nano.landscape_words import EN_SCENERY, EN_STYLES, ZH_SCENERY, ZH_STYLES
from zimg_kernel.nano.nearest import NEAREST, SIGNS, SUBJECTS
from zimg_kernel.nano.signs import MOST_GLYPHS

FILE = Path(__file__).with_name("vocabulary.txt")
_QUOTED = re.compile(
    r"\"([^\"]*)\"|“([^”]*)”|「([^」]*)」|『([^』]*)』|《([^》]*)》|'([^']*)'(?!\w)"
)
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[a-z]+(?:[-'’][a-z]+)*|[{_HAN}]+|\d+|[^\W\d_a-z{_HAN}]+|\S", re.I)
_CHINESE = re.compile(f"[{_HAN}]")
_AFTER_COLON = re.compile(rf"[:：]\s*([{CHARS}]{{1,{MOST_GLYPHS}}})(?![{CHARS}a-z])")
_STYLES = sorted(
    {words for styles in (ZH_STYLES, EN_STYLES) for group in styles.values() for words in group}
    | {*ZH_SCENERY, *EN_SCENERY},
    key=len,
    reverse=True,
)
"""What says how a landscape looks, or that it is one, but not what it shows; the longest first."""
_SILENT = re.compile(r"[\d\W_]+")
_OLD, _NEW = "紅藍綠圓邊個顆環愛黃側間條紋點畫張圖兩", "红蓝绿圆边个颗环爱黄侧间条纹点画张图两"


@dataclass(frozen=True)
class Reading:
    """How the miniature reads a prompt.

    Attributes
    ----------
    unknown : tuple of str
        Words that it has never read, each once, in their order.
    nearest : dict of str to str
        For some of them, something near that it can draw.
    has_subject : bool
        Whether anything is named that it can draw.
    unprintable : str
        Characters of the lettering that its signs do not have.
    long_signs : tuple of str
        Lettering of more than six characters.
    only_style : bool
        Whether a style or "a landscape" is named, and nothing that it could show.
    """

    unknown: tuple[str, ...]
    nearest: dict[str, str]
    has_subject: bool
    unprintable: str = ""
    long_signs: tuple[str, ...] = ()
    only_style: bool = False


def _split(prompt: str) -> tuple[str, list[str]]:
    """A prompt without its lettering, and the lettering: in quotes, or after a sign's colon."""
    signs = ["".join(groups).strip() for groups in _QUOTED.findall(prompt)]
    text = _QUOTED.sub(" , ", prompt)
    end = _AFTER_COLON.search(text)
    if not signs and end and any(s in text.lower() for s in SIGNS):
        return text[: end.start()] + " , " + text[end.end() :], [end[1]]
    return text, signs


def lettering(prompt: str) -> list[str]:
    """What a prompt wants written on signs."""
    return _split(prompt)[1]


def _runs(text: str) -> Iterator[str]:
    text = text.lower().translate(str.maketrans(_OLD, _NEW))
    for run in _RUN.findall(text.replace("rose pink", "pink")):
        if not _SILENT.fullmatch(run) or ord(run[0]) > 0x1F000:  # an emoji is a word, too
            yield run.replace("’", "'")


def _segments(run: str) -> list[str]:
    """A run of Chinese characters as words."""
    import rjieba

    return list(rjieba.cut(run))


@lru_cache
def _words() -> frozenset[str]:
    return frozenset(FILE.read_text(encoding="utf-8").split())


@lru_cache
def _longest() -> int:
    return max(len(w) for w in _words() if _CHINESE.match(w))


def _covered(text: str, words: frozenset[str]) -> bool:
    """Whether a text is nothing but known words, one after the other."""
    reach = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        reach[end] = any(
            reach[start] and text[start:end] in words
            for start in range(max(0, end - _longest()), end)
        )
    return reach[-1]


def _unknown_chinese(run: str, words: frozenset[str]) -> list[str]:
    """Words of a run that are neither known nor made of known ones.

    A known word may span several of the segmenter's; it may not be cut out of one of them: an
    owl (猫头鹰) is no cat (猫).
    """
    parts = _segments(run)
    found: list[str] = []
    i = 0
    while i < len(parts):
        for j in range(len(parts), i, -1):
            if parts[i] not in NEAREST and _covered("".join(parts[i:j]), words):
                break
        else:
            found.append(_whole(parts[i], run))
            j = i + 1
        i = j
    return found


def _whole(part: str, run: str) -> str:
    """The word that an unknown segment belongs to: 酒 in 酒红色, 玫瑰 in 朵玫瑰."""
    around = [k for k in NEAREST if len(k) > 1 and k in run and (k in part or part in k)]
    return max(around, key=len, default=part)


def _known_english(word: str, words: frozenset[str]) -> bool:
    ends = [word, *(word.removesuffix(e) for e in ("s", "es", "'s"))]
    if any(w in words for w in ends):
        return True
    return "-" in word and all(_known_english(w, words) for w in word.split("-") if w)


def read(prompt: str) -> Reading:
    """Find what the miniature does not know in a prompt.

    Parameters
    ----------
    prompt : str
        In Chinese or English. What stands in quotation marks is lettering.

    Returns
    -------
    Reading
    """
    words = _words()
    unknown: list[str] = []
    text, signs = _split(prompt)
    runs = list(_runs(text))
    for run in runs:
        if _CHINESE.match(run):
            unknown += _unknown_chinese(run, words)
        elif not _known_english(run, words):
            unknown.append(run)
    unknown = list(dict.fromkeys(unknown))
    unprintable = "".join(dict.fromkeys(c for s in signs for c in s if c not in CHARS + " "))
    return Reading(
        tuple(unknown),
        {w: near for w in unknown if (near := _near(w))},
        bool(signs) or any(_names_subject(run, unknown) for run in runs),
        unprintable,
        tuple(s for s in signs if len(s.replace(" ", "")) > MOST_GLYPHS),
        not signs and _only_style(text, unknown),
    )


def _only_style(text: str, unknown: list[str]) -> bool:
    """Whether nothing is left to draw without the words for styles, of which there are some."""
    rest = text.lower()
    for words in _STYLES:
        rest = rest.replace(words, " ")
    return rest != text.lower() and not any(_names_subject(run, unknown) for run in _runs(rest))


def _names_subject(run: str, unknown: list[str]) -> bool:
    if not _CHINESE.match(run):
        ends = (run, run.removesuffix("s"), run.removesuffix("es"))
        return any(e in SUBJECTS for e in (*ends, *run.split("-")))
    for word in unknown:
        run = run.replace(word, "，")
    return any(s in run for s in SUBJECTS if _CHINESE.match(s))


def _near(word: str) -> str:
    if word in NEAREST:
        return NEAREST[word]
    single = word.removesuffix("s")
    if single in NEAREST:
        return NEAREST[single]
    if _CHINESE.search(word) or len(word) < 4:
        return ""
    close = get_close_matches(word, [w for w in _words() if w.isascii()], 1, 0.8)
    return close[0] if close else ""


DRAWS = "The miniature draws shapes, simple landscapes and short signs"


def _named(reading: Reading) -> str:
    return ", ".join(
        f"{w} (the nearest it can do: {reading.nearest[w]})" if w in reading.nearest else w
        for w in reading.unknown
    )


def refusal(reading: Reading) -> str:
    """Why a prompt cannot be drawn, and what to do; empty if it can."""
    if not reading.unknown or reading.has_subject:
        return ""
    chinese = any(_CHINESE.search(w) for w in reading.unknown)
    like = (
        "左边一个红色的圆，水墨画：山和湖" if chinese else "a red cat on the grass, a lake at dusk"
    )
    near = next(iter(reading.nearest.values()), "")
    first = f"Put {near} instead" if near else f"Write something like: {like}"
    return (
        f"{DRAWS}; it does not know {_named(reading)}, and nothing else that it could draw is "
        f"named. {first}, or choose a full-size model."
    )


def notes(reading: Reading) -> list[str]:
    """What a user should know who gets a picture of a prompt that is understood in part."""
    said = []
    if reading.unknown:
        said.append(f"{DRAWS}; it does not know {_named(reading)} and draws the rest.")
    if reading.unprintable:
        capitals = reading.unprintable.isascii() and reading.unprintable.isalpha()
        hint = "write them in capitals" if capitals else "they come out as something else"
        said.append(
            f"Its signs have capitals, digits and {len(CHINESE)} Chinese characters, but not "
            f"{' '.join(reading.unprintable)}: {hint}."
        )
    if reading.only_style:
        said.append(
            "No thing is named, only a style or a landscape, so the picture stays nearly empty: "
            "say what it shows, as in "
            "“水墨画：群山和湖” or “neon art of mountains and a lake”."
        )
    said += [
        f"Its signs have room for {MOST_GLYPHS} characters, and “{text}” has "
        f"{len(text.replace(' ', ''))}: not all of them will be right."
        for text in reading.long_signs
    ]
    return said


def make(n: int = 200_000, seed: int = 1, least: int = 8) -> list[str]:
    """The words that occur ``least`` times in ``n`` captions and instructions, sorted.

    The segmenter's rare oddities fall out by that; lettering is no word.
    """
    from zimg_kernel.nano.data import MAKERS

    rng = random.Random(f"vocabulary {seed}")
    found: Counter[str] = Counter()
    for i in range(n):
        scenes, text = MAKERS["edit" if i % 4 == 0 else "text"](rng)
        for scene in scenes:
            if scene.sign is not None:
                text = text.replace(scene.sign.text, ",")
        for run in _runs(_split(text)[0]):
            found.update(_segments(run) if _CHINESE.match(run) else [run])
    often = {word for word, count in found.items() if count >= least}
    return sorted((often | _listed()) - NEAREST.keys())


def _listed() -> set[str]:
    """The Chinese words of the tables, rare ones too."""
    from zimg_kernel.nano import landscape_words, words

    found: set[str] = set()
    for module in (words, landscape_words):
        for name, table in vars(module).items():
            if name.startswith("ZH_"):
                for group in table.values() if isinstance(table, dict) else [table]:
                    found.update([group] if isinstance(group, str) else group)
    return {word for word in found if _CHINESE.match(word) and "{" not in word}


if __name__ == "__main__":
    FILE.write_text("\n".join(make()) + "\n", encoding="utf-8")
