"""Prompt as a family's text encoder gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Use = Literal["prompt", "result", "instruction", "negative"]
"""A text that describes a picture from nothing or the result of an edit; that says what to
change; that says what to keep out."""


@dataclass(frozen=True)
class ReadPrompt:
    """A text as the model reads it.

    Attributes
    ----------
    text : str
        What the text encoder is given.
    notes : tuple of str
        What the user should know about it.
    refusal : str
        Why nothing can be drawn from it, and what to do; empty if it can.
    """

    text: str
    notes: tuple[str, ...] = ()
    refusal: str = ""
