"""A picture before its extension, on a canvas of the size after it."""

from __future__ import annotations

from PIL import Image

from zimg_kernel import GeneratedImage

_ADDED = "#808080"  # of the sides that are not there yet


Opened = GeneratedImage | Image.Image


def on_extended_canvas(before: Opened, after: Opened) -> Opened:
    """Return the picture where it lies in the one that it was extended to.

    Both then have one size, and what was kept lies at one place. If ``after`` was not made by
    extending a picture of this size, the picture is returned as it is.
    """
    edit = after.params.edit if isinstance(after, GeneratedImage) else None
    if edit is None or edit.kind != "outpaint" or not isinstance(after, GeneratedImage):
        return before
    image = before.image if isinstance(before, GeneratedImage) else before
    width, height = image.size
    size = (edit.left + width + edit.right, edit.top + height + edit.bottom)
    if size != after.image.size:
        return before
    canvas = Image.new("RGB", size, _ADDED)
    canvas.paste(image, (edit.left, edit.top), image if image.mode == "RGBA" else None)
    return GeneratedImage(canvas, before.params) if isinstance(before, GeneratedImage) else canvas
