"""Pictures as a client gets them: bytes of a format, names, addresses."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import HTTPConnection

from zimg_kernel.errors import ZimgError
from zimg_kernel.images.encode import jpeg_bytes
from zimg_kernel.images.image import GeneratedImage

from .links import PREFIX

if TYPE_CHECKING:
    from .context import ServiceContext

FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


def encode(image: GeneratedImage, kind: str = "png", quality: int = 90) -> bytes:
    """Return a picture's file; a PNG carries its parameters. Called in a thread.

    Parameters
    ----------
    kind : {"png", "jpeg", "webp"}
    quality : int
        Of JPEG and WebP, 1 to 100.
    """
    if kind == "png":
        if image.path is not None:
            return image.path.read_bytes()
        buffer = io.BytesIO()
        image.image.save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()
    if kind == "jpeg":
        return jpeg_bytes(image.image, quality=max(1, min(95, quality)))
    buffer = io.BytesIO()
    image.image.save(buffer, "WEBP", quality=max(1, min(100, quality)))
    return buffer.getvalue()


def name_of(context: ServiceContext, image: GeneratedImage) -> str:
    """Return a picture's name in the gallery, with "/" between folders.

    Raises
    ------
    ZimgError
        It could not be saved, so there is none.
    """
    path = image.path
    folder = context.gallery.folder
    if path is None or not path.is_relative_to(folder):
        raise ZimgError(
            "The picture was drawn but could not be saved, so it has no address: ask for its "
            "bytes, or look at the disk.",
            code="not-saved",
        )
    return path.relative_to(folder).as_posix()


def file_of(context: ServiceContext, name: str) -> Path | None:
    """Return the file of a picture of the gallery by its name; None if it has none such.

    Names come from clients: one is only compared with those in the index, never joined to a
    folder.
    """
    if "\0" in name or len(name) > 512:
        return None
    found = context.gallery.entries([name])
    return found[0].path if len(found) and found[0].path.is_file() else None


def base_of(connection: HTTPConnection) -> str:
    """Return the address that a client has asked, without a path; with the token in it."""
    base = f"{connection.url.scheme}://{connection.url.netloc}"
    return base + quote(connection.scope.get("zimg.prefix", ""))


def url_of(context: ServiceContext, connection: HTTPConnection, name: str) -> str:
    """Return the address of a picture: a signed one where others need it."""
    if (context.tokens or context.options.origins) and "zimg.prefix" not in connection.scope:
        return base_of(connection) + context.links.sign(name)
    return base_of(connection) + PREFIX + quote(name)
