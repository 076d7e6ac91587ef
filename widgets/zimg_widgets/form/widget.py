"""The form of a request: a control for each parameter, made from the parameters themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from zimg_kernel import GenerationParams
from zimg_kernel.api import as_params
from zimg_kernel.engine.protocol import Engine
from zimg_widgets._shared.labels import in_language
from zimg_widgets._shared.labels import language as chosen_language
from zimg_widgets._shared.static_fallback import StaticFallback
from zimg_widgets._shared.subshell import handle_messages_in_subshell
from zimg_widgets.disclosure.widget import Disclosure
from zimg_widgets.prompt_box.check import PromptCheck
from zimg_widgets.prompt_box.widget import PromptBox

from .family_field import FAMILY_NAMES, FamilyField
from .field_factory import make_field
from .fields import Field
from .frame import FormFrame
from .guidance import follow_guidance
from .labels import FIELD_LABELS, LABELS, help_of
from .model_field import ModelField
from .restored import FROM_CARD, changed, put_params
from .seed_field import SeedField
from .size_field import SizeField
from .static_html import form_table

_FIRST = ("steps", "count", "guidance")  # generic fields that stand in sight, in this order
_SPECIAL = {"schema_version", "prompt", "negative_prompt", "model", "width", "height", "seed"} | {
    "edit"  # an edit needs its picture: the Editor's business
}


class ParamsForm(StaticFallback, ipywidgets.VBox):  # type: ignore[misc]
    """Fields for all of :class:`GenerationParams`, with the defaults of the model chosen.

    It knows no list of parameters or models: a parameter added later stands under "More"
    with its name and the help of the docstring, a card in models.yaml in the list of models.

    Parameters
    ----------
    params : GenerationParams, mapping or str, optional
        What it shows at first; a string is a prompt. The form is made for the class of these.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.
    kind : type of GenerationParams, optional
        The class to make a form for, if there are no ``params``.
    check : bool
        Whether remarks on the prompt are shown as one types; see :func:`zimg_kernel.prompts.lint`.
    engine : Engine, optional
        Whose models are offered; the default engine's otherwise.
    """

    children: Any

    def __init__(
        self,
        params: GenerationParams | Mapping[str, Any] | str | None = None,
        *,
        language: str | None = None,
        kind: type[GenerationParams] | None = None,
        check: bool = True,
        engine: Engine | None = None,
    ) -> None:
        if isinstance(params, Mapping) and kind is not None:
            params = kind.from_dict(params)
        params = None if params is None else as_params(params, {})
        self._engine = engine
        self._kind = kind or (type(params) if params is not None else GenerationParams)
        self._language = chosen_language(language)
        self.labels = in_language({**FIELD_LABELS, **LABELS}, self._language)
        self._submit: list[Callable[[ParamsForm], None]] = []
        self._changed: list[Callable[[ParamsForm], None]] = [ParamsForm.update_static_html]
        self.kept_guidance: float | None = None
        """The user's guidance, while a model without it is chosen."""
        self._setting = False
        self._build()
        super().__init__(self._arranged(), layout={"width": "auto"})
        self.add_class("zimg-form")
        self.take_card()
        self._check = self._checker() if check else None
        if params is not None:
            self.set(params)
        handle_messages_in_subshell(self)

    @property
    def language(self) -> str:
        """The language of the form, "en" or "zh"."""
        return self._language

    @property
    def problem(self) -> str:
        """Problem shown in the form as one sentence until the next change."""
        return str(self._frame.problem)

    @problem.setter
    def problem(self, sentence: str) -> None:
        self._frame.problem = sentence

    @property
    def restored(self) -> dict[str, Any]:
        """List shown in the form until the next change; see :attr:`FormFrame.restored`."""
        return dict(self._frame.restored)

    @restored.setter
    def restored(self, value: dict[str, Any]) -> None:
        self._frame.restored = value

    @property
    def more_fields(self) -> dict[str, Field]:
        """The fields under "More" by the name of their parameter."""
        return {name: field for name, field in self.fields.items() if name not in _FIRST}

    def on_submit(self, listener: Callable[[ParamsForm], None]) -> None:
        """Call a function with the form when Ctrl+Enter is pressed in a prompt."""
        self._submit.append(listener)

    def on_change(self, listener: Callable[[ParamsForm], None]) -> None:
        """Call a function with the form whenever the user has changed something."""
        self._changed.append(listener)

    def params(self) -> GenerationParams:
        """Return what the form says; the seed is -1 unless it is kept.

        While the model is chosen automatically, what the user has not changed is left open,
        so that it suits the model that the engine takes.

        Raises
        ------
        BadInput
            Something on the form cannot be; the message is one sentence.
        """
        automatic = self.model.read() is None
        fields: dict[str, Any] = {name: field.read() for name, field in self.fields.items()}
        for name in FROM_CARD:
            if name in fields and automatic and not self.fields[name].touched:
                fields[name] = None
        width, height = self.size.read()
        left_open = automatic and not self.size.touched
        fields["width"], fields["height"] = (None, None) if left_open else (width, height)
        fields["prompt"] = self.prompt.value
        off = self.negative_prompt.disabled
        fields["negative_prompt"] = "" if off else self.negative_prompt.value
        fields["model"] = self.model.read()
        fields["seed"] = self.seed.read()
        return self._kind(**fields)

    def set(self, params: GenerationParams | Mapping[str, Any] | str) -> None:
        """Show these parameters, such as a picture's; a seed they have is kept.

        Fields that they leave open take the model's defaults. If the model is unknown here,
        the one chosen stays and :attr:`problem` says so; values that the model does not draw
        are changed to the nearest, and :attr:`restored` says so. Of an edited picture the
        numbers are shown: a form draws from words alone, and the Editor changes pictures.
        """
        params = as_params(params, {})
        if params.edit is not None:
            params = params.replace(edit=None)
        if not isinstance(params, self._kind):  # of an earlier version, with fewer fields
            params = self._kind(**params.model_dump())
        self._setting = True
        try:
            put_params(self, params)
        finally:
            self._setting = False
        if self._check:
            self._check()
        known = params.model in self.model.values
        self.problem = "" if known else self.labels["unknown_model"].format(model=params.model)
        lines = changed(self, params)
        self.restored = {"message": self.labels["changed"], "lines": lines} if lines else {}

    def show_seed(self, seed: int) -> None:
        """Show the seed that a request was given; whether it is kept stays as it is."""
        self.seed.show_used(seed)

    def add(self, actions: Any, *controls: Any) -> None:
        """Put the row of buttons below the prompt, then the form's problem, then the controls."""
        prompt, frame, *fields = self.children
        self.children = (prompt, actions, frame, *controls, *fields)
        handle_messages_in_subshell(self)

    def reload_models(self) -> None:
        """Look again which models there are, and which of them are on this machine."""
        self.model.reload()
        self.take_card()
        if self._check:
            self._check()

    def to_static_html(self) -> str:
        """Return the values as HTML."""
        return form_table(self)

    def _checker(self) -> PromptCheck:
        checker = PromptCheck(self.prompt, lambda: self.model.card.id, self._language)
        self.model.listeners.append(checker)
        return checker

    def _build(self) -> None:
        words, language = self.labels, self._language
        self._frame = FormFrame(language=language)
        self.prompt = PromptBox(rows=3, language=language)
        self.negative_prompt = PromptBox(
            label=words["negative_prompt"], placeholder="", rows=2, language=language
        )
        for box in (self.prompt, self.negative_prompt):
            box.on_submit(self._submitted)
            box.observe(self._user_changed, "value")
        self.model = ModelField(words, language, self._engine)
        self.size = SizeField(self.model.card, words)
        self.seed = SeedField(words)
        self.fields: dict[str, Field] = {}
        """The other fields by the name of their parameter."""
        for name, info in self._kind.model_fields.items():
            if name not in _SPECIAL:
                self.fields[name] = self._generic(name, info)
        self.model.listeners.append(self._model_changed)
        self.fields["guidance"].listeners.append(lambda _: self.follow_guidance())
        for field in (self.model, self.size, self.seed, *self.fields.values()):
            field.listeners.append(self._user_changed)

    def _generic(self, name: str, info: Any) -> Field:
        label = self.labels.get(name, name) if name in FIELD_LABELS else name
        help = help_of(self._kind, name, self._language)
        # The card fills these two in, so that they always hold a number.
        kind = {"steps": int, "guidance": float}.get(name, info.annotation)
        if name in FAMILY_NAMES:
            field: Field = FamilyField(name, self.model.card, label, self.labels, help)
        else:
            field = make_field(kind, name, info, label, self.labels, help)
        if name not in _FIRST:
            field.remark = help
        return field

    def _arranged(self) -> list[Any]:
        first = [self.fields[name] for name in _FIRST]
        row = ipywidgets.HBox(first, layout={"width": "auto"})
        row.add_class("zimg-row")
        inner = ipywidgets.VBox([*self.more_fields.values()], layout={"width": "auto"})
        inner.add_class("zimg-more")
        self.more = Disclosure(self.labels["more"], language=self._language)
        more = ipywidgets.VBox([self.more, inner], layout={"width": "auto"})
        more.add_class("zimg-disclosed")
        fields = [self.model, self.size, row, self.negative_prompt, self.seed]
        return [self.prompt, self._frame, *fields, more]

    def take_card(self) -> None:
        """Take the defaults of the model's card wherever the user has not chosen otherwise."""
        card = self.model.card
        self.size.take_card(card)
        for field in self.fields.values():
            if isinstance(field, FamilyField):
                field.take_card(card)
        if not self.fields["steps"].touched:
            self.fields["steps"].show(card.steps)
        guidance = self.fields["guidance"]
        if card.guided:
            if self.kept_guidance is not None:
                guidance.show(self.kept_guidance)
                guidance.touched, self.kept_guidance = True, None
            elif not guidance.touched:
                guidance.show(card.guidance)
        else:
            if guidance.touched:
                self.kept_guidance = guidance.read()
            guidance.show(card.guidance)
        self.follow_guidance()

    def follow_guidance(self) -> None:
        """Let be changed what has an effect with this model and guidance; say why not."""
        follow_guidance(self)

    def _model_changed(self, _: Field) -> None:
        self.take_card()

    def _submitted(self, _: str) -> None:
        for listener in self._submit:
            listener(self)

    def _user_changed(self, _: Any) -> None:
        if self._setting:
            return
        self.problem, self.restored = "", {}
        for listener in self._changed:
            listener(self)
