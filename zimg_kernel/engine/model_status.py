"""Status of models: which there are for an engine, which can be loaded, which is in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.models.weights import find_weights


@dataclass(frozen=True)
class ModelStatus:
    """A model as an engine sees it.

    Attributes
    ----------
    card : ModelCard
        The model.
    problem : str
        Why it cannot be loaded, in a few words; empty if it can.
    remedy : str
        What the user can do about it, as an imperative.
    loaded : bool
        Whether it is in memory.
    default : bool
        Whether it draws where none is named, as far as is known without loading anything.
    folder : Path or None
        Its files, where this process can read them.
    """

    card: ModelCard
    problem: str = ""
    remedy: str = ""
    loaded: bool = False
    default: bool = False
    folder: Path | None = None

    @property
    def ready(self) -> bool:
        """True if it can be loaded."""
        return not self.problem


def local_models(loaded: Collection[str], default: str) -> list[ModelStatus]:
    """Return the models of this machine, in the catalogue's order."""
    statuses = []
    for name, card in load_catalog().items():
        found = find_weights(card)
        statuses.append(
            ModelStatus(
                card, found.problem, found.remedy, name in loaded, name == default, found.folder
            )
        )
    return statuses
