"""Place of the divider at which a comparison shows what has changed."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageOps

from zimg_kernel.images.pixels import rgb

MIDDLE = 50.0
_SIDE = 128  # px to which both are shrunk: noise of an encoding averages out
_VISIBLE = 16  # of 255; smaller differences of a shrunk channel are hardly seen
_MARGIN = 3.0  # percent of the width between the divider and the changed area
_WIDE = 0.9  # of the width: from here on the pictures differ everywhere


def opening_position(
    before: Image.Image, after: Image.Image, *, everywhere: float = MIDDLE
) -> float:
    """Return where the divider stands at first: the changed area lies on the side of ``after``.

    Parameters
    ----------
    before, after : PIL.Image.Image
        ``after`` is scaled to fit the box of ``before``, as the slider does.
    everywhere : float
        Where it stands if the pictures differ over the whole width, percent.

    Returns
    -------
    float
        Percent of the width from the left: 50, or less if the change begins further left.
    """
    area = changed_columns(before, after)
    if area is None:
        return MIDDLE
    left, right = area
    if right - left >= _WIDE:
        return everywhere
    return min(MIDDLE, max(0.0, 100 * left - _MARGIN))


def changed_columns(before: Image.Image, after: Image.Image) -> tuple[float, float] | None:
    """Return the left and right edge of the changed area as shares of the width.

    None if no difference can be seen.
    """
    scale = _SIDE / max(before.size)
    size = max(1, round(before.width * scale)), max(1, round(before.height * scale))
    first = rgb(before, turn=False).resize(size, Image.Resampling.BOX)
    second = rgb(after, turn=False)
    if after.size == before.size:
        second = second.resize(size, Image.Resampling.BOX)
    else:
        second = ImageOps.pad(second, size, Image.Resampling.BOX)
    red, green, blue = ImageChops.difference(first, second).split()
    most = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    box = most.point(lambda value: 255 * (value >= _VISIBLE)).getbbox()
    return None if box is None else (box[0] / size[0], box[2] / size[0])
