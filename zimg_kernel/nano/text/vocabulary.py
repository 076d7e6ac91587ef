"""Vocabulary of the miniature: unknown words of a prompt, and the nearest known ones.

It knows what it has read in training: ``vocabulary.txt`` lists these words, written by
``python -m zimg_kernel.nano.text.vocabulary`` from many captions and instructions.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zimg_kernel.nano.draw.glyphs import CHARS
from zimg_kernel.nano.world.signs import MOST_GLYPHS

from .english import plural_of
from .landscape_captions import EN_SCENERY, EN_STYLES, ZH_SCENERY, ZH_STYLES
from .nearest import NEAREST, SAME, SIGNS, SUBJECTS
from .typos import correct_typo
from .words import TRADITIONAL

FILE = Path(__file__).with_name("vocabulary.txt")
QUOTED = re.compile(
    r"\"([^\"]*)\"|“([^”]*)”|「([^」]*)」|『([^』]*)』|《([^》]*)》|'([^']*)'(?!\w)"
)
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[a-z]+(?:[-'’][a-z]+)*|[{_HAN}]+|\d+|[^\W\d_a-z{_HAN}]+|\S", re.I)
_CHINESE = re.compile(f"[{_HAN}]")
_AFTER_COLON = re.compile(rf"[:：]\s*([{CHARS}]{{1,{MOST_GLYPHS}}})(?![{CHARS}a-z])")
STYLES = sorted(
    {words for styles in (ZH_STYLES, EN_STYLES) for group in styles.values() for words in group}
    | {*ZH_SCENERY, *EN_SCENERY},
    key=len,
    reverse=True,
)
"""Words for the style of a landscape, or that it is one, but not for its content; longest first."""
_SILENT = re.compile(r"[\d\W_]+")
_ALONE = "红橙黄绿青蓝紫粉棕黑白灰左右两三四五"
"""Characters that are a word also where the segmenter joins them to the one before."""
_TO_SIMPLIFIED = str.maketrans(TRADITIONAL)


@dataclass(frozen=True)
class PromptReading:
    """Result of reading a prompt.

    Attributes
    ----------
    prompt : str
        What was read.
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

    prompt: str
    unknown: tuple[str, ...]
    nearest: dict[str, str]
    has_subject: bool
    unprintable: str = ""
    long_signs: tuple[str, ...] = ()
    only_style: bool = False


def is_chinese(text: str) -> bool:
    """Return whether there are Chinese characters in a text."""
    return bool(_CHINESE.search(text))


def _mask(match: re.Match[str]) -> str:
    return "," * len(match[0])


def split_lettering(prompt: str) -> tuple[str, list[str]]:
    """Return a prompt with commas for its lettering, and that: quoted, or after a colon."""
    signs = ["".join(groups).strip() for groups in QUOTED.findall(prompt)]
    text = QUOTED.sub(_mask, prompt)
    end = next(iter(reversed(list(_AFTER_COLON.finditer(text)))), None)
    if not signs and end and any(s in text.lower() for s in SIGNS):
        return text[: end.start()] + _mask(end) + text[end.end() :], [end[1]]
    return text, signs


