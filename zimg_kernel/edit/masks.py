"""Masks: white is repainted, black stays as it is, to the bit."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage  # type: ignore[import-untyped]

from zimg_kernel.errors import BadInput
from zimg_kernel.images.pixels import grey
from zimg_kernel.images.reading import Source, read

_SAME_SHAPE = 0.03  # proportions that differ by less are taken for a mask in another size


def load_mask(
    mask: Source, size: tuple[int, int], name: str = "mask"
) -> tuple[Image.Image, tuple[str, ...]]:
    """Read a mask.

    Parameters
    ----------
    mask : picture
        Of any mode: white is repainted. What is transparent counts as black.
    size : (width, height)
        Of the picture that it belongs to, px.

    Returns
    -------
    PIL.Image.Image
        Mode "L", of that size.
    tuple of str
        What the user should know.

    Raises
    ------
    BadInput
        It is no picture, is empty, or has other proportions than the picture.
    """
    read_in = read(mask, name)
    image, notes = grey(read_in), []
    if image.size != size:
        across, down = image.width / size[0], image.height / size[1]
        if abs(across / down - 1) > _SAME_SHAPE:
            raise BadInput(
                f"The mask is {image.width}×{image.height} px and the picture "
                f"{size[0]}×{size[1]} px: their proportions differ, so it seems to belong to "
                "another picture. Paint one on this picture.",
                code="mask-size-differs",
                field="mask",
            )
        notes.append(
            f"The mask was brought from {image.width}×{image.height} to {size[0]}×{size[1]} px."
        )
        image = image.resize(size, Image.Resampling.BILINEAR)
    low, high = image.getextrema()
    if not high:
        hint = ""
        if read_in.has_transparency_data:
            hint = " (what is transparent in it counts as black)"
        raise BadInput(
            f"The mask is empty{hint}, so nothing would be repainted: paint over what is to "
            "change, which is white in a mask.",
            code="empty-mask",
            field="mask",
        )
    if low:
        notes.append("The mask covers the whole picture: nothing of it will stay.")
    return image, tuple(notes)


def faded(mask: Image.Image, feather: int) -> Image.Image:
    """Return the mask with an edge that fades in over so many pixels, all inside of it.

    What is black stays black, so that the picture there stays as it is.
    """
    if not feather:
        return mask
    inside = np.asarray(mask) > 0
    if inside.all():
        return mask
    distance = ndimage.distance_transform_edt(inside)
    weight = np.clip(distance / (feather + 1), 0, 1)
    return Image.fromarray((np.asarray(mask) * weight).round().astype(np.uint8))


def keep_colours(source: Image.Image, drawn: Image.Image, radius: float) -> Image.Image:
    """Return what was drawn with the broad colours of its source, and its own details.

    Broad is what a Gaussian of this radius leaves (the colour fix of Wang et al., "StableSR",
    IJCV 2024, with one level instead of several).

    Parameters
    ----------
    source, drawn : PIL.Image.Image
        RGB, of one size.
    radius : float
        Standard deviation in px.
    """
    before, after = (np.asarray(image, np.float32) for image in (source, drawn))
    missing = ndimage.gaussian_filter(before - after, (radius, radius, 0))
    return Image.fromarray((after + missing).clip(0, 255).round().astype(np.uint8))


def put_back(
    source: Image.Image, drawn: Image.Image, mask: Image.Image, box: tuple[int, int, int, int]
) -> Image.Image:
    """Return the source with what was drawn laid into it where the mask is not black.

    Parameters
    ----------
    source : PIL.Image.Image
        RGB or RGBA; every pixel at which the mask is 0 is returned as it is.
    drawn : PIL.Image.Image
        RGB, of the size of ``box``.
    mask : PIL.Image.Image
        Mode "L", of the source's size.
    box : (left, top, right, bottom)
        Where on the source it was drawn.
    """
    result = source.copy()
    part = mask.crop(box)
    if source.mode != "RGBA":
        result.paste(drawn, box[:2], part)
        return result
    # Drawn over the source as it was seen, on white; what was clear becomes solid by as much.
    under = source.crop(box)
    white = Image.alpha_composite(Image.new("RGBA", under.size, "white"), under).convert("RGB")
    seen = Image.composite(drawn, white, part)
    alpha = np.maximum(np.asarray(under.getchannel("A")), np.asarray(part))
    layer = seen.convert("RGBA")
    layer.putalpha(Image.fromarray(alpha))
    changed = part.point(lambda value: 255 if value else 0)
    result.paste(layer, box[:2], changed)
    return result
