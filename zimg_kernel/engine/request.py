"""Request: what was asked for, checked and found once, and carried on from there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.weights import ModelFiles
from zimg_kernel.params import GenerationParams

from .checks import check

if TYPE_CHECKING:
    from zimg_kernel.lora.matched import MatchedLora
    from zimg_kernel.sampling.sampler import PreviewKind
    from zimg_kernel.sampling.texts import ReadTexts

    from .plan import Plan


@dataclass(frozen=True)
class Request:
    """A request that an engine of this process accepts, with all that drawing it needs.

    Attributes
    ----------
    params : GenerationParams
        Every field filled in; the seed is drawn when it is submitted.
    card : ModelCard
        The model.
    files : ModelFiles
        The model's files.
    texts : ReadTexts
        Prompt and negative prompt as the model reads them.
    loras : tuple of MatchedLora
        The LoRA files, inspected and matched to the model.
    plan : Plan or None
        The pictures of an edit.
    preview : {"latent", "vae", "none"}
        What step events carry.
    save : bool
        Whether the pictures are written into the gallery.
    warnings, notes : tuple of str
        What the user should know; what is good to know and no cause for worry.
    origin : str
        Who asked, such as ``"studio"``.
    priority : int
        Higher ones are drawn first.
    drawn : int
        Pictures that a process which is gone has drawn; ``params`` ask for those after them.
    """

    params: GenerationParams
    card: ModelCard
    files: ModelFiles
    texts: ReadTexts
    loras: tuple[MatchedLora, ...] = ()
    plan: Plan | None = field(default=None, repr=False)
    preview: PreviewKind = "latent"
    save: bool = True
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    origin: str = ""
    priority: int = 0
    drawn: int = 0


def make_request(params: GenerationParams, card: ModelCard, files: ModelFiles) -> Request:
    """Check parameters against a model and find what they name, each thing once.

    Raises
    ------
    BadInput
        The request cannot be done; one sentence.
    """
    checked = check(params, card, files.tokenizer())
    request = Request(checked.params, card, files, checked.texts, warnings=checked.warnings)
    if not params.loras:
        return request
    from zimg_kernel.lora.checks import check_loras
    from zimg_kernel.lora.matched import match_loras

    loras = match_loras(params.loras, card, files.complete())
    warnings = check_loras(loras, checked.params.prompt) + checked.warnings
    return replace(request, loras=loras, warnings=warnings)
