"""A choice among the names that a model's family knows, such as samplers."""

from __future__ import annotations

from collections.abc import Mapping

from zimg_kernel import ModelCard
from zimg_kernel.families import family_of

from .fields import ChoiceField

FAMILY_NAMES = {"sampler": "samplers", "sigmas": "spacings"}
"""Parameters that are chosen so, and the names in a family."""


class FamilyField(ChoiceField):
    """One of a family's names; another model may offer others."""

    def __init__(
        self, name: str, card: ModelCard, label: str, words: Mapping[str, str], help: str = ""
    ) -> None:
        super().__init__(name, [], label, words, help)
        self.take_card(card)

    def take_card(self, card: ModelCard) -> None:
        """Offer the names of a card's family; the one chosen stays if it is among them."""
        names = getattr(family_of(card), FAMILY_NAMES[self.name])
        if self.values != list(names):
            chosen, touched = self.read(), self.touched
            self.offer([(name, name) for name in names])
            self.show(chosen)
            self.touched = touched and chosen in names

    def show(self, value: str | None) -> None:
        """Show a name; the family's first in place of one that it does not know."""
        super().show(value if value in self.values else self.values[0])
