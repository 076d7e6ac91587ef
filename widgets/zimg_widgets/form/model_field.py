"""The model on a form: those of the catalogue by title, and the one chosen if none is named."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from zimg_kernel import ModelCard, get_card, load_catalog, settings
from zimg_kernel.engine.local import MINIATURE
from zimg_kernel.models.weights import find_weights
from zimg_widgets._shared.commands import runnable
from zimg_widgets._shared.kernel_sentences import translated

from .fields import ChoiceField

_FULL_SIZE = "z-image-turbo"
_GPU_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # CUDA, CUDA in WSL, ROCm


class ModelField(ChoiceField):
    """A list of all models; those whose weights are not here say so, and how to get them."""

    def __init__(self, words: Mapping[str, str], language: str = "en") -> None:
        self._language = language
        super().__init__("model", [(words["automatic"], None)], words["model"], words)
        self.reload()

    @property
    def card(self) -> ModelCard:
        """The card of the model chosen, or of the one that will be."""
        return get_card(self.read() or likely_model())

    def reload(self) -> None:
        """Read the catalogue again, and look for the weights again."""
        chosen, cards = self.read(), load_catalog()
        options: list[tuple[str, str | None]] = []
        for name, card in cards.items():
            ready = find_weights(card).ready
            title = card.title if ready else self.labels["absent"].format(model=card.title)
            # A list does not say which of two equal titles was chosen.
            taken = title in [shown for shown, _ in options]
            options.append((f"{title} [{name}]" if taken else title, name))
        likely = cards.get(likely_model())
        word = self.labels["automatic_as"].format(model=likely.title) if likely else ""
        self.offer([(word or self.labels["automatic"], None), *options])
        self.show(chosen if chosen in cards else None)

    def show(self, value: str | None) -> None:
        """Show a model that the user did not choose."""
        super().show(value)
        self._settle()

    def _settle(self) -> None:
        self.show_note("")
        chosen = self.read()
        if chosen is None:
            return
        card = get_card(chosen)
        found = find_weights(card)
        if found.ready:
            return
        if card.source.modelscope or card.source.huggingface:
            command = runnable(f"zimg pull {card.id}")
            self.show_note(self.labels["absent_note"].format(model=card.title, command=command))
        else:
            problem = f"The model {card.title} {found.problem}; {found.remedy}."
            self.show_note(translated(problem, self._language))


def likely_model() -> str:
    """Return the model that the engine will most likely choose, without asking torch.

    As the engine does: ``ZIMG_MODEL``, else the full-size model if it has been downloaded and
    there is a GPU, else the miniature. Whether there is a GPU is told from ``ZIMG_DEVICE``
    or from its driver.
    """
    named = settings.settings().model
    if named:
        return named
    ready = find_weights(get_card(_FULL_SIZE)).ready
    return _FULL_SIZE if ready and _has_gpu() else MINIATURE


def _has_gpu() -> bool:
    wanted = settings.settings().device
    if wanted:
        return wanted != "cpu"
    if sys.platform == "darwin":
        return os.uname().machine == "arm64"
    return sys.platform == "win32" or any(Path(path).exists() for path in _GPU_DRIVERS)
