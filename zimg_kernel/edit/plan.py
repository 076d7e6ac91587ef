"""Edit plan: what is laid before the model, and how the result is put together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from zimg_kernel.families.registry import family_of
from zimg_kernel.images.source import SourceImage
from zimg_kernel.params import Edit, GenerationParams

from .canvas import CanvasPlacement, place_area, place_source, up_to_multiple
from .masks import faded, keep_colours, put_back

if TYPE_CHECKING:
    from zimg_kernel.models.catalog import ModelCard
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.sampling.prompt_embeddings import PromptCache
    from zimg_kernel.sampling.sampler import Sampler
    from zimg_kernel.sampling.texts import ReadTexts

_AFTER_MAPS = ("control", "inpaint", "outpaint")


@dataclass(frozen=True)
class EditPlan:
    """Everything about an edit that is no number: pictures, and where they go.

    Attributes
    ----------
    source : SourceImage
        The picture that is changed.
    canvas : PIL.Image.Image
        What the model sees, RGB; where that is a control map, the source until
        :meth:`prepare` has made it.
    mask : PIL.Image.Image or None
        Of the source's (for an outpainting: the result's) size; white is repainted.
    cells : PIL.Image.Image or None
        The mask on the canvas, in whole latent cells.
    placement : CanvasPlacement
        Where the source lies on the canvas.
    guide : PIL.Image.Image or None
        For an inpainting after a control map: that map on the canvas, once it is made.
    notes : tuple of str
        What the user should know.
    """

    source: SourceImage
    canvas: Image.Image = field(repr=False)
    placement: CanvasPlacement
    mask: Image.Image | None = field(default=None, repr=False)
    cells: Image.Image | None = field(default=None, repr=False)
    guide: Image.Image | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def prepare(self, params: GenerationParams) -> EditPlan:
        """Return the plan with its control map, which may take seconds and a model of its own.

        Raises
        ------
        BadInput
            There is nothing in the source to make a map of.
        """
        edit = params.edit
        if edit is None or edit.control is None or edit.kind not in _AFTER_MAPS:
            return self
        from .controls import control_map

        made = self.placement.lay(control_map(_extended(self.source.rgb, edit), edit.control))
        return replace(self, canvas=made) if edit.kind == "control" else replace(self, guide=made)

    def finish(self, edit: Edit, drawn: Image.Image) -> Image.Image:
        """Return the result from a drawn canvas."""
        if self.mask is None:
            if edit.kind == "upscale":
                drawn = keep_colours(self.canvas, drawn, 4 * (edit.factor or 1))
            result = self.placement.cut_out(drawn)
            return _with_alpha(result, self.source.image, self.placement)
        under = _extended(self.source.image, edit)
        box = self.placement.box
        part = self.placement.cut_out(drawn)
        size = (box[2] - box[0], box[3] - box[1])
        if part.size != size:
            part = part.resize(size, Image.Resampling.LANCZOS)
        result = put_back(under, part, faded(self.mask, edit.feather), box)
        result.info = dict(self.source.image.info)
        return result

    def sampler(
        self, model: LoadedModel, cache: PromptCache, texts: ReadTexts | None = None
    ) -> Sampler:
        """Return the sampler that draws by this plan."""
        from .sampler import EditSampler

        return EditSampler(model, cache, self, texts)

    def record(self) -> dict[str, Any]:
        """Record of the picture's source, ready for JSON."""
        return self.source.record

    @property
    def painted(self) -> Image.Image | None:
        """The mask, where somebody painted one; an outpainting's follows from its numbers."""
        painted = self.mask is not None and self.mask.size == self.source.image.size
        return self.mask if painted else None

    def inputs(self) -> tuple[SourceImage, ...]:
        """The pictures that are needed to draw it again, beside the mask."""
        return (self.source,)


