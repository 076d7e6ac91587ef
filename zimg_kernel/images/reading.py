"""One way to take in a picture that somebody gives: any file, any mode, nothing too large."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageOps, UnidentifiedImageError

from zimg_kernel.errors import BadInput

from .image import GeneratedImage

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
