"""Take in the picture that is to be changed: RGB, its transparency, and where it came from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

from .image import GeneratedImage
from .metadata import read_record
from .pixels import digest, rgb
from .reading import Source, read


@dataclass(frozen=True)
class Taken:
    """A source picture.

    Attributes
    ----------
    image : PIL.Image.Image
        RGB, or RGBA where something is transparent; upright.
    said : tuple of str
        What was done to it and the user should know.
    params : GenerationParams or None
        What made it, where that is known.
    path : Path or None
        Its file, where it has one.
    """

    image: Image.Image
    said: tuple[str, ...] = ()
    params: GenerationParams | None = None
    path: Path | None = None

    @property
    def rgb(self) -> Image.Image:
        """What the model sees: RGB, on white where it is transparent."""
        return self.image if self.image.mode == "RGB" else rgb(self.image)

    @property
    def record(self) -> dict[str, Any]:
        """What a picture made from this one tells of it, ready for JSON."""
        return {
            "pixels": digest(self.image),
            "file": self.path.name if self.path else None,
            "size": list(self.image.size),
            "params": self.params.model_dump() if self.params else None,
        }


def take(source: Source | Taken, name: str = "image") -> Taken:
    """Read any picture: files of every mode, upright, as RGB or RGBA.

    Raises
    ------
    BadInput
        It is no picture, cannot be read, or is too large; one sentence.
    """
    if isinstance(source, Taken):
        return source
    frames = 1

    def look(image: Image.Image, _what: str) -> None:
        nonlocal frames
        frames = int(getattr(image, "n_frames", 1))

    image = read(source, name, look)
    mode, said = image.mode, []
    if isinstance(source, Image.Image):
        image = ImageOps.exif_transpose(image)
    if frames > 1:
        said.append(f"It holds {frames} pictures: the first one is taken.")
    if mode.startswith(("I", "F")):
        said.append(f"Its mode {mode} was turned into 8 bits a channel.")
    elif mode in ("CMYK", "LAB", "YCbCr", "HSV"):
        said.append(f"Its colours were turned from {mode} into RGB.")
    return Taken(_rgb_or_rgba(image), tuple(said), _params(source), _path(source))


def _rgb_or_rgba(image: Image.Image) -> Image.Image:
    """RGBA only where something really is transparent; notes of the file are left behind."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        if layer.getchannel("A").histogram()[255] < layer.width * layer.height:
            return _bare(layer)
        return _bare(layer.convert("RGB"))
    return _bare(rgb(image))


def _bare(image: Image.Image) -> Image.Image:
    colours = image.info.get("icc_profile")
    copy = image.copy()
    copy.info = {"icc_profile": colours} if colours else {}
    return copy


def _params(source: object) -> GenerationParams | None:
    if isinstance(source, GeneratedImage):
        return source.params
    if isinstance(source, str | os.PathLike):
        try:
            return GenerationParams.from_dict(read_record(Path(source).expanduser())["params"])
        except (BadInput, KeyError, TypeError):
            return None
    return None


def _path(source: object) -> Path | None:
    if isinstance(source, GeneratedImage):
        return source.path
    if isinstance(source, str | os.PathLike):
        return Path(source).expanduser().absolute()
    return None
