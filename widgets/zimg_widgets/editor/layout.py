"""Controls of the Editor and where they stand."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import ipywidgets
from PIL import Image

from zimg_widgets._shared.encode import data_url
from zimg_widgets.prompt_box.widget import PromptBox
from zimg_widgets.studio.stage.widget import Stage

from .frame import EditorFrame
from .labels import WAYS
from .options import EditorOptions


class EditorLayout:
    """All parts of the Editor that do not depend on its picture.

    Parameters
    ----------
    words : mapping of str to str
        The Editor's labels.
    model : str
        The model that repaints and varies.
    language : str
        "en" or "zh".

    Attributes
    ----------
    children : tuple of ipywidgets.Widget
        What the panel consists of.
    """

    def __init__(self, words: Mapping[str, str], model: str, language: str) -> None:
        self._words = words
        self.ways = ipywidgets.ToggleButtons(
            options=[(words[way], way) for way in WAYS],
            tooltips=[words[f"{way}_help"] for way in WAYS],
            description="",
        )
        ways = ipywidgets.VBox([ipywidgets.Label(words["ways"]), self.ways])
        ways.add_class("zimg-editor-ways")
        self.prompt = PromptBox(language=language, label=words["inpaint_prompt"])
        self.prompt.hint = words["run_key"]
        self.options = EditorOptions(words, model)
        self.run = ipywidgets.Button(description=words["run"], tooltip=words["run_help"])
        self.run.add_class("zimg-primary")
        self.cancel = ipywidgets.Button(
            description=words["cancel"], tooltip=words["cancel_help"], disabled=True
        )
        actions = ipywidgets.HBox([self.run, self.cancel])
        actions.add_class("zimg-actions")
        self.problem, self.notes = ipywidgets.Label(""), ipywidgets.Label("")
        self.problem.add_class("zimg-editor-problem")
        self.notes.add_class("zimg-editor-note")
        self.use_result = ipywidgets.Button(
            description=words["onward"], tooltip=words["onward_help"], layout={"width": "auto"}
        )
        self.stage = Stage(language=language)
        left = ipywidgets.VBox([ways, self.prompt, self.options, actions, self.problem, self.notes])
        self._outcome = ipywidgets.VBox([])
        self._plain = ipywidgets.HTML()  # ipywidgets' Image has no alternative text
        self._right = ipywidgets.VBox([])
        columns = ipywidgets.Box([left, self._right])
        self.versions = ipywidgets.VBox([])
        boxes = ((left, "left"), (self._right, "right"), (self._outcome, "above"))
        for box, name in (*boxes, (columns, "columns"), (self.versions, "versions")):
            box.add_class(f"zimg-editor-{name}")
        self.frame = EditorFrame(language=language)
        self.children = (self.frame, columns, self.versions)

    def show_outcome(self, *widgets: Any) -> None:
        """Put the progress or the result above the picture."""
        self._outcome.children = widgets

    def show_picture(self, painter: Any, image: Image.Image) -> None:
        """Put another picture to be changed at the right, as the mask's ground and plain."""
        alt = html.escape(painter.alt or self._words["before"], quote=True)
        self._plain.value = f'<img alt="{alt}" src="{data_url(image)}">'
        self._right.children = [self._outcome, painter, self._plain]

    def choose_way(self, painter: Any) -> None:
        """Show the options of the way that is chosen, and the mask only to repaint."""
        self.options.show(self.ways.value)
        painting = self.ways.value == "inpaint"
        painter.layout.display = None if painting else "none"
        self._plain.layout.display = "none" if painting else None
