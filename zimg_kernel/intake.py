"""One way to take in a picture that somebody gives: any file, any mode, nothing too large."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from .image import GeneratedImage
from .params import BadInput

Source: TypeAlias = GeneratedImage | Image.Image | str | os.PathLike[str]
"""What is a picture: a drawn one, a PIL image, or the name of a picture file."""

SOURCE_TYPES = (GeneratedImage, Image.Image, str, os.PathLike)
"""The same, for ``isinstance``."""

MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are unpacked: 64 million are 256 MB as RGBA."""


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
        It is no picture, has no pixels, has too many, or cannot be read.
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
    except Image.DecompressionBombError:
        raise BadInput(_too_large(what, "")) from None
    except (OSError, SyntaxError, ValueError, MemoryError) as error:
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
    if image.width * image.height > MAX_PIXELS:
        raise BadInput(_too_large(what, f" ({image.width}×{image.height} px)"))


def _too_large(what: str, size: str) -> str:
    return (
        f"{what}{size} is too large: pictures of up to {MAX_PIXELS / 1e6:g} million pixels are "
        "taken (8000×8000 px). Make it smaller first, or cut out the part that you mean."
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


def digest(image: Image.Image) -> str:
    """Return the SHA-256 of a picture's mode, size and pixels, as 64 hex digits.

    The same picture has the same digest in any lossless file, wherever that lies.
    """
    head = f"{image.mode} {image.width}x{image.height}\n".encode()
    return hashlib.sha256(head + image.tobytes()).hexdigest()
