"""Size limits of depth and pose models."""

from __future__ import annotations

from PIL import Image

from zimg_kernel.errors import BadInput

_LEAST_SIDE = 16  # px; the models see patches of 14 or 16
_LONGEST = 8  # times the shorter side: beyond, the models' own scaling gives slivers


def check_size(image: Image.Image, kind: str) -> None:
    """Refuse a picture that is too small or too narrow to be looked at by a model."""
    short, long = sorted(image.size)
    size = f"{image.width}×{image.height} px"
    if short < _LEAST_SIDE:
        raise BadInput(
            f"{size} is too small for a {kind} map: at least {_LEAST_SIDE} px a side are needed.",
            code="picture-too-small",
            field="image",
        )
    if long > _LONGEST * short:
        raise BadInput(
            f"{size} is too narrow for a {kind} map: one side may be up to {_LONGEST} times the "
            "other. Cut out the part that you mean.",
            code="picture-too-narrow",
            field="image",
        )
