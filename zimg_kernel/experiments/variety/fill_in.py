"""Parameters as an engine will draw them: the model chosen, its defaults filled in, checked."""

from __future__ import annotations

from zimg_kernel.engine.checks import check
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.weights import tokenizer_folder
from zimg_kernel.params import GenerationParams


def filled(params: GenerationParams, engine: Engine, said: list[str]) -> GenerationParams:
    """Return parameters with every field filled in; what the user should know goes to ``said``.

    Raises
    ------
    BadInput
        The model cannot draw them, or none is named and the engine does not choose.
    """
    if params.model is None:
        choose = getattr(engine, "choose_model", None)
        if choose is None:
            raise BadInput("Name the model: this engine does not say which one it would take.")
        model, words = choose()
        said += words
        params = params.replace(model=model)
    card = get_card(str(params.model))
    # Another process's or host's engine has its own files, and looks at them itself.
    folder = tokenizer_folder(card) if isinstance(engine, LocalEngine) else None
    checked = check(params, card, folder)
    said += checked.warnings
    return checked.params
