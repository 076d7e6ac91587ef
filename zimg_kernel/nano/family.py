"""The miniatures as a model family: Z-Image that reads prompts in words that it knows."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

from zimg_kernel.families.reading import ReadPrompt, Use
from zimg_kernel.z_image.family import ZImage


class Nano(ZImage):
    """Miniatures of Z-Image; a card with other weights than the package's is of Z-Image."""

    title = "Z-Image miniature"
    closed_vocabulary = True
    knows = "knows shapes, simple landscapes and short signs only"
    other_files = "z-image"

    def read_prompt(self, text: str, use: Use) -> ReadPrompt:
        """Return a text in known words; refuse one with nothing in it that could be drawn."""
        return _read(text, use)


@lru_cache(maxsize=256)
def _read(text: str, use: Use) -> ReadPrompt:
    from .text import messages, vocabulary
    from .text.known_words import in_known_words

    reading = vocabulary.read(text)
    if use == "negative":
        unknown = ", ".join(reading.unknown)
        known = in_known_words(text, use)
        note = f"In the negative prompt it does not know {unknown}."
        return ReadPrompt(known, (note,) if unknown else ())
    if use != "prompt":  # "turn it into pixel art" says enough
        reading = replace(reading, only_style=False)
    kind: Literal["prompt", "instruction"] = "instruction" if use == "instruction" else "prompt"
    notes = tuple(messages.notes(reading, kind))
    return ReadPrompt(in_known_words(text, kind), notes, messages.refusal(reading))