def make_plan(
    edit: Edit,
    source: SourceImage,
    card: ModelCard,
    mask: Image.Image | None = None,
    wanted: tuple[int | None, int | None] = (None, None),
) -> EditPlan:
    """Lay a source on the canvas that its edit needs.

    Parameters
    ----------
    edit : Edit
        Its ``source`` and ``mask`` must be the digests of the pictures given here.
    source : SourceImage
    card : ModelCard
        The model that shall draw.
    mask : PIL.Image.Image, optional
        For an inpainting: mode "L", of the source's size.
    wanted : (width, height)
        The canvas asked for, where one was.
    """
    if edit.control and edit.kind in _AFTER_MAPS:
        from .controls.maps import require_maker

        require_maker(edit.control)
    image = source.rgb
    notes: tuple[str, ...] = ()
    if edit.kind in ("inpaint", "outpaint"):
        if edit.kind == "outpaint":
            image, mask = _extended(image, edit), _new_area(image.size, edit)
        assert mask is not None
        if edit.area == "masked":
            placement = place_area(mask.getbbox() or (0, 0, 1, 1), image.size, edit.padding, card)
        else:
            placement, notes = place_source(image.size, card, wanted=wanted, fit="fit")
        cells = placement.lay_mask(mask, family_of(card).cell)
        notes = source.notes + notes
        return EditPlan(source, placement.lay(image), placement, mask, cells, notes=notes)
    if edit.kind == "upscale":
        factor = edit.factor or 2.0
        size = tuple(max(1, round(side * factor)) for side in image.size)
        large = image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
        canvas = up_to_multiple(size[0], card), up_to_multiple(size[1], card)
        placement = CanvasPlacement((0, 0, *large.size), (0, 0, *large.size), canvas)
        return EditPlan(source, placement.lay(large), placement, notes=source.notes)
    placement, notes = place_source(image.size, card, wanted=wanted, fit=edit.fit)
    return EditPlan(source, placement.lay(image), placement, notes=source.notes + notes)


def _extended(image: Image.Image, edit: Edit) -> Image.Image:
    """The source with an outpainting's margins, its rim drawn out into them."""
    if edit.kind != "outpaint":
        return image
    import numpy as np

    rim: list[tuple[int, int]] = [(edit.top, edit.bottom), (edit.left, edit.right)]
    pixels = np.asarray(image)
    return Image.fromarray(np.pad(pixels, rim + [(0, 0)] * (pixels.ndim - 2), mode="edge"))


def _new_area(size: tuple[int, int], edit: Edit) -> Image.Image:
    whole = size[0] + edit.left + edit.right, size[1] + edit.top + edit.bottom
    mask = Image.new("L", whole, 255)
    mask.paste(0, (edit.left, edit.top, edit.left + size[0], edit.top + size[1]))
    return mask


def _with_alpha(
    result: Image.Image, source: Image.Image, placement: CanvasPlacement
) -> Image.Image:
    """Give the result the transparency of the source, where it has any."""
    if source.mode != "RGBA":
        return result
    alpha = source.getchannel("A")
    laid = placement.cut_out(placement.lay(alpha.resize(_seen(source, placement, alpha))))
    result = result.convert("RGBA")
    result.putalpha(laid)
    return result


def _seen(source: Image.Image, placement: CanvasPlacement, alpha: Image.Image) -> tuple[int, int]:
    """The size that the placement's box counts in: an enlargement's is already the larger one."""
    return placement.box[2:] if max(placement.box[2:]) > max(source.size) else alpha.size


def steps_run(steps: int, strength: float) -> int:
    """Return how many of the steps are really run.

    The source gets the noise of a step on the way, and only what comes after is run
    (``get_timesteps`` of diffusers' ZImageImg2ImgPipeline): ``steps - int(steps - steps *
    strength)``, at least 1.

    Parameters
    ----------
    steps : int
        Denoising steps of a whole picture.
    strength : float
        Above 0 up to 1.
    """
    return steps - int(max(steps - min(steps * strength, steps), 0))


def describe_strength(steps: int, strength: float) -> str:
    """Return a sentence on how many of the steps a strength runs."""
    run = steps_run(steps, strength)
    if run < steps:
        return f"Strength {strength:g} runs {run} of {steps} steps."
    if steps == 1:  # there is nothing to choose
        return ""
    return (
        f"Strength {strength:g} runs all {steps} steps, from noise alone: nothing is left of "
        "the source in what is redrawn."
    )
