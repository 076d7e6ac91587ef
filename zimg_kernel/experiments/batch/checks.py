"""Parameters of a batch, completed and checked before anything is drawn."""

from __future__ import annotations

from zimg_kernel.engine.checks import check
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.weights import tokenizer_folder
from zimg_kernel.params import GenerationParams


class ParamsChecker:
    """Complete and check the parameters of many pictures.

    Parameters
    ----------
    engine : Engine
        Chooses the model where none is named.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._warnings: dict[str, None] = {}
        self._checked: set[str] = set()
        self._model = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings on all that was checked, each once."""
        return tuple(self._warnings)

    def default_model(self) -> str:
        """Return the model that the engine takes where none is named.

        Raises
        ------
        BadInput
            The engine does not choose one.
        """
        if not self._model:
            choose = getattr(self._engine, "choose_model", None)
            if choose is None:
                raise BadInput(
                    "Name the model: this engine does not say which one it would take.",
                    code="model-not-named",
                    field="model",
                )
            self._model, reasons = choose()
            self._warnings.update(dict.fromkeys(reasons))
        return self._model

    def complete(self, params: GenerationParams) -> GenerationParams:
        """Return the parameters with every field filled in.

        Parameters that differ in their seed only are checked once.

        Raises
        ------
        BadInput
            The model cannot draw them.
        WeightsMissing
            The model is not there, on an engine of this process.
        """
        card = get_card(params.model or self.default_model())
        filled = card.fill(params)
        kind = filled.replace(seed=0).hash
        if kind not in self._checked:
            # Another process's or host's engine has its own files, and looks at them itself.
            folder = tokenizer_folder(card) if isinstance(self._engine, LocalEngine) else None
            self._warnings.update(dict.fromkeys(check(filled, card, folder).warnings))
            self._checked.add(kind)
        return filled
