"""Reading of pictures from users: any file, any mode, of limited size."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from PIL import Image

from zimg_kernel.errors import BadInput

from .image import GeneratedImage
from .open_file import (
    MAX_PIXELS,
    SOURCE_FORMATS,
    UNREADABLE,
    open_image,
    upright,
    why_unreadable,
)

Source: TypeAlias = GeneratedImage | Image.Image | str | os.PathLike[str]
"""A picture: a generated one, a PIL image, or the name of a picture file."""

SOURCE_TYPES = (GeneratedImage, Image.Image, str, os.PathLike)
"""The same, for ``isinstance``."""


def read(
    source: object, name: str, check: Callable[[Image.Image, str], object] | None = None
) -> Image.Image:
    """Return the pixels of a picture, all in memory; those of a file stand upright.

    Parameters
    ----------
    source : GeneratedImage, PIL.Image.Image, str or Path
        The picture; anything else is refused.
    name : str
        The user's name for it, such as ``"before"``, for the sentence that refuses it.
    check : function, optional
        Called with the picture and its name in sentences before its pixels are unpacked; may
        refuse.

    Returns
    -------
    PIL.Image.Image
        Of any mode; a PIL image is returned itself.

    Raises
    ------
    BadInput
        It is no picture, has no pixels, has too many, or cannot be read.
    """
    with open_picture(source, name, check) as image:
        if isinstance(source, str | os.PathLike):
            return upright(image)
        return image


@contextmanager
def open_picture(
    source: object, name: str, check: Callable[[Image.Image, str], object] | None = None
) -> Iterator[Image.Image]:
    """Open a picture for a ``with`` block, as PIL does; see :func:`read`.

    Errors of PIL inside the block are refusals of the picture, too.
    """
    named = isinstance(source, str | os.PathLike)
    what = str(Path(source).expanduser()) if named else name  # type: ignore[arg-type]
    try:
        if named:
            with open_image(what, SOURCE_FORMATS, any_size=True) as opened:
                _check_size(opened, what, name, check)
                yield opened
            return
        image = source.image if isinstance(source, GeneratedImage) else source
        if not isinstance(image, Image.Image):
            raise BadInput(_no_picture(image, name), code="not-a-picture", field=name)
        _check_size(image, what, name, check)
        image.load()
        yield image
    except FileNotFoundError:
        raise BadInput(
            f"There is no file {what}: check its name and folder.", code="file-missing", field=name
        ) from None
    except IsADirectoryError:
        raise BadInput(
            f"{what} is a folder: give the name of a picture in it.",
            code="folder-instead-of-file",
            field=name,
        ) from None
    except BadInput:
        raise
    except Image.DecompressionBombError:
        raise BadInput(_too_large(what, ""), code="picture-too-large", field=name) from None
    except UNREADABLE as error:
        raise BadInput(
            f"{what} cannot be read as a picture ({why_unreadable(error)}): check that it opens "
            "elsewhere, or save it again as PNG, JPEG or WebP.",
            code="picture-unreadable",
            field=name,
        ) from None


def _check_size(
    image: Image.Image, what: str, name: str, check: Callable[[Image.Image, str], object] | None
) -> None:
    if check is not None:
        check(image, what)
    if not image.width or not image.height:
        raise BadInput(
            f"{what} has no pixels ({image.width}×{image.height}): give a picture of at least "
            "1×1 px.",
            code="empty-picture",
            field=name,
        )
    if image.width * image.height > MAX_PIXELS:
        size = f" ({image.width}×{image.height} px)"
        raise BadInput(_too_large(what, size), code="picture-too-large", field=name)


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
    """Return a picture's title: its prompt, else its file's name, else an empty string."""
    if isinstance(source, GeneratedImage):
        return source.params.prompt
    return "" if isinstance(source, Image.Image) else Path(source).name
