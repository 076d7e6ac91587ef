"""Uploaded pictures: bytes of a client as a picture in memory, of limited size."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import (
    MAX_PIXELS,
    SOURCE_FORMATS,
    UNREADABLE,
    open_image,
    upright,
    why_unreadable,
)
from zimg_kernel.images.source import SourceImage, load_source, recorded_params


def read_upload(data: bytes, field: str) -> SourceImage:
    """Return an uploaded picture, upright, with the parameters that its file holds.

    What the client calls it plays no part.

    Called in a thread: unpacking may take a while.

    Parameters
    ----------
    data : bytes
        The file.
    field : str
        Of the form, for the sentence that refuses it.

    Raises
    ------
    BadInput
        It is no picture of a known format, is damaged, or has more than 64 million pixels.
    """
    try:
        with open_image(io.BytesIO(data), SOURCE_FORMATS) as opened:
            if not opened.width or not opened.height:
                raise OSError("it has no pixels")
            params = recorded_params(opened)
            return replace(load_source(upright(opened), field), params=params)
    except Image.DecompressionBombError:
        raise BadInput(
            f"The upload {field} is too large a picture: up to {MAX_PIXELS / 1e6:g} million "
            "pixels are taken.",
            code="picture-too-large",
            field=field,
        ) from None
    except UNREADABLE as error:
        raise BadInput(
            f"The upload {field} cannot be read as a picture ({why_unreadable(error)}): send a "
            "PNG, JPEG or WebP.",
            code="picture-unreadable",
            field=field,
        ) from None
