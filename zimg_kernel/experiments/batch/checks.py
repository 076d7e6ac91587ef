"""Parameters of a batch, completed and checked before anything is drawn."""

from __future__ import annotations

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.params import GenerationParams


class ParamsChecker:
    """Complete and check the parameters of many pictures.

    Parameters
    ----------
    engine : Engine
        Fills in and checks them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._warnings: dict[str, None] = {}
        self._filled: dict[str, GenerationParams] = {}  # by hash, all of seed 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings on all that was checked, each once."""
        return tuple(self._warnings)

    def complete(self, params: GenerationParams) -> GenerationParams:
        """Return the parameters with every field filled in.

        Parameters that differ in their seed only are checked once. LoRA files are left to the
        pictures that need them: what was drawn before one was removed can still be looked at.

        Raises
        ------
        BadInput
            The model cannot draw them.
        WeightsMissing
            The model is not there.
        """
        kind = params.replace(seed=0, loras=())
        filled = self._filled.get(kind.hash)
        if filled is None:
            checked = self._engine.check(kind)
            self._warnings.update(dict.fromkeys(checked.warnings))
            filled = self._filled[kind.hash] = checked.params
        return filled.replace(seed=params.seed, loras=params.loras)
