"""Placement of a source picture on a canvas that the model can draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.catalog import ModelCard

Fit = Literal["fit", "crop", "pad"]
_LANCZOS = Image.Resampling.LANCZOS


@dataclass(frozen=True)
class CanvasPlacement:
    """Position of a source on the canvas.

    Attributes
    ----------
    box : (left, top, right, bottom)
        The part of the source that is seen, in its pixels.
    inner : (left, top, right, bottom)
        Where that part lies on the canvas, scaled.
    canvas : (width, height)
        What the model draws, multiples of what its family draws.
    keep : bool
        Whether what lies around the inner part belongs to the result (fit="pad").
    """

    box: tuple[int, int, int, int]
    inner: tuple[int, int, int, int]
    canvas: tuple[int, int]
    keep: bool = False

    @property
    def scale(self) -> float:
        """Pixels of the canvas for one of the source."""
        return (self.inner[2] - self.inner[0]) / (self.box[2] - self.box[0])

    def lay(self, image: Image.Image) -> Image.Image:
        """Return the canvas with the picture on it; its rim goes on to the edges."""
        size = (self.inner[2] - self.inner[0], self.inner[3] - self.inner[1])
        part = image.crop(self.box)
        if part.size != size:
            part = part.resize(size, _LANCZOS)
        pixels = np.asarray(part)
        rim = [
            (self.inner[1], self.canvas[1] - self.inner[3]),
            (self.inner[0], self.canvas[0] - self.inner[2]),
        ] + [(0, 0)] * (pixels.ndim - 2)
        return Image.fromarray(np.pad(pixels, rim, mode="edge"))

    def lay_mask(self, mask: Image.Image, cell: int = 8) -> Image.Image:
        """Return a mask on the canvas: each latent cell (``cell`` px) that it touches is white."""
        size = (self.inner[2] - self.inner[0], self.inner[3] - self.inner[1])
        part = mask.crop(self.box).point(lambda value: 255 if value else 0)
        if part.size != size:  # grown rather than lost where it is made smaller
            part = part.resize(size, Image.Resampling.BOX).point(lambda v: 255 if v else 0)
        whole = Image.new("L", self.canvas, 0)
        whole.paste(part, self.inner[:2])
        cells = np.asarray(whole).reshape(
            self.canvas[1] // cell, cell, self.canvas[0] // cell, cell
        )
        touched = cells.max(axis=(1, 3))
        return Image.fromarray(touched.repeat(cell, 0).repeat(cell, 1))

    def cut_out(self, drawn: Image.Image) -> Image.Image:
        """Return the part of a drawn canvas that belongs to the picture."""
        return drawn if self.keep else drawn.crop(self.inner)


def place_source(
    size: tuple[int, int],
    card: ModelCard,
    *,
    wanted: tuple[int | None, int | None] = (None, None),
    fit: Fit = "fit",
    name: str = "The picture",
) -> tuple[CanvasPlacement, tuple[str, ...]]:
    """Choose a canvas for a whole picture.

    Parameters
    ----------
    size : (width, height)
        Of the source, px.
    card : ModelCard
        The model that shall draw.
    wanted : (width, height)
        What was asked for, where it was: the canvas of "crop" and "pad", a box for "fit".
    fit : {"fit", "crop", "pad"}
        The whole picture scaled where it must be; a part of the canvas's proportions cut out
        of its middle; the whole picture with its rim drawn out to the canvas's proportions.

    Returns
    -------
    CanvasPlacement
    tuple of str
        What the user should know.

    Raises
    ------
    BadInput
        Its proportions do not go into any size that the model draws.
    """
    if fit == "fit":
        placement = _fitting(size, card, wanted, name)
    else:
        placement = _filling(size, _canvas(size, card, wanted), fit)
    return placement, _placement_notes(size, placement, card, fit)


def _limits(card: ModelCard) -> tuple[int, int, int]:
    """Shortest and longest side of a canvas, and its largest area."""
    sizes = (*card.sizes, card.default_size)
    return card.min_side, card.max_side, max(width * height for width, height in sizes)


def _fitting(
    size: tuple[int, int], card: ModelCard, wanted: tuple[int | None, int | None], name: str
) -> CanvasPlacement:
    low, high, area = _limits(card)
    width, height = size
    natural = min(1.0, high / max(size), (area / (width * height)) ** 0.5)
    natural = max(natural, min(low / min(size), high / max(size)))
    placement = _scaled(size, natural, card, name)
    if wanted == (None, None):
        return placement
    asked = min((wanted[0] or high) / width, (wanted[1] or high) / height)
    other = _scaled(size, asked, card, name)
    # One canvas, one placement: a picture can then be drawn again from the canvas alone.
    return placement if placement.canvas == other.canvas else other


def _scaled(size: tuple[int, int], scale: float, card: ModelCard, name: str) -> CanvasPlacement:
    low, high, _ = _limits(card)
    width, height = size
    inner = max(1, min(high, round(width * scale))), max(1, min(high, round(height * scale)))
    canvas = up_to_multiple(inner[0], card), up_to_multiple(inner[1], card)
    if max(size) / min(size) > max(4.0, high / low):
        raise BadInput(
            f"{name} is {width}×{height} px, too narrow for {card.title}: cut it to "
            "proportions nearer to a square first.",
            code="picture-too-narrow",
            field=name,
        )
    return CanvasPlacement((0, 0, width, height), (0, 0, *inner), canvas)


def _canvas(
    size: tuple[int, int], card: ModelCard, wanted: tuple[int | None, int | None]
) -> tuple[int, int]:
    """The size asked for, or of those that the card names the one of nearest proportions."""
    if wanted[0] and wanted[1]:
        return wanted[0], wanted[1]
    if wanted != (None, None):
        width, height = card.default_size
        return wanted[0] or width, wanted[1] or height
    named = {*card.sizes, *((height, width) for width, height in card.sizes), card.default_size}
    ratio = size[0] / size[1]
    default = card.default_size[0] * card.default_size[1]

    def distance(canvas: tuple[int, int]) -> tuple[float, float]:
        other = canvas[0] / canvas[1]
        return max(ratio / other, other / ratio), abs(canvas[0] * canvas[1] - default)

    return min(sorted(named), key=distance)


def _filling(size: tuple[int, int], canvas: tuple[int, int], fit: Fit) -> CanvasPlacement:
    across, down = canvas[0] / size[0], canvas[1] / size[1]
    if fit == "crop":
        scale = max(across, down)
        part = min(size[0], round(canvas[0] / scale)), min(size[1], round(canvas[1] / scale))
        part = max(1, part[0]), max(1, part[1])
        left, top = (size[0] - part[0]) // 2, (size[1] - part[1]) // 2
        return CanvasPlacement((left, top, left + part[0], top + part[1]), (0, 0, *canvas), canvas)
    scale = min(across, down)
    inner = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    inner = min(inner[0], canvas[0]), min(inner[1], canvas[1])
    left, top = (canvas[0] - inner[0]) // 2, (canvas[1] - inner[1]) // 2
    box = (left, top, left + inner[0], top + inner[1])
    return CanvasPlacement((0, 0, *size), box, canvas, keep=True)


def place_area(
    box: tuple[int, int, int, int], size: tuple[int, int], padding: int, card: ModelCard
) -> CanvasPlacement:
    """Choose a canvas for a part of a picture, enlarged to what the model draws best.

    Parameters
    ----------
    box : (left, top, right, bottom)
        What must be seen, such as the box around a mask.
    size : (width, height)
        Of the whole picture.
    padding : int
        Pixels of the picture to be seen around it, where there are so many.
    """
    low, high, _ = _limits(card)
    width, height = size
    left, top = max(0, box[0] - padding), max(0, box[1] - padding)
    right, bottom = min(width, box[2] + padding), min(height, box[3] + padding)
    # No narrower than 1 to 2: the model has seen few such pictures, and a side has its least.
    left, right = _widened(left, right, (bottom - top) // 2, width)
    top, bottom = _widened(top, bottom, (right - left) // 2, height)
    across, down = right - left, bottom - top
    best = card.default_size[0] * card.default_size[1]
    scale = min((best / (across * down)) ** 0.5, high / max(across, down))
    scale = (
        max(scale, low / min(across, down))
        if low / min(across, down) <= high / max(across, down)
        else scale
    )
    inner = max(1, min(high, round(across * scale))), max(1, min(high, round(down * scale)))
    canvas = up_to_multiple(inner[0], card), up_to_multiple(inner[1], card)
    return CanvasPlacement((left, top, right, bottom), (0, 0, *inner), canvas)


def _widened(low: int, high: int, least: int, end: int) -> tuple[int, int]:
    """An interval of at least so many pixels within 0 to ``end``, about the same middle."""
    missing = min(least, end) - (high - low)
    if missing <= 0:
        return low, high
    low = max(0, low - missing // 2)
    high = min(end, low + min(least, end))
    return max(0, high - min(least, end)), high


def up_to_multiple(value: int, card: ModelCard) -> int:
    """Return the least side that a model draws from ``value`` px up."""
    multiple = family_of(card).side_multiple
    return max(-(-value // multiple) * multiple, card.min_side)


def _placement_notes(
    size: tuple[int, int], placement: CanvasPlacement, card: ModelCard, fit: Fit
) -> tuple[str, ...]:
    seen = placement.box[2] - placement.box[0], placement.box[3] - placement.box[1]
    inner = placement.inner[2] - placement.inner[0], placement.inner[3] - placement.inner[1]
    notes = []
    if seen != size:
        notes.append(f"Of {size[0]}×{size[1]} px its middle, {seen[0]}×{seen[1]}, is source.")
    if inner != seen:
        change = "reduced" if inner[0] < seen[0] else "enlarged"
        notes.append(f"{card.title} draws it {change} to {inner[0]}×{inner[1]} px.")
    if fit == "pad" and inner != placement.canvas:
        notes.append(f"Its rim is drawn out to {placement.canvas[0]}×{placement.canvas[1]} px.")
    return tuple(notes)
