"""Cells: the requests of a batch and their pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams


@dataclass
class Cell:
    """One place of a table of pictures.

    Attributes
    ----------
    column, row, layer : int
        Position along x, y and z, from 0.
    params : GenerationParams
        Every field filled in and the seed drawn: those of its picture.
    key : str
        Hash of the parameters; cells of equal parameters share their picture.
    path : Path or None
        The picture's file.
    timings : dict of str to float
        Seconds, as in the picture's record.
    error : str
        Why there is no picture.
    found : bool
        Whether the picture was there already and not drawn by this run.
    loaded : GeneratedImage or None
        The picture itself, where it is in no file or has just been drawn.
    """

    column: int
    row: int
    layer: int
    params: GenerationParams
    key: str = ""
    path: Path | None = None
    timings: dict[str, float] = field(default_factory=dict)
    error: str = ""
    found: bool = False
    loaded: GeneratedImage | None = field(default=None, repr=False)

    @property
    def status(self) -> str:
        """``"waiting"``, ``"done"`` or ``"failed"``."""
        if self.error:
            return "failed"
        return "done" if self.path is not None or self.loaded is not None else "waiting"

    @property
    def image(self) -> GeneratedImage | None:
        """The picture, read from its file; None before it is drawn, or if its file is gone."""
        if self.loaded is not None or self.path is None:
            return self.loaded
        try:
            return GeneratedImage.open(self.path)
        except BadInput:
            return None