def lettering(prompt: str) -> list[str]:
    """Return the texts that a prompt wants written on signs."""
    return split_lettering(prompt)[1]


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the start of each word, or run of Chinese characters, and its text in lower case."""
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    text = lower.translate(_TO_SIMPLIFIED).replace("rose pink", "     pink")
    for match in _RUN.finditer(text):
        run = match[0]
        if not _SILENT.fullmatch(run) or ord(run[0]) > 0x1F000:  # an emoji is a word, too
            yield match.start(), run.replace("’", "'")


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
    """Return whether a text is nothing but known words, one after the other."""
    reach = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        reach[end] = any(
            reach[start] and text[start:end] in words
            for start in range(max(0, end - _longest()), end)
        )
    return reach[-1]


def _unknown_chinese(run: str, words: frozenset[str]) -> list[tuple[int, str]]:
    """Words of a run that are neither known nor made of known ones, and where they begin.

    A known word may span several of the segmenter's; it may not be cut out of one of them: an
    owl (猫头鹰) is no cat (猫).
    """
    parts = _segments(run)
    begin = [0]
    for part in parts:
        begin.append(begin[-1] + len(part))
    found: dict[int, str] = {}
    i = 0
    while i < len(parts):
        for j in range(len(parts), i, -1):
            if parts[i] not in NEAREST and _covered("".join(parts[i:j]), words):
                break
        else:
            word = _whole(_bare(parts[i], words), run)
            # It lies over the segment, and may begin before it.
            at = range(max(0, begin[i] + 1 - len(word)), begin[i + 1])
            found.setdefault(next((p for p in at if run.startswith(word, p)), begin[i]), word)
            j = i + 1
        i = j
    spans = sorted(found.items())
    ends = [0, *(at + len(word) for at, word in spans)]
    return [span for span, end in zip(spans, ends, strict=False) if span[0] >= end]


def _bare(part: str, words: frozenset[str]) -> str:
    """An unknown word without what is known beside it: 狗 in 黑狗, 看 in 看右."""
    for cut in range(1, len(part)):
        if part[cut:] in NEAREST and _covered(part[:cut], words):
            return part[cut:]
    return part[:-1] if len(part) > 1 and part[-1] in _ALONE else part


def _whole(part: str, run: str) -> str:
    """The word that an unknown segment belongs to: 酒 in 酒红色, 玫瑰 in 朵玫瑰."""
    around = [k for k in NEAREST if len(k) > 1 and k in run and (k in part or part in k)]
    return max(around, key=len, default=part)


def _known_english(word: str, words: frozenset[str]) -> bool:
    ends = [word, *(word.removesuffix(e) for e in ("s", "es", "'s"))]
    if any(w in words for w in ends):
        return True
    return "-" in word and all(_known_english(w, words) for w in word.split("-") if w)


def unknown_words(prompt: str) -> list[tuple[int, str]]:
    """Return the start and text of each word that the miniature does not know, in their order."""
    words = _words()
    found: list[tuple[int, str]] = []
    for start, run in _runs(split_lettering(prompt)[0]):
        if _CHINESE.match(run):
            found += [(start + at, word) for at, word in _unknown_chinese(run, words)]
        elif not _known_english(run, words):
            found.append((start, run))
    return found


def read(prompt: str) -> PromptReading:
    """Find what the miniature does not know in a prompt.

    Parameters
    ----------
    prompt : str
        In Chinese or English. What stands in quotation marks is lettering.

    Returns
    -------
    PromptReading
    """
    text, signs = split_lettering(prompt)
    unknown = list(dict.fromkeys(word for _, word in unknown_words(prompt)))
    runs = [run for _, run in _runs(text)]
    runs += [same for word in unknown if (same := SAME.get(word) or corrected(word))]
    unprintable = "".join(dict.fromkeys(c for s in signs for c in s if c not in CHARS + " "))
    return PromptReading(
        prompt,
        tuple(unknown),
        {w: near for w in unknown if (near := nearest_known(w))},
        bool(signs) or any(names_subject(run, unknown) for run in runs),
        unprintable,
        tuple(s for s in signs if len(s.replace(" ", "")) > MOST_GLYPHS),
        not signs and _only_style(text, unknown),
    )


def _only_style(text: str, unknown: list[str]) -> bool:
    """Return whether a text names styles and nothing to draw besides."""
    rest = text.lower()
    for words in STYLES:
        rest = rest.replace(words, " ")
    return rest != text.lower() and not any(names_subject(run, unknown) for _, run in _runs(rest))


def names_subject(run: str, unknown: list[str]) -> bool:
    """Return whether a word, or a run of Chinese without its unknown words, names what is drawn."""
    if not _CHINESE.match(run):
        ends = (run, run.removesuffix("s"), run.removesuffix("es"))
        return any(e in SUBJECTS for e in (*ends, *run.split("-")))
    for word in unknown:
        run = run.replace(word, "，")
    return any(s in run for s in SUBJECTS if _CHINESE.match(s))


def nearest_known(word: str) -> str:
    """Return what comes nearest to an unknown word, in the same number, or "" if nothing does."""
    if word in NEAREST:
        return NEAREST[word]
    single = word.removesuffix("s")
    if single in NEAREST:
        near = NEAREST[single]
        return near if near.endswith("s") or " " in near else plural_of(near)
    return corrected(word)


@lru_cache(maxsize=1024)
def corrected(word: str) -> str:
    """Return the known word that an unknown one misspells, or whose singular it is, or ""."""
    if word.isascii() and word + "s" in _words():
        return word + "s"
    return correct_typo(word, (w for w in _words() if w.isascii()))


def make(n: int = 200_000, seed: int = 1, least: int = 8) -> list[str]:
    """The words that occur ``least`` times in ``n`` captions and instructions, sorted.

    The segmenter's rare oddities fall out by that; lettering is no word.
    """
    from zimg_kernel.nano.train.data import MAKERS

    rng = random.Random(f"vocabulary {seed}")
    found: Counter[str] = Counter()
    for i in range(n):
        scenes, text = MAKERS["edit" if i % 4 == 0 else "text"](rng)
        for scene in scenes:
            if scene.sign is not None:
                text = text.replace(scene.sign.text, ",")
        for _, run in _runs(split_lettering(text)[0]):
            found.update(_segments(run) if _CHINESE.match(run) else [run])
    often = {word for word, count in found.items() if count >= least}
    return sorted((often | _listed()) - NEAREST.keys())


def _listed() -> set[str]:
    """The Chinese words of the tables, rare ones too."""
    from . import landscape_captions, words

    found: set[str] = set()
    for module in (words, landscape_captions):
        for name, table in vars(module).items():
            if name.startswith("ZH_"):
                for group in table.values() if isinstance(table, dict) else [table]:
                    found.update([group] if isinstance(group, str) else group)
    return {word for word in found if _CHINESE.match(word) and "{" not in word}


if __name__ == "__main__":
    FILE.write_text("\n".join(make()) + "\n", encoding="utf-8")
