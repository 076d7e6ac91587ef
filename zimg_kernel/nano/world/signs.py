"""Signs with lettering: text, position, and captions.

A sign is a board with one to six glyphs in a row or a column. Its glyphs stand in cells of
32 pixels on a grid of 16, the pixels that a token of the transformer covers, at every picture
size: a sign is never scaled.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from zimg_kernel.nano.draw.glyphs import CELL, sample_text
from zimg_kernel.nano.draw.glyphs import EN_WORDS as EN_WORDS
from zimg_kernel.nano.draw.glyphs import ZH_PHRASES as ZH_PHRASES
from zimg_kernel.nano.text import words as w
from zimg_kernel.nano.text.english import article

from .layout import PLACES
from .palette import COLOURS, contrast

GRID = 16
MARGIN = 8
"""Pixels of board around the cells."""
MOST_GLYPHS = 6


@dataclass(frozen=True)
class Sign:
    """A board with lettering; ``x`` and ``y`` are the wanted centre in fractions of the sides.

    ``place``, ``board_named`` and ``ink_named`` tell what a caption mentions, besides ``vertical``.
    """

    text: str
    x: float
    y: float
    vertical: bool = False
    ink: str = "black"
    board: str = "white"
    place: str | None = None
    board_named: bool = False
    ink_named: bool = False


def _block(sign: Sign) -> tuple[int, int]:
    """Height and width of all cells in pixels."""
    long = CELL * len(sign.text)
    return (long, CELL) if sign.vertical else (CELL, long)


def fits(sign: Sign, height: int, width: int) -> bool:
    """Return whether the sign and its board find room in a picture of this size."""
    high, wide = _block(sign)
    return height >= high + 2 * GRID and width >= wide + 2 * GRID


def snapped(fraction: float) -> float:
    """A position in 1024ths: float32 then gives the same cells as Python's numbers."""
    return round(fraction * 1024) / 1024


def _start(fraction: float, side: int, length: int) -> int:
    wanted = math.floor((snapped(fraction) * side - length / 2) / GRID + 0.5) * GRID
    return min(max(wanted, GRID), side - length - GRID)


def cells(sign: Sign, height: int, width: int) -> list[tuple[int, int]]:
    """Top left pixels of the glyphs.

    Multiples of 16, as the height and the width must be. Raises ValueError if the sign does not
    fit: see :func:`fits`.
    """
    if not fits(sign, height, width):
        raise ValueError(f"A sign of {len(sign.text)} glyphs does not fit {width} x {height}.")
    high, wide = _block(sign)
    top, left = _start(sign.y, height, high), _start(sign.x, width, wide)
    down, along = (CELL, 0) if sign.vertical else (0, CELL)
    return [(top + i * down, left + i * along) for i in range(len(sign.text))]


def board_box(sign: Sign, height: int, width: int) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of the board in pixels (the last two are outside it)."""
    (top, left), (high, wide) = cells(sign, height, width)[0], _block(sign)
    return top - MARGIN, left - MARGIN, top + high + MARGIN, left + wide + MARGIN


def _luminance(colour: str) -> float:
    r, g, b = COLOURS[colour]
    return (0.299 * r + 0.587 * g + 0.114 * b) / 255


def legible(ink: str, board: str) -> bool:
    """Return whether ink reads well on a board: it differs in colour, and in lightness too."""
    light = abs(_luminance(ink) - _luminance(board))
    return light >= 0.25 and contrast(COLOURS[ink], COLOURS[board]) >= 0.6


def default_ink(board: str) -> str:
    """The ink of a board of which only the board's colour is known."""
    return "black" if _luminance(board) > 0.45 else "white"


def default_board(ink: str) -> str:
    """The board of lettering of which only the ink is known."""
    return "white" if legible(ink, "white") else "black"


_PAIRS = tuple((i, b) for b in COLOURS for i in COLOURS if legible(i, b))


def _looks(rng: random.Random) -> tuple[str, str, bool, bool]:
    """Ink, board, and whether the caption says each of them."""
    kind = rng.random()
    if kind < 0.5:
        return (*rng.choice(_PAIRS), True, True)
    colour = rng.choice(tuple(COLOURS))
    if kind < 0.75:
        return default_ink(colour), colour, False, True
    return colour, default_board(colour), True, False


def sample_sign(
    rng: random.Random,
    *,
    details: bool = True,
    place: str | None = "draw",
    lang: str | None = None,
    most: int = MOST_GLYPHS,
) -> Sign:
    """Draw a sign for a picture of 256 x 256 (smaller ones need :func:`fits`).

    Parameters
    ----------
    rng : random.Random
    details : bool
        Whether colours and vertical lettering may occur; else black on white, in a row.
    place : str, optional
        A name of ``PLACES``, None for an open one (the sign is then centred), or "draw".
    lang : {"zh", "en"}, optional
        Chinese text only, or capitals and digits only.
    most : int
        The most glyphs, 1 to 6.
    """
    vertical = details and most > 1 and rng.random() < 0.14
    beside = place not in (None, "draw") and PLACES[str(place)][0] != 0.5
    text = sample_text(rng, lang, min(most, 2) if beside and not vertical else most)
    vertical = vertical and len(text) > 1
    if place == "draw":
        short = ("top", "bottom", "left", "right")
        fit = short if len(text) <= 2 else (short[2:] if vertical else short[:2])
        place = None if rng.random() < 0.55 else rng.choice(fit)
    x, y = PLACES[place or "center"]
    ink, board, ink_named, board_named = "black", "white", False, False
    if details and rng.random() < 0.35:
        ink, board, ink_named, board_named = _looks(rng)
    return Sign(text, x, y, vertical, ink, board, place, board_named, ink_named)


