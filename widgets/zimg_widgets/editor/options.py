"""The few numbers that each way of editing takes, as controls with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets

from zimg_kernel import GenerationParams, get_card
from zimg_kernel.edit.plan import steps_run
from zimg_kernel.params import Edit

_WIDE = {"layout": {"width": "auto"}}
_LABELS = {"description_width": "96px"}
_STRENGTHS = {"inpaint": 1.0, "vary": 0.5, "img2img": 0.6}
_FACTORS = (1.5, 2.0, 3.0, 4.0)
_SIDES = ("left", "right", "top", "bottom")


class EditorOptions(ipywidgets.VBox):  # type: ignore[misc]
    """Strength, sides, factor and seed: those that belong to the way that is chosen.

    Parameters
    ----------
    words : mapping of str to str
        The Editor's words.
    model : str
        Whose steps the strength is told in.
    """

    def __init__(self, words: Mapping[str, str], model: str) -> None:
        self._labels, self._way, self.model = words, "inpaint", model
        self.steps: int | None = None
        """Steps of a picture that is set again, in its way, where they are not the model's own."""
        self._way_set = ""
        self._strengths = dict(_STRENGTHS)  # of each way, as it was left
        self.strength = ipywidgets.FloatSlider(
            1.0, min=0.05, max=1.0, step=0.05, description=words["strength"],
            style=_LABELS, continuous_update=True, readout_format=".2f", **_WIDE,
        )  # fmt: skip
        self.sides = {
            side: ipywidgets.BoundedIntText(
                64 if side == "right" else 0, min=0, max=4096, step=16, description=words[side],
                style={"description_width": "56px"}, **_WIDE,
            )
            for side in _SIDES
        }  # fmt: skip
        sides = ipywidgets.Box(list(self.sides.values()))
        sides.add_class("zimg-editor-sides")
        self._sides = ipywidgets.VBox([ipywidgets.Label(words["pixels"]), sides])
        self.factor = ipywidgets.Dropdown(
            options=[(f"{factor:g}×", factor) for factor in _FACTORS], value=2.0,
            description=words["factor"], style=_LABELS, **_WIDE,
        )  # fmt: skip
        self.seed = ipywidgets.IntText(
            -1, description=words["seed"], tooltip=words["seed_help"],
            style=_LABELS, **_WIDE,
        )  # fmt: skip
        self.note = ipywidgets.Label("")
        self.note.add_class("zimg-editor-note")
        super().__init__([])
        self.add_class("zimg-editor-own")
        self.strength.observe(self._show_steps, "value")
        self.show("inpaint")

    def show(self, way: str) -> None:
        """Show what belongs to a way of editing, as it was left."""
        self._way = way
        rows: list[Any] = []
        if way in _STRENGTHS:
            self.strength.value = self._strengths[way]
            rows += [self.strength, self.note]
        if way == "outpaint":
            rows.append(self._sides)
        if way == "upscale":
            rows.append(self.factor)
        self.children = [*rows, self.seed]
        self._show_steps()

    def set(self, edit: Edit, params: GenerationParams) -> None:
        """Show the values of a picture's edit; its way must be chosen."""
        strength = edit.strength
        if self._way in _STRENGTHS and strength is not None:
            self.strength.min = min(0.05, strength)
            self.strength.value = strength
        if edit.kind == "outpaint":
            for side, box in self.sides.items():
                box.value = getattr(edit, side)
        if edit.factor is not None:
            offered = [*_FACTORS, *([] if edit.factor in _FACTORS else [edit.factor])]
            self.factor.options = [(f"{factor:g}×", factor) for factor in sorted(offered)]
            self.factor.value = edit.factor
        self.seed.value = params.seed
        self.steps, self._way_set = params.steps, self._way
        self._show_steps()

    def read(self) -> dict[str, Any]:
        """Return the arguments for the function of that way."""
        given: dict[str, Any] = {"seed": self.seed.value}
        match self._way:
            case "inpaint" | "img2img":
                given["strength"] = self.strength.value
            case "vary":
                given["amount"] = self.strength.value
            case "outpaint":
                given |= {side: box.value for side, box in self.sides.items()}
            case "upscale":
                given["factor"] = self.factor.value
        return given

    def _show_steps(self, _: Any = None) -> None:
        if self._way in self._strengths:
            self._strengths[self._way] = self.strength.value
        own = self.steps if self._way == self._way_set else None
        steps = own or get_card(self.model).steps
        run = steps_run(steps, self.strength.value)
        self.note.value = self._labels["runs"].format(run=run, steps=steps)
