"""Parameters of an edit."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .docstring import add_parameters

_MARGIN = "Pixels that an outpainting adds at this side."

EditKind = Literal["img2img", "inpaint", "outpaint", "instruct", "control", "upscale", "vary"]


class Edit(BaseModel):
    """Parameters of an edit; the functions of ``zimg_kernel.edit`` fill them in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EditKind = Field(description="Kind of edit.")
    source: str = Field(
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of the source's pixels, 64 hex digits "
        "(zimg_kernel.images.pixels.digest).",
    )
    mask: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of the mask's pixels; white is repainted.",
    )
    strength: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Amount of noise on the source, above 0 up to 1; with 1 it is not seen at all.",
    )
    fit: Literal["fit", "crop", "pad"] = Field(
        default="fit",
        description="How a source of a size that the model does not draw is brought to one.",
    )
    feather: int = Field(
        default=0,
        ge=0,
        le=512,
        description="Pixels of the source over which the repainted part fades in, inside the mask.",
    )
    padding: int = Field(
        default=32,
        ge=0,
        le=1024,
        description="Pixels around the mask that the model sees where only the masked area is "
        "drawn.",
    )
    area: Literal["whole", "masked"] = Field(
        default="whole",
        description="What the model sees: the whole picture, or the masked area enlarged.",
    )
    left: int = Field(default=0, ge=0, description=_MARGIN)
    right: int = Field(default=0, ge=0, description=_MARGIN)
    top: int = Field(default=0, ge=0, description=_MARGIN)
    bottom: int = Field(default=0, ge=0, description=_MARGIN)
    control: str | None = Field(
        default=None, description="What is taken from the source as a map, such as canny or depth."
    )
    scale: float | None = Field(
        default=None, ge=0, le=2, description="How strictly the control map is followed, 0 to 2."
    )
    factor: float | None = Field(
        default=None, gt=1, le=8, description="Factor of an enlargement, above 1 up to 8."
    )


add_parameters(Edit)