_ZH_QUOTES = ("“{}”",) * 8 + ('"{}"',) * 4 + ("「{}」",) * 2 + ("《{}》",)
_EN_QUOTES = ('"{}"',) * 8 + ("“{}”",) * 3 + ("'{}'",) * 3
_ZH_NOUNS = ("招牌", "招牌", "牌子", "牌子", "标牌", "告示牌", "指示牌", "牌匾")
_EN_NOUNS = ("sign", "sign", "sign", "sign", "board", "signboard", "placard")
_ZH_FORMS = (
    "一块{s}，上面写着{i}{q}|一块写着{i}{q}的{s}|{s}上写着{i}{q}|{s}，上面写着{i}{q}|{s}上有{i}{q}|"
    "写着{i}{q}的{s}|{s}，写着{i}{q}|带有{i}{q}的{s}|印着{i}{q}的{s}"
)
_ZH_PLAIN = "{s}，文字是{q}|{s}{q}|{q}{s}|{s}上的字是{q}|一块{q}{s}|{s}，文字{q}"
_EN_FORMS = (
    "{s} that says {q}{i}|{s} that reads {q}{i}|{s} saying {q}{i}|{s} reading {q}{i}|"
    "{s} with the text {q}{i}|the text {q}{i} on {s}|{q} written{i} on {s}|{s} with {q}{i} on it|"
    "{s}, it says {q}{i}|{s} with {q} written on it{i}"
)


def _zh_caption(sign: Sign, rng: random.Random, quoted: str | None) -> str:
    board = ink = before = after = ""
    if sign.board_named:
        board = rng.choice(w.ZH_COLOURS[sign.board]) + rng.choice(("的", "", ""))
    if sign.ink_named:
        ink = rng.choice(w.ZH_COLOURS[sign.ink]) + rng.choice(("的字", "字", "的文字", "大字"))
    if sign.board_named and sign.ink_named and rng.random() < 0.25:
        # The first character of a colour's first name is its short form: 红色, 红.
        board, ink = (w.ZH_COLOURS[c][0][0] for c in (sign.board, sign.ink))
        board, ink = f"{board}底{ink}字的", ""
    if sign.vertical and (quoted is None or rng.random() < 0.6):
        board = rng.choice(("竖着的", "竖排的", "竖直的", "竖式", "竖")) + board
    elif sign.vertical:
        after = rng.choice(("，竖着写", "，文字竖排", "，从上到下写", "，竖排"))
    if sign.place:
        place = rng.choice(w.ZH_PLACES[sign.place])
        if quoted is None or rng.random() < 0.55:
            before = place + rng.choice(("有", "是", "，", ""))
        else:
            after += rng.choice(("，在", "，位于")) + place
    elif rng.random() < 0.08:
        before = rng.choice(w.ZH_OPENERS)
    noun = board + rng.choice(_ZH_NOUNS)
    if quoted is None:
        return (
            before
            + noun
            + (f"，{ink}：" if ink else rng.choice(("：", "，文字：", "，写着：")))
            + sign.text
        )
    form = rng.choice((_ZH_FORMS if ink or rng.random() < 0.7 else _ZH_PLAIN).split("|"))
    return before + form.format(s=noun, i=ink, q=quoted) + after + rng.choice(("", "", "", "。"))


def _en_caption(sign: Sign, rng: random.Random, quoted: str | None) -> str:
    noun, ink, before, after = rng.choice(_EN_NOUNS), "", "", ""
    if sign.board_named:
        noun = f"{rng.choice(w.EN_COLOURS[sign.board])} {noun}"
    if sign.ink_named:
        kind = rng.choice((" in {}", " in {} letters", " in {} letters", " in {} text"))
        ink = kind.format(rng.choice(w.EN_COLOURS[sign.ink]))
    if sign.vertical and (quoted is None or rng.random() < 0.6):
        noun = f"vertical {noun}"
    elif sign.vertical:
        after = rng.choice((", written vertically", ", from top to bottom", ", vertical text"))
    if sign.place:
        place = rng.choice(w.EN_PLACES[sign.place])
        if quoted is None or rng.random() < 0.4:
            before = place + rng.choice((" there is ", ", ", ": ", " "))
        else:
            after += rng.choice((" ", ", ")) + place
    elif rng.random() < 0.08:
        before = rng.choice(w.EN_OPENERS) + " "
    named = article(noun) if rng.random() < 0.8 else noun
    if quoted is None:
        text = before + named + rng.choice((", the text", " with the text", ", text", "")) + ink
        text += ": " + sign.text
    else:
        text = before + rng.choice(_EN_FORMS.split("|")).format(s=named, i=ink, q=quoted) + after
        text += rng.choice(("", "", "", "."))
    return text if rng.random() < 0.5 else text[:1].upper() + text[1:]


def sign_caption(sign: Sign, rng: random.Random, lang: str) -> str:
    """Describe a sign in Chinese ("zh") or English ("en"); its text stands there verbatim.

    The text is in quotes, in 5 % of the captions after a colon. Colours and place are said
    exactly where the sign says so.
    """
    quotes = _ZH_QUOTES if lang == "zh" else _EN_QUOTES
    quoted = rng.choice(quotes).format(sign.text) if rng.random() > 0.05 else None
    return (_zh_caption if lang == "zh" else _en_caption)(sign, rng, quoted)
