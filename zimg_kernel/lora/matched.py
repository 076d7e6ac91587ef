"""LoRAs of a request: found, inspected and matched to a model once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.models.card import ModelCard

from .files import Stamp, find_lora, stamp
from .hashes import begin_sha256, sha256
from .inspect import Look, look, require_loader


@dataclass(frozen=True)
class MatchedLora:
    """A LoRA file that fits a model.

    Attributes
    ----------
    name : str
        As it was asked for.
    weight : float
        Strength.
    stamp : Stamp
        The state of the file that was inspected.
    look : Look
        What is in it, its match with the model, and the report.
    """

    name: str
    weight: float
    stamp: Stamp
    look: Look = field(repr=False)

    def sha256(self) -> str:
        """Return the file's SHA-256, 64 hex digits, whose computation has begun already."""
        return sha256(self.stamp)

    def current(self, card: ModelCard, folder: Path) -> MatchedLora:
        """Return this, or the file matched anew where it has been changed since."""
        if stamp(self.look.path) == self.stamp:
            return self
        return match_lora(self.name, self.weight, card, folder)


def match_lora(name: str, weight: float, card: ModelCard, folder: Path) -> MatchedLora:
    """Find a LoRA, inspect it and match it to a model in a complete diffusers folder.

    Raises
    ------
    BadInput
        The file is not there (with the nearest names), is no LoRA, or has nothing in it that
        fits the model: it would silently do nothing.
    """
    require_loader(card)
    state = stamp(find_lora(name))
    seen = look(name, card, folder, state)
    if seen.report.fits == "no":
        raise BadInput(
            f"The LoRA {name} cannot be used. {seen.report.verdict}",
            code="lora-does-not-fit",
            field="loras",
        )
    if weight:
        begin_sha256(state)
    return MatchedLora(name, weight, state, seen)


def match_loras(
    loras: Sequence[tuple[str, float]], card: ModelCard, folder: Path
) -> tuple[MatchedLora, ...]:
    """Match the LoRAs of a request, in their order; raises as :func:`match_lora`."""
    return tuple(match_lora(name, weight, card, folder) for name, weight in loras)
