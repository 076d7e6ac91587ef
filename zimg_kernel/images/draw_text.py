"""Headings drawn into a picture, in the letters that this machine has."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageDraw, ImageFont

# Fonts with Chinese characters as Linux, Windows and macOS ship them; Pillow finds them by
# name. Its own font, without Chinese, is the last resort.
_NAMES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "msyh.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "DejaVuSans.ttf",
)


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font of this size in px."""
    for name in _NAMES:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def draw_centred(
    draw: ImageDraw.ImageDraw,
    text: str,
    box: tuple[int, int, int, int],
    size: int,
    *,
    bold: bool = False,
) -> None:
    """Write text into the middle of a box (left, top, right, bottom), on as many lines as fit."""
    left, top, right, bottom = box
    letters = font(size)
    lines = _wrapped(text, right - left, size)
    high = round(1.3 * size)
    most = max(1, (bottom - top) // high)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    start = top + (bottom - top - len(lines) * high) // 2
    for number, line in enumerate(lines):
        x = left + (right - left - letters.getlength(line)) / 2
        stroke = 0.4 if bold else 0
        draw.text((x, start + number * high), line, "#222222", letters, stroke_width=stroke)


def _wrapped(text: str, width: int, size: int) -> list[str]:
    """Break at spaces, and anywhere in what has none, as Chinese."""
    letters = font(size)
    lines, line = [], ""
    for word in _words(text):
        if line and letters.getlength(line + word) > width:
            lines.append(line.strip())
            line = ""
        line += word if line else word.lstrip()
        while len(line) > 1 and letters.getlength(line) > width:
            fits = next(n for n in range(len(line) - 1, 0, -1)
                        if n == 1 or letters.getlength(line[:n]) <= width)  # fmt: skip
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.strip()]


def _words(text: str) -> list[str]:
    """Words with the space before them; a Chinese character is a word."""
    words: list[str] = []
    for char in text:
        if char == " " or ord(char) > 0x2E7F or not words or ord(words[-1][-1]) > 0x2E7F:
            words.append(char)
        else:
            words[-1] += char
    return words
