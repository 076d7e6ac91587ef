"""Edit plan restored from parameters that name its pictures by digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery
    from zimg_kernel.models.catalog import ModelCard

    from .plan import EditPlan


def restore_plan(params: GenerationParams, card: ModelCard, gallery: Gallery | None) -> EditPlan:
    """Return the plan of an edit from its parameters alone.

    Raises
    ------
    BadInput
        The gallery does not hold the picture that was changed, or its mask.
    """
    from zimg_kernel.images.source import load_source

    from .plan import make_plan

    edit = params.edit
    assert edit is not None
    # An empty gallery, which counts as false, may hold kept inputs.
    source = gallery.input(edit.source) if gallery is not None else None
    mask = gallery.input(edit.mask) if gallery is not None and edit.mask else None
    if source is None or (edit.mask and mask is None):
        what = "picture that was changed" if source is None else "mask"
        where = (
            f"in the gallery {gallery.folder}"
            if gallery is not None
            else "where no gallery is kept"
        )
        raise BadInput(
            f"These parameters are of an edit ({edit.kind}), and the {what} is not {where}: do "
            "the edit with the picture itself, as zimg_kernel.edit and zimg edit do.",
            code="source-not-in-gallery",
            field="edit",
        )
    loaded = load_source(source)
    if loaded.image.mode == source.mode:  # else other pixels
        loaded = loaded.of_digest(edit.source)
    plan = make_plan(edit, loaded, card, mask)
    size = params.width, params.height
    if edit.kind == "upscale" or plan.canvas.size == size:
        return plan
    return make_plan(edit, loaded, card, mask, size)
