"""Prompt of each way of editing, kept while another way is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zimg_widgets.prompt_box.widget import PromptBox

from .labels import WAYS


class EditPrompts:
    """One prompt box for all ways of editing; each way has a text of its own.

    The ways that describe the whole picture begin with the picture's own prompt. The way by
    words begins empty: an instruction does not tell what a picture shows, and the reverse.

    Parameters
    ----------
    box : PromptBox
        The text of the way that is chosen.
    words : mapping of str to str
        The Editor's labels.
    """

    def __init__(self, box: PromptBox, words: Mapping[str, str]) -> None:
        self._box, self._labels = box, words
        self._way = WAYS[0]
        self._own = ""
        self._texts: dict[str, str] = {}  # of the ways that were chosen or have a text

    def choose(self, way: str) -> None:
        """Keep the text of the way chosen so far, and show that of another one."""
        self._texts[self._way] = self._box.value
        self._way = way
        self._box.label = self._labels[f"{way}_prompt"]
        self._box.placeholder = self._labels["instruct_example"] if way == "instruct" else ""
        self._box.value = self._text(way)

    def describe(self, params: Any) -> None:
        """Begin with another picture, of these parameters or None.

        An instruction stays, unless it made this picture.
        """
        self._texts[self._way] = self._box.value
        instruction = self._text("instruct")
        self._own = own_prompt(params)
        if params is not None and not self._own and params.prompt.strip() == instruction.strip():
            instruction = ""
        self._texts = {"instruct": instruction}
        self._box.value = self._text(self._way)

    def _text(self, way: str) -> str:
        return self._texts.get(way, "" if way == "instruct" else self._own)


def own_prompt(params: Any) -> str:
    """Return what a picture shows according to its parameters; empty if they do not tell.

    The prompt of an edit by words is an instruction.
    """
    if params is None or (params.edit is not None and params.edit.kind == "instruct"):
        return ""
    return str(params.prompt)
