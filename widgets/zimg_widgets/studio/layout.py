"""Controls of the Studio and where they stand."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets

from zimg_kernel import GenerationParams
from zimg_kernel.engine.protocol import Engine
from zimg_widgets.form.widget import ParamsForm
from zimg_widgets.memory.widget import MemoryBar
from zimg_widgets.settings_drop.widget import SettingsDrop

from .frame import StudioFrame
from .queue.widget import QueueView
from .repeat_note import RepeatNote
from .results.widget import ResultStrip
from .stage.widget import Stage


class StudioLayout:
    """The Studio's controls in their two columns.

    Parameters
    ----------
    params : GenerationParams or None
        What the form shows at first.
    words : mapping of str to str
        The Studio's labels.
    language : str
        "en" or "zh".
    engine : Engine, optional
        Whose models and memory are shown.
    """

    def __init__(
        self,
        params: GenerationParams | None,
        words: Mapping[str, str],
        language: str,
        engine: Engine | None = None,
    ) -> None:
        self.frame = StudioFrame(language=language)
        self.form = ParamsForm(params, language=language, engine=engine)
        self.form.prompt.hint = words["generate_key"]
        self.generate = ipywidgets.Button(
            description=words["generate"], tooltip=words["generate_help"]
        )
        self.generate.add_class("zimg-primary")
        self.cancel = ipywidgets.Button(
            description=words["cancel"], tooltip=words["cancel_help"], disabled=True
        )
        actions = ipywidgets.HBox([self.generate, self.cancel])
        actions.add_class("zimg-actions")
        self.repeat_note = RepeatNote(words["repeat"], self.form.params)
        self.form.add(actions, self.repeat_note)
        self.memory = MemoryBar(language=language, engine=engine)
        self.stage = Stage(language=language)
        self.strip = ResultStrip(language=language)
        self.queue = QueueView(language=language)
        self.drop = SettingsDrop(language=language)
        left = ipywidgets.VBox([self.form, self.drop, self.memory])
        right = ipywidgets.VBox([self.stage, self.strip, self.queue])
        self.columns = ipywidgets.Box([left, right])
        for box, name in ((left, "left"), (right, "right"), (self.columns, "columns")):
            box.add_class(f"zimg-studio-{name}")
