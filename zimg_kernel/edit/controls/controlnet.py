"""ControlNet of a warm model, loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zimg_kernel.families.registry import family_of

from .controlnet_files import require_controlnet

if TYPE_CHECKING:
    from zimg_kernel.models.loaded_model import LoadedModel

_EXTRAS_KEY = "controlnet"


def load_controlnet(model: LoadedModel) -> Any:
    """Return a model's ControlNet, loaded when it is first asked for.

    It is kept with the model (``model.extras``), has its data type and device, and goes when the
    model is unloaded.

    Returns
    -------
    diffusers.ModelMixin
        For the pipeline of the family that takes a ``controlnet``.

    Raises
    ------
    BadInput
        The card names no ControlNet, or one that was made for another transformer.
    WeightsMissing
        It is not on this machine, or damaged; says the command that gets it.
    OutOfMemory
        There is no room for it beside the model.
    """
    if _EXTRAS_KEY not in model.extras:
        path = require_controlnet(model.card)
        model.extras[_EXTRAS_KEY] = family_of(model.card).load_controlnet(model, path)
    return model.extras[_EXTRAS_KEY]
