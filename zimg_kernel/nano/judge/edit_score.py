"""Scores of edits: the named change, and that everything else stayed."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.world.edits import SceneEdit
from zimg_kernel.nano.world.scenes import Scene, Thing

from .detection import LEAST_OVERLAP, Detected, detect
from .sign_ocr import read_sign

NEAR = 0.09
"""Largest distance of a centre from where it should be, in fractions of the picture's sides."""
MOVED = 0.13
"""The same for an object that was moved or added, whose words name a region and not a point."""


def picture_of(scene: Scene, height: int, width: int) -> Image.Image:
    """Draw a scene exactly."""
    pixels = draw(pack([scene]), height, width)[0].permute(1, 2, 0)
    return Image.fromarray((pixels * 255).round().byte().numpy())


def _at(found: list[Detected], t: Thing, near: float) -> Detected | None:
    close = [d for d in found if abs(d.x - t.x) < near and abs(d.y - t.y) < near]
    return min(close, key=lambda d: abs(d.x - t.x) + abs(d.y - t.y)) if close else None


def _is(d: Detected | None, t: Thing) -> bool:
    right = d is not None and d.colour == t.colour and d.shape == t.shape
    return right and d is not None and d.overlap > LEAST_OVERLAP


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), dtype=np.float32) / 255


def _untouched(edit: SceneEdit, height: int, width: int) -> np.ndarray:
    """(H, W) bool: where source and target are the same, two latent cells around left out."""
    scenes = pack([edit.source, edit.target])
    before, after = draw(scenes, height, width)
    changed = ((before - after).abs().amax(0) > 0.02).float()[None, None]
    import torch.nn.functional as F

    grown = F.max_pool2d(changed, 33, 1, 16)[0, 0]
    return (grown == 0).numpy()


def score_edit(
    image: Image.Image, edit: SceneEdit, source: Image.Image | None = None
) -> dict[str, Any]:
    """Judge a picture by an edit.

    Parameters
    ----------
    image : PIL.Image.Image
        The edited picture.
    edit : SceneEdit
    source : PIL.Image.Image, optional
        The picture that was edited; by default the exact drawing of the edit's source.

    Returns
    -------
    dict
        ``changed``: what the instruction names is as it should be. ``kept``: every other object
        has its colour, shape and place, nothing appeared, and the background is as before (where
        it was not to change). ``psnr``: of the area that should stay, against the source, in dB;
        None where nothing should.
    """
    width, height = image.size
    source = source or picture_of(edit.source, height, width)
    found, want = detect(image), edit.target.things
    others = [t for i, t in enumerate(want) if i != edit.index or edit.kind == "remove"]
    kept = len(found) == len(want) and all(_is(_at(found, t, NEAR), t) for t in others)
    got, exact = _array(image), _array(picture_of(edit.target, height, width))
    rim = np.ones((height, width), dtype=bool)
    rim[8:-8, 8:-8] = False
    ground = float(np.abs(got - exact)[rim].mean()) < 0.06
    if edit.kind == "text":
        changed = read_sign(image) == edit.change
    elif edit.kind == "background":
        away = float(np.abs(got - _array(source))[rim].mean())
        changed = ground and float(np.abs(got - exact)[rim].mean()) < away
    elif edit.kind in ("style", "time"):
        changed = float(np.abs(got - exact).mean()) < 0.1
    elif edit.kind == "remove":
        changed = _at(found, edit.source.things[edit.index], NEAR) is None
    else:
        thing = want[edit.index]
        d = _at(found, thing, MOVED if edit.kind in ("move", "add") else NEAR)
        changed = _is(d, thing)
        if edit.kind == "resize" and d is not None:
            before = _at(detect(source), edit.source.things[edit.index], NEAR)
            larger = before is not None and d.size > before.size
            changed = changed and larger == (edit.change == "large")
    if edit.kind != "background":
        kept = kept and ground
    untouched = _untouched(edit, height, width)
    psnr = None
    if untouched.mean() > 0.05:
        error = float(((got - _array(source)) ** 2)[untouched].mean())
        psnr = round(-10 * float(np.log10(max(error, 1e-6))), 2)
    return {"changed": bool(changed), "kept": bool(kept), "psnr": psnr}
