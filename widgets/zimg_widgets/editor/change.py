"""Request for the change that the Editor is set to, by the function of its way."""

from __future__ import annotations

from typing import Any

from PIL import Image

from zimg_kernel import Job, edit
from zimg_kernel.images.source import SourceImage


def request_change(
    way: str, source: SourceImage, words: str | None, mask: Image.Image, given: dict[str, Any]
) -> Job:
    """Ask an engine for a change.

    Parameters
    ----------
    way : str
        A kind of edit, see :data:`zimg_kernel.params.EditKind`.
    source : SourceImage
    words : str or None
        The prompt or instruction.
    mask : PIL.Image.Image
        For repainting.
    given : dict
        All other arguments of the function.

    Raises
    ------
    BadInput
        As the function does.
    """
    match way:
        case "instruct":
            return edit.instruct(source, words or "", **given)
        case "inpaint":
            return edit.inpaint(source, mask, words, **given)
        case "outpaint":
            return edit.outpaint(source, prompt=words, **given)
        case "vary":
            return edit.vary(source, prompt=words, **given)
        case "img2img":
            return edit.img2img(source, prompt=words, **given)
        case "control":
            return edit.control(source, prompt=words or "", **given)
    return edit.upscale(source, prompt=words, **given)
