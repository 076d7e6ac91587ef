"""Detection of objects in a picture, and their comparison with those of a scene."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.world.composites import COMPOSITES
from zimg_kernel.nano.world.scenes import COLOURS, PLACES, SHAPES, Scene, Thing

_NAMES = tuple(COLOURS)
_PALETTE = np.array(list(COLOURS.values()), dtype=np.float32) / 255
LEAST_OVERLAP = 0.7
"""Least intersection over union with the best template for a shape to count as drawn."""
VISIBLE = 0.12
"""Least distance from the background, as RGB in 0..1, of what counts as drawn. At 0.2 the pale
snow on a mountain was taken for background."""
_SIDE = 224
_CELL = 40


@dataclass(frozen=True)
class Detected:
    """An object found in a picture; positions and sizes are fractions of the picture."""

    shape: str
    colour: str
    x: float
    y: float
    size: float
    overlap: float
    """Intersection over union with the best template (1: exactly that shape)."""


NOUNS = (*SHAPES, *COMPOSITES)


@lru_cache(maxsize=1)
def _templates() -> np.ndarray:
    """(26, 40, 40) masks of the shapes, centred and scaled by their longer side."""
    things = [Thing(name, "red", 0.5, 0.5, 0.44) for name in NOUNS]
    scenes = [Scene("single", (t,), f"plain {g}") for g in ("white", "black") for t in things]
    white, black = draw(pack(scenes), 160, 160).mean(1).chunk(2)
    covered = (white - black < 0.5 * (white[0, 0, 0] - black[0, 0, 0])).numpy()
    return np.stack([_normalised(mask) for mask in covered])


def _normalised(mask: np.ndarray) -> np.ndarray:
    """Crop a mask to its box, centre it in a square and scale it to 40 x 40."""
    ys, xs = np.nonzero(mask)
    crop = mask[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    h, w = crop.shape
    side = max(h, w)
    square = np.zeros((side, side), dtype=np.float32)
    top, left = (side - h) // 2, (side - w) // 2
    square[top : top + h, left : left + w] = crop
    small = F.interpolate(
        torch.from_numpy(square)[None, None], (_CELL, _CELL), mode="bilinear", antialias=True
    )
    return (small[0, 0].numpy() > 0.5).astype(np.float32)


def _as_array(image: Image.Image | Tensor) -> np.ndarray:
    """(H, W, 3) float picture in 0..1 whose shorter side is 224."""
    if isinstance(image, Image.Image):
        data = torch.from_numpy(np.asarray(image.convert("RGB")).copy())
        tensor = data.permute(2, 0, 1).float() / 255
    else:
        tensor = image.detach().float().cpu()
    h, w = tensor.shape[-2:]
    if min(h, w) != _SIDE:
        size = (round(h * _SIDE / min(h, w)), round(w * _SIDE / min(h, w)))
        tensor = F.interpolate(tensor[None], size, mode="bilinear", antialias=True)[0]
        tensor = tensor.clamp(0, 1)
    return np.ascontiguousarray(tensor.permute(1, 2, 0).numpy())


def _foreground(picture: np.ndarray, threshold: float = VISIBLE) -> np.ndarray:
    """Mask of what differs from the left and right borders of the rows near each row."""
    h, w = picture.shape[:2]
    strip = max(2, w // 50)
    edges = np.stack(
        [np.median(picture[:, :strip], axis=1), np.median(picture[:, -strip:], axis=1)]
    )
    least = np.full((h, w), 9.0, dtype=np.float32)
    rows = np.arange(h)
    for shift in np.linspace(-h / 6, h / 6, 9).round().astype(int):
        near = np.clip(rows + shift, 0, h - 1)
        for side in range(2):
            d = np.linalg.norm(picture - edges[side, near][:, None], axis=-1)
            least = np.minimum(least, d)
    return least > threshold


def _connected_parts(mask: np.ndarray) -> Iterator[np.ndarray]:
    """Masks of the 8-connected parts of a mask."""
    from scipy import ndimage  # type: ignore[import-untyped]

    labels, count = ndimage.label(mask, np.ones((3, 3)))
    return (labels == i for i in range(1, count + 1))


def detect(image: Image.Image | Tensor) -> list[Detected]:
    """Find the objects of a picture.

    Parameters
    ----------
    image : PIL.Image.Image or Tensor
        At least 128 pixels a side; a tensor is (3, H, W) in 0..1.

    Returns
    -------
    list of Detected
        From the largest to the smallest; specks under 5 % of the shorter side are left out.
    """
    picture = _as_array(image)
    h, w = picture.shape[:2]
    found = []
    for part in _connected_parts(_foreground(picture)):
        ys, xs = np.nonzero(part)
        box_h, box_w = ys.max() - ys.min() + 1, xs.max() - xs.min() + 1
        if max(box_h, box_w) < 0.05 * _SIDE or len(ys) < 60:
            continue
        inner = part.copy()
        inner[1:] &= part[:-1]
        inner[:-1] &= part[1:]
        inner[:, 1:] &= part[:, :-1]
        inner[:, :-1] &= part[:, 1:]
        pixels = picture[inner if inner.sum() > 12 else part]
        nearest = np.linalg.norm(pixels[:, None] - _PALETTE, axis=-1).argmin(1)
        colour = int(np.bincount(nearest, minlength=len(_NAMES)).argmax())
        mask, templates = _normalised(part), _templates()
        overlap = np.minimum(templates, mask).sum((1, 2)) / np.maximum(templates, mask).sum((1, 2))
        best = int(overlap.argmax())
        found.append(
            Detected(
                NOUNS[best],
                _NAMES[colour],
                float(xs.min() + xs.max() + 1) / 2 / w,
                float(ys.min() + ys.max() + 1) / 2 / h,
                float(max(box_h, box_w)) / _SIDE,
                float(overlap[best]),
            )
        )
    return sorted(found, key=lambda d: -d.size)


def _matches(d: Detected, t: Thing) -> int:
    """0 to 2: how many of colour and shape are right (a colour left open is right)."""
    return int(_coloured(d, t)) + int(_shaped(d, t))


def _coloured(d: Detected, t: Thing) -> bool:
    return d.colour == t.colour or not t.colour_named


def _shaped(d: Detected, t: Thing) -> bool:
    return not t.shape_named or (d.shape == t.shape and d.overlap > LEAST_OVERLAP)


def _near(d: Detected, place: str) -> bool:
    x, y = PLACES[place]
    return abs(d.x - x) < 0.13 and abs(d.y - y) < 0.13


def _in_order(a: Detected, b: Detected, relation: str) -> bool:
    along, across = b.x - a.x, abs(b.y - a.y)
    if relation == "above":
        along, across = b.y - a.y, abs(b.x - a.x)
    return along > 0.1 and along > across


def match(found: list[Detected], want: Sequence[Thing]) -> list[tuple[Detected, Thing]]:
    """Pair each wanted thing with the object that suits it best; empty if there are too few."""
    if not len(found) >= len(want) > 0:
        return []

    def fit(chosen: tuple[Detected, ...]) -> tuple[int, float]:
        hits = sum(_matches(d, t) for d, t in zip(chosen, want, strict=True))
        gap = sum(abs(d.x - t.x) + abs(d.y - t.y) for d, t in zip(chosen, want, strict=True))
        return hits, -gap

    best = max(itertools.permutations(found[:6], len(want)), key=fit)
    return list(zip(best, want, strict=True))


def score(
    image: Image.Image | Tensor, scene: Scene, found: list[Detected] | None = None
) -> dict[str, bool]:
    """Judge a picture by a scene.

    Parameters
    ----------
    image : PIL.Image.Image or Tensor
        As for :func:`detect`.
    scene : Scene
        What it should show.
    found : list of Detected, optional
        What :func:`detect` returned for this picture, if that is known.

    Returns
    -------
    dict of str to bool
        ``count``: as many objects as asked. ``colour``, ``shape``: right for every object.
        ``place``: every stated place right (single and placed scenes). ``relation``: the two
        objects are there, each with its colour or its shape, in the right order. ``all``:
        everything.
    """
    found, want = detect(image) if found is None else found, scene.things
    result = {"count": len(found) == len(want)}
    pairs = match(found, want)
    result["colour"] = bool(pairs) and all(_coloured(d, t) for d, t in pairs)
    result["shape"] = bool(pairs) and all(_shaped(d, t) for d, t in pairs)
    if not want:
        return {"count": not found, "all": not found}
    if scene.kind in ("single", "two placed"):
        result["place"] = bool(pairs) and all(_near(d, t.place) for d, t in pairs if t.place)
    if scene.relation:
        ordered = all(
            _in_order(a, b, scene.relation) for a, b in itertools.pairwise(d for d, _ in pairs)
        )
        result["relation"] = bool(pairs) and ordered and all(_matches(d, t) for d, t in pairs)
    result["all"] = all(result.values())
    return result
