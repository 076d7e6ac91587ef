"""Protocol of plans: what a request draws from beside its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery
    from zimg_kernel.images.source import SourceImage
    from zimg_kernel.models.catalog import ModelCard
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.sampling.prompt_embeddings import PromptCache
    from zimg_kernel.sampling.sampler import Sampler
    from zimg_kernel.sampling.texts import ReadTexts


class Plan(Protocol):
    """Pictures that a request starts from, and how its result is put together."""

    @property
    def painted(self) -> Image.Image | None:
        """The mask that somebody painted, if any."""

    def prepare(self, params: GenerationParams) -> Plan:
        """Return the plan with everything that takes long to make; in the engine's thread."""

    def sampler(
        self, model: LoadedModel, cache: PromptCache, texts: ReadTexts | None = None
    ) -> Sampler:
        """Return the sampler that draws by this plan, from texts that were read before."""

    def record(self) -> dict[str, Any]:
        """Return what the picture tells of its source, ready for JSON."""

    def inputs(self) -> tuple[Image.Image | SourceImage, ...]:
        """Return the pictures that are needed to draw it again, beside the mask."""


PlanRestorer: TypeAlias = "Callable[[GenerationParams, ModelCard, Gallery | None], Plan]"
"""Makes the plan of a request whose parameters name its pictures by their digests."""

_restorer: PlanRestorer | None = None


def set_plan_restorer(restorer: PlanRestorer) -> None:
    """Tell the engines how plans are made again from parameters alone."""
    global _restorer
    _restorer = restorer


def restore_plan(params: GenerationParams, card: ModelCard, gallery: Gallery | None) -> Plan:
    """Return the plan of a request from its parameters alone.

    Raises
    ------
    BadInput
        The pictures that the parameters name are not in the gallery.
    """
    if _restorer is None:
        raise BadInput(
            "These parameters are of an edit: import zimg_kernel.api first, which knows edits.",
            code="edits-not-imported",
            field="edit",
        )
    return _restorer(params, card, gallery)
