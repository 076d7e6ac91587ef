"""The model on a form: those of the catalogue by title, and the one chosen if none is named."""

from __future__ import annotations

from collections.abc import Mapping

from zimg_kernel import ModelCard, default_engine, get_card
from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.engine.protocol import Engine
from zimg_widgets._shared.commands import runnable
from zimg_widgets._shared.kernel_sentences import translated

from .fields import ChoiceField


class ModelField(ChoiceField):
    """A list of all models; those whose weights are not here say so, and how to get them."""

    def __init__(
        self, words: Mapping[str, str], language: str = "en", engine: Engine | None = None
    ) -> None:
        self._language, self._engine = language, engine
        self._models: dict[str, ModelStatus] = {}
        super().__init__("model", [(words["automatic"], None)], words["model"], words)
        self.reload()

    @property
    def card(self) -> ModelCard:
        """The card of the model chosen, or of the one that will be."""
        chosen = self.read()
        if chosen is None:
            chosen = next((name for name, one in self._models.items() if one.default), None)
        one = self._models.get(chosen or "")
        return one.card if one else get_card(chosen or "")

    def reload(self) -> None:
        """Read the catalogue again, and look for the weights again."""
        chosen = self.read()
        self._look()
        options: list[tuple[str, str | None]] = []
        for name, one in self._models.items():
            title = one.card.title
            if not one.ready:
                title = self.labels["absent"].format(model=title)
            # A list does not say which of two equal titles was chosen.
            taken = title in [shown for shown, _ in options]
            options.append((f"{title} [{name}]" if taken else title, name))
        default = next((one.card for one in self._models.values() if one.default), None)
        word = self.labels["automatic_as"].format(model=default.title) if default else ""
        self.offer([(word or self.labels["automatic"], None), *options])
        self.show(chosen if chosen in self._models else None)

    def show(self, value: str | None) -> None:
        """Show a model that the user did not choose."""
        super().show(value)
        self._settle()

    def _look(self) -> None:
        models = (self._engine or default_engine()).models()
        self._models = {one.card.id: one for one in models}

    def _settle(self) -> None:
        self.show_note("")
        chosen = self.read()
        if chosen is None:
            return
        self._look()
        found = self._models.get(chosen)
        if found is None or found.ready:
            return
        card = found.card
        if card.source.modelscope or card.source.huggingface:
            command = runnable(f"zimg pull {card.id}")
            self.show_note(self.labels["absent_note"].format(model=card.title, command=command))
        else:
            problem = f"The model {card.title} {found.problem}; {found.remedy}."
            self.show_note(translated(problem, self._language))
