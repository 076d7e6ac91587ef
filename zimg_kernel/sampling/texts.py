"""Prompt and negative prompt of a request as the model's family reads them."""

from __future__ import annotations

from dataclasses import dataclass

from zimg_kernel.families.family import ModelFamily
from zimg_kernel.families.reading import ReadPrompt, Use
from zimg_kernel.params import GenerationParams


@dataclass(frozen=True)
class ReadTexts:
    """The texts of a request, read once.

    Attributes
    ----------
    prompt : ReadPrompt
        The prompt.
    negative : ReadPrompt or None
        What to keep out; None where there is no guidance.
    use : str
        What the prompt is for.
    """

    prompt: ReadPrompt
    negative: ReadPrompt | None
    use: Use

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about both."""
        return self.prompt.notes + (self.negative.notes if self.negative else ())


def read_texts(family: ModelFamily, params: GenerationParams) -> ReadTexts:
    """Read the texts of parameters that are filled in."""
    use = use_of(params)
    guided = (params.guidance or 0) > family.no_guidance
    negative = family.read_prompt(params.negative_prompt, "negative") if guided else None
    return ReadTexts(family.read_prompt(params.prompt, use), negative, use)


def use_of(params: GenerationParams) -> Use:
    """Return what the prompt of a request is to the model."""
    if params.edit is None:
        return "prompt"
    return "instruction" if params.edit.kind == "instruct" else "result"


def encoded_as(use: Use) -> Use:
    """Return what a negative prompt is encoded as, beside a prompt of this use."""
    return use if use == "instruction" else "negative"
