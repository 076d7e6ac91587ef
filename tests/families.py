"""Families of small pictures for tests, with the records that edits leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.images.source import load_source

START = datetime(2026, 11, 21, 12).astimezone()


class Maker:
    """Makes pictures of one colour, and others out of them, each a second younger.

    Parameters
    ----------
    gallery : Gallery
        Where they go.
    side : int
        Pixels of each side.
    shapes : bool
        Draw something into them, so that one can tell them apart.
    """

    def __init__(self, gallery: Gallery, side: int = 32, shapes: bool = False) -> None:
        self.gallery = gallery
        self.side = side
        self.shapes = shapes
        self.made = 0

    def new(self, colour: str, prompt: str = "一个红色的圆", add: bool = True) -> GeneratedImage:
        """A picture from nothing."""
        return self._made(colour, prompt, None, None, add, ())

    def edit(
        self, source: Any, colour: str, kind: str, prompt: str = "x", add: bool = True, **edit: Any
    ) -> GeneratedImage:
        """A picture made from another."""
        taken = load_source(source)
        given = {"kind": kind, "source": taken.digest, **edit}
        return self._made(colour, prompt, given, taken.record, add, [taken.image])

    def _made(
        self, colour: str, prompt: str, edit: Any, source: Any, add: bool, inputs: Any
    ) -> GeneratedImage:
        self.made += 1
        side = self.side
        image = Image.new("RGB", (side, side), colour)
        if self.shapes:
            circle = (side // 2, side // 2, side // 4)
            ImageDraw.Draw(image).regular_polygon(circle, 3 + self.made % 5, fill="white")
        params = GenerationParams(
            prompt=prompt, seed=self.made, model="nano-turbo", width=32, height=32, edit=edit
        )
        created = START + timedelta(seconds=self.made)
        made = GeneratedImage(image, params, source=source, created=created)
        if add:
            self.gallery.add(made, inputs)
        return made
