"""Source pictures of edits: pixels in RGB or RGBA, digest, origin and parameters."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

from .image import GeneratedImage
from .metadata import record_in
from .open_file import turned
from .pixels import digest, rgb
from .reading import Source, open_picture


@dataclass(frozen=True)
class SourceImage:
    """A picture given to an edit.

    Attributes
    ----------
    image : PIL.Image.Image
        RGB, or RGBA where something is transparent; upright.
    notes : tuple of str
        What was done to it and the user should know.
    params : GenerationParams or None
        What made it, where that is known.
    path : Path or None
        Its file, where it has one.
    """

    image: Image.Image
    notes: tuple[str, ...] = ()
    params: GenerationParams | None = None
    path: Path | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the pixels (:func:`zimg_kernel.images.pixels.digest`), computed once."""
        return digest(self.image)

    def of_digest(self, known: str) -> SourceImage:
        """Return the same picture with its digest, where that has been computed before."""
        same = replace(self)
        same.__dict__["digest"] = known
        return same

    @property
    def rgb(self) -> Image.Image:
        """The model's input: RGB, on white where it is transparent."""
        return self.image if self.image.mode == "RGB" else rgb(self.image)

    @property
    def record(self) -> dict[str, Any]:
        """The source as recorded in pictures made from it, ready for JSON."""
        return {
            "pixels": self.digest,
            "file": self.path.name if self.path else None,
            "size": list(self.image.size),
            "params": self.params.model_dump() if self.params else None,
        }


def load_source(source: Source | SourceImage, name: str = "image") -> SourceImage:
    """Read any picture: files of every mode, upright, as RGB or RGBA.

    Raises
    ------
    BadInput
        It is no picture, cannot be read, or is too large; one sentence.
    """
    if isinstance(source, SourceImage):
        return source
    params = path = None
    named = isinstance(source, str | os.PathLike)
    with open_picture(source, name) as opened:
        frames = getattr(opened, "n_frames", 1)
        drawn = isinstance(source, GeneratedImage)
        image, damaged = (opened, False) if drawn else turned(opened)
        if isinstance(source, GeneratedImage):
            params, path = source.params, source.path
        elif named:
            params, path = recorded_params(opened), Path(source).expanduser().absolute()  # type: ignore[arg-type]
    mode, notes = image.mode, []
    if damaged:
        notes.append("Its EXIF is damaged: it is taken as it lies, not turned.")
    if frames > 1:
        notes.append(f"It holds {frames} pictures: the first one is taken.")
    if mode.startswith(("I", "F")):
        notes.append(f"Its mode {mode} was turned into 8 bits a channel.")
    elif mode in ("CMYK", "LAB", "YCbCr", "HSV"):
        notes.append(f"Its colours were turned from {mode} into RGB.")
    return SourceImage(_rgb_or_rgba(image), tuple(notes), params, path)


def recorded_params(opened: Image.Image) -> GenerationParams | None:
    """Return the parameters recorded in an open picture file, if there are any."""
    try:
        record = record_in(opened)
        return GenerationParams.from_dict(record["params"]) if record else None
    except (BadInput, KeyError, TypeError, OSError, SyntaxError, ValueError):
        return None


def _rgb_or_rgba(image: Image.Image) -> Image.Image:
    """Return RGBA only where something really is transparent, without the file's metadata."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        if layer.getchannel("A").histogram()[255] < layer.width * layer.height:
            return _without_metadata(layer)
        return _without_metadata(layer.convert("RGB"))
    return _without_metadata(rgb(image))


def _without_metadata(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    copy = image.copy()
    copy.info = {"icc_profile": profile} if profile else {}
    return copy
