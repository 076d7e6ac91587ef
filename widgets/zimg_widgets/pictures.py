"""One way to read what is given as a picture, and to pack pictures for pages and notebooks."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from zimg_kernel import BadInput, GeneratedImage

Source: TypeAlias = GeneratedImage | Image.Image | str | os.PathLike[str]
"""What is a picture: a drawn one, a PIL image, or the name of a picture file."""

SOURCE_TYPES = (GeneratedImage, Image.Image, str, os.PathLike)
"""The same, for ``isinstance``."""

_STILL_SIDE = 512


def read(
    source: object, name: str, check: Callable[[Image.Image, str], object] | None = None
) -> Image.Image:
    """Return the pixels of a picture, all in memory; those of a file stand upright.

    Parameters
    ----------
    source : GeneratedImage, PIL.Image.Image, str or Path
        The picture; anything else is refused.
    name : str
        What the user calls it, such as ``"before"``, for the sentence that refuses it.
    check : function, optional
        Called with the picture and the words for it before its pixels are unpacked; may refuse.

    Returns
    -------
    PIL.Image.Image
        Of any mode; a PIL image is returned itself.

    Raises
    ------
    BadInput
        It is no picture, has no pixels, or cannot be read.
    """
    named = isinstance(source, str | os.PathLike)
    what = str(Path(source).expanduser()) if named else name  # type: ignore[arg-type]
    try:
        if named:
            with Image.open(what) as opened:
                _checked(opened, what, check)
                return ImageOps.exif_transpose(opened)
        image = source.image if isinstance(source, GeneratedImage) else source
        if not isinstance(image, Image.Image):
            raise BadInput(_no_picture(image, name))
        _checked(image, what, check)
        image.load()
        return image
    except FileNotFoundError:
        raise BadInput(f"There is no file {what}: check its name and folder.") from None
    except IsADirectoryError:
        raise BadInput(f"{what} is a folder: give the name of a picture in it.") from None
    except BadInput:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or error
        if isinstance(error, UnidentifiedImageError):
            reason = "its format is unknown"
        raise BadInput(
            f"{what} cannot be read as a picture ({reason}): check that it opens elsewhere, or "
            "save it again as PNG, JPEG or WebP."
        ) from None


def _checked(
    image: Image.Image, what: str, check: Callable[[Image.Image, str], object] | None
) -> None:
    if check is not None:
        check(image, what)
    if not image.width or not image.height:
        raise BadInput(
            f"{what} has no pixels ({image.width}×{image.height}): give a picture of at least "
            "1×1 px."
        )


def _no_picture(value: object, name: str) -> str:
    hint = ""
    if isinstance(value, list | tuple):
        hint = ": choose one picture, such as pictures[0]"
    elif isinstance(value, bytes):
        hint = ": open them with PIL.Image.open(io.BytesIO(...))"
    elif hasattr(value, "__array_interface__"):
        hint = ": make a picture of it with PIL.Image.fromarray"
    return (
        f"{name} must be a picture (a GeneratedImage, a PIL image or the path of a file), "
        f"not {type(value).__name__}{hint}."
    )


def title(source: Source) -> str:
    """Return what a picture is called: its prompt, or its file's name, or nothing."""
    if isinstance(source, GeneratedImage):
        return source.params.prompt
    return "" if isinstance(source, Image.Image) else Path(source).name


def rgb(image: Image.Image, *, turn: bool = True) -> Image.Image:
    """Return RGB as a page shows it: on white where transparent, without a file's notes.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode; 16 bits are scaled to 8, and floating point counts from 0 to 1.
    turn : bool
        Whether a photograph is turned upright as it says itself; otherwise it keeps its size.
    """
    colours = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    if turn:
        image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(ground, layer)
    elif image.mode.startswith(("I", "F")):
        image = grey(image)
    flat = image.convert("RGB")
    flat.info = {"icc_profile": colours} if colours else {}
    return flat


def grey(image: Image.Image) -> Image.Image:
    """Return mode "L", what is transparent as black; floating point counts from 0 to 1."""
    if image.mode == "L":
        return image
    if image.mode == "F":
        return image.point(lambda value: value * 255 + 0.5).convert("L")
    if image.mode.startswith("I"):
        image = image.convert("I")
        if highest(image) > 255:  # 16 bits
            image = image.point(lambda value: value * (1 / 257))
        return image.convert("L")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return ImageChops.multiply(rgba.convert("L"), rgba.getchannel("A"))
    return image.convert("L")


def highest(image: Image.Image) -> int:
    """Return the highest value in a picture of one band."""
    extrema: Any = image.getextrema()
    return int(extrema[1])


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return a copy whose longer side is at most ``side`` px."""
    if max(image.size) <= side:
        return image.copy()
    if image.mode in ("1", "P"):  # which can be shrunk only by leaving pixels out
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BOX)
    return small


def png_bytes(image: Image.Image) -> bytes:
    """A picture as a PNG, for a trait of bytes (no base64 text travels to the browser)."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def jpeg_bytes(image: Image.Image, side: int, quality: int = 85, *, subsampling: int = -1) -> bytes:
    """A picture as a JPEG without notes, its longer side at most ``side`` px."""
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.info = {}  # a comment would travel along, and tell what made the picture
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()


def jpeg_url(jpeg: bytes) -> str:
    """Return the bytes of a JPEG as a ``data:`` address, for HTML that is stored."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def data_url(image: Image.Image, side: int = _STILL_SIDE, quality: int = 85) -> str:
    """A picture as a ``data:`` address of a JPEG, its longer side at most ``side`` px."""
    return jpeg_url(jpeg_bytes(image, side, quality))
