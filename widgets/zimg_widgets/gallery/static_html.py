"""Static HTML of the gallery: small thumbnails with their prompts."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence

from zimg_kernel.gallery.entries import Entry
from zimg_kernel.images.encode import jpeg_bytes, jpeg_url
from zimg_kernel.images.open_file import open_image
from zimg_kernel.images.thumbnails import thumbnail

STATIC_COUNT = 24
_BYTES = 8000  # of each thumbnail in a saved notebook
_TRIES = ((160, 75), (160, 55), (128, 50), (96, 40))  # side in px, quality


def static_html(entries: Sequence[Entry], title: str, language: str) -> str:
    """Return pictures as thumbnails of at most 8 kB, with their prompts, as HTML."""
    cells = []
    for entry in entries:
        prompt = html.escape(entry.prompt[:300], quote=True)
        cells.append(
            f'<figure style="margin:0;width:160px"><img alt="{prompt}" '
            f'src="{_tiny(thumbnail(entry.path))}" '
            'style="max-width:100%;border-radius:4px">'
            f'<figcaption style="font-size:80%;opacity:.8">{prompt[:120]}</figcaption></figure>'
        )
    row = f'<div style="display:flex;flex-wrap:wrap;gap:12px">{"".join(cells)}</div>'
    return f'<div lang="{language}"><p><strong>{title}</strong></p>{row}</div>'


def _tiny(jpeg: bytes) -> str:
    for side, quality in _TRIES:
        with open_image(io.BytesIO(jpeg)) as image:
            small = jpeg_bytes(image, side, quality)
        if len(small) <= _BYTES:
            break
    return jpeg_url(small)
