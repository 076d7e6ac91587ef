"""Contact sheets: several pictures as HTML for a notebook or as one picture."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from .encode import jpeg_url
from .text import NO_FORMULAS

if TYPE_CHECKING:
    from .image import GeneratedImage

ROW = f'<div class="{NO_FORMULAS}" style="display:flex;flex-wrap:wrap;gap:12px">{{}}</div>'
_THUMB_SIDE = 192
_SHEET_BYTES = 150_000  # of JPEG in one sheet, so that a saved notebook stays small


class GeneratedImages(list["GeneratedImage"]):
    """The pictures of one request: a list shown as a contact sheet in notebooks."""

    def _repr_html_(self) -> str:
        return sheet_html(self)


def sheet_html(images: Sequence[GeneratedImage], side: int = _THUMB_SIDE) -> str:
    """Return small pictures with their prompts and seeds, as HTML that needs no kernel.

    Parameters
    ----------
    images : sequence of GeneratedImage
        In this order.
    side : int
        Longer side of each small picture, px.
    """
    budget = _SHEET_BYTES // max(1, len(images))
    cells = []
    for image in images:
        address = jpeg_url(image.preview(side, min(budget, 25_000)))
        alt = html.escape(image.params.prompt, quote=True)
        cells.append(
            f'<figure style="margin:0;width:{side}px"><img alt="{alt}" '
            f'src="{address}" style="max-width:100%;border-radius:4px">'
            f'<figcaption style="font-size:80%;opacity:.8">{alt}<br>seed {image.seed}'
            "</figcaption></figure>"
        )
    return ROW.format("".join(cells))


def contact_sheet(
    images: Sequence[Image.Image], columns: int = 8, side: int = 192, gap: int = 8
) -> Image.Image:
    """Return one RGB picture with the given ones in rows, each within ``side`` px."""
    rows = -(-len(images) // columns)
    size = (columns * (side + gap) + gap, rows * (side + gap) + gap)
    sheet = Image.new("RGB", size, "white")
    for number, image in enumerate(images):
        small = image.convert("RGB")
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        row, column = divmod(number, columns)
        left = gap + column * (side + gap) + (side - small.width) // 2
        top = gap + row * (side + gap) + (side - small.height) // 2
        sheet.paste(small, (left, top))
    return sheet
