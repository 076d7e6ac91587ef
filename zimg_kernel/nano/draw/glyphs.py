"""Glyphs of the miniature's signs: characters, images, and texts to sample.

``glyphs.png`` holds them in cells of 32 x 32 pixels, so that no font is needed at run time;
``python -m zimg_kernel.nano.draw.glyphs --font wqy-microhei.ttc`` makes it again.
"""

from __future__ import annotations

import argparse
import random
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from zimg_kernel.nano.tables import Phrases, read_tables

_TABLES = read_tables(__file__, "glyphs.yaml")
CHINESE: str = "".join(_TABLES["chinese"][0].split())
"""Simplified characters of everyday signs, shops, seasons, greetings, food, numbers, places."""
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
CHARS = CHINESE + CAPITALS + DIGITS
"""All characters; the position of one is its glyph id."""

ZH_PHRASES: Phrases = _TABLES["zh_phrases"]
EN_WORDS: Phrases = _TABLES["en_words"]
"""Texts of signs besides random strings, one to six glyphs each."""

CELL = 32
"""Side of a glyph in pixels: two tokens of a transformer that sees 16 x 16 pixels at once."""
SHEET = Path(__file__).with_name("glyphs.png")
_COLUMNS = 24
_FINE = 8
"""Glyphs are drawn this many times larger, then averaged down."""


def sample_text(rng: random.Random, lang: str | None, most: int) -> str:
    """Half phrases, half random strings, which show every glyph equally often."""
    odds = {"phrase": 0.25, "zh": 0.4, "word": 0.12, "latin": 0.23}
    kinds = {None: tuple(odds), "zh": ("phrase", "zh"), "en": ("word", "latin")}[lang]
    kind = rng.choices(kinds, [odds[k] for k in kinds])[0]
    if kind in ("phrase", "word"):
        every = ZH_PHRASES if kind == "phrase" else EN_WORDS
        long = most > 4 and rng.random() < 0.1
        return rng.choice([t for t in every if len(t) <= most and (len(t) > 4) == long])
    n = min(most, rng.choices((1, 2, 3, 4, 5, 6), (0.22, 0.26, 0.22, 0.2, 0.06, 0.04))[0])
    if kind == "zh":
        return "".join(rng.choices(CHINESE, k=n))
    form = rng.random()
    if form < 0.15 and most >= 4:
        return str(rng.randint(1900, 2099))
    if form < 0.35:
        return "".join(rng.choices(DIGITS, k=n))
    return "".join(rng.choices(CAPITALS if form < 0.75 else CAPITALS + DIGITS, k=n))


@lru_cache(maxsize=1)
def atlas() -> np.ndarray:
    """Read the sheet.

    Returns
    -------
    np.ndarray
        (len(CHARS), 32, 32) float32 coverage, 0 (board) to 1 (ink). Shared: do not write to it.
    """
    with Image.open(SHEET) as sheet:
        pixels = np.asarray(sheet.convert("L"), dtype=np.float32) / 255
    rows = pixels.shape[0] // CELL
    cells = pixels.reshape(rows, CELL, _COLUMNS, CELL).swapaxes(1, 2).reshape(-1, CELL, CELL)
    return np.ascontiguousarray(cells[: len(CHARS)])


def _drawn(char: str, font: ImageFont.FreeTypeFont, bold: int) -> Image.Image:
    """A glyph cropped to its ink, its strokes widened by ``bold`` fine pixels on each side."""
    canvas = Image.new("L", (2 * CELL * _FINE,) * 2)
    start = CELL * _FINE // 2
    ImageDraw.Draw(canvas).text((start, start), char, 255, font)
    # Not stroke_width: FreeType's stroker leaves the frames of characters like 口 thin.
    wider = canvas.filter(ImageFilter.MaxFilter(2 * bold + 1))
    return wider.crop(wider.getbbox())


def _glyph(char: str, path: str) -> Image.Image:
    """One cell: 30 pixels at most for Chinese characters, capitals and digits 25 high."""
    chinese = char in CHINESE
    most_high, most_wide = (30, 30) if chinese else (25, 28)
    font = ImageFont.truetype(path, round((31 if chinese else 33.5) * _FINE))
    for bold in (3, 2, 1):
        ink = _drawn(char, font, bold)
        # Wider strokes would close the gaps of characters that have many.
        if np.asarray(ink).sum() / 255 < 0.42 * (CELL * _FINE) ** 2:
            break
    wide = min(ink.width, most_wide * _FINE)
    high = min(ink.height, most_high * _FINE) if chinese else most_high * _FINE
    cell = Image.new("L", (CELL * _FINE,) * 2)
    spot = ((cell.width - wide) // 2, (cell.height - high) // 2)
    cell.paste(ink.resize((wide, high), Image.Resampling.LANCZOS), spot)
    small = cell.resize((CELL, CELL), Image.Resampling.BOX)
    # Sixteen levels are enough for an edge and halve the file.
    return small.point(lambda v: round(v / 17) * 17)


def make_sheet(font: str) -> Image.Image:
    """Draw all glyphs with a font file (.ttf, .ttc) into a sheet 24 cells wide."""
    rows = -(-len(CHARS) // _COLUMNS)
    sheet = Image.new("L", (_COLUMNS * CELL, rows * CELL))
    for i, char in enumerate(CHARS):
        sheet.paste(_glyph(char, font), (i % _COLUMNS * CELL, i // _COLUMNS * CELL))
    return sheet


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", required=True, help="path of wqy-microhei.ttc")
    make_sheet(parser.parse_args().font).save(SHEET, optimize=True)
