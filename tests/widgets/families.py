"""Families of small pictures for tests, with the records that edits leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.edit.taking import take
from zimg_kernel.intake import digest

START = datetime(2026, 11, 21, 12).astimezone()


class Maker:
    """Draws pictures and others out of them, each a second younger than the one before."""

    def __init__(self, gallery: Gallery, side: int = 64) -> None:
        self.gallery = gallery
        self.side = side
        self.made = 0

    def new(self, colour: str, prompt: str) -> GeneratedImage:
        """A picture from nothing."""
        return self._add(colour, prompt, None, None)

    def edit(self, source: Any, colour: str, kind: str, prompt: str, **edit: Any) -> GeneratedImage:
        """A picture made from another."""
        taken = take(source)
        given = {"kind": kind, "source": digest(taken.image), **edit}
        return self._add(colour, prompt, given, taken.record, [taken.image])

    def _add(
        self, colour: str, prompt: str, edit: Any, source: Any, inputs: Any = ()
    ) -> GeneratedImage:
        self.made += 1
        side = self.side
        image = Image.new("RGB", (side, side), colour)
        ImageDraw.Draw(image).regular_polygon((side // 2, side // 2, side // 4), 3 + self.made % 5)
        params = GenerationParams(
            prompt=prompt, seed=self.made, model="nano-turbo", width=64, height=64, steps=8,
            edit=edit,
        )  # fmt: skip
        created = START + timedelta(seconds=self.made)
        made = GeneratedImage(image, params, source=source, created=created)
        self.gallery.add(made, inputs)
        return made
