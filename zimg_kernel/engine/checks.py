"""Checks of parameters against a model's card: defaults, limits, warnings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.models.tokens import count_tokens
from zimg_kernel.params import GenerationParams, nearest_side


@dataclass(frozen=True)
class CheckedRequest:
    """Parameters that the model accepts, and what the user should know about them."""

    params: GenerationParams
    warnings: tuple[str, ...] = ()


def check(params: GenerationParams, card: ModelCard, folder: Path | None = None) -> CheckedRequest:
    """Fill in a card's defaults and check the result against it.

    Parameters
    ----------
    params : GenerationParams
        What was asked for.
    card : ModelCard
        The model that shall draw it.
    folder : Path, optional
        The model's files, whose tokenizer counts the prompt's tokens; without it the
        length of the prompt is left to the engine that has them.

    Raises
    ------
    BadInput
        A side outside the model's range, a prompt over its token limit, or one in which the
        miniature knows nothing that it could draw.
    """
    filled = card.fill(params)
    _check_size(filled, card)
    if folder is not None:
        _check_length("prompt", filled.prompt, card, folder)
        if filled.guidance:
            _check_length("negative prompt", filled.negative_prompt, card, folder)
    warnings = _warnings(filled, card)
    if card.source.embedded:
        warnings += _check_vocabulary(filled)
    return CheckedRequest(filled, tuple(warnings))


def _check_vocabulary(params: GenerationParams) -> list[str]:
    """Return what the miniature does not know in a prompt; BadInput if it knows nothing to draw."""
    from zimg_kernel.nano.text import messages, vocabulary

    reading = vocabulary.read(params.prompt)
    why = messages.refusal(reading)
    if why:
        raise BadInput(why, code="nothing-to-draw", field="prompt")
    if params.edit is not None:  # "turn it into pixel art" says enough
        reading = replace(reading, only_style=False)
    instruction = params.edit is not None and params.edit.kind == "instruct"
    sentences = messages.notes(reading, "instruction" if instruction else "prompt")
    if params.guidance and params.negative_prompt.strip():
        unknown = vocabulary.read(params.negative_prompt).unknown
        if unknown:
            sentences.append(f"In the negative prompt it does not know {', '.join(unknown)}.")
    return sentences


def _check_size(params: GenerationParams, card: ModelCard) -> None:
    width, height = params.width or 0, params.height or 0
    if all(card.min_side <= side <= card.max_side for side in (width, height)):
        return
    best_width, best_height = (
        nearest_side(side, card.min_side, card.max_side) for side in (width, height)
    )
    raise BadInput(
        f"{card.title} draws sides of {card.min_side} to {card.max_side} px, not {width}x{height}: "
        f"the nearest valid size is {best_width}x{best_height}.",
        code="out-of-range",
        field="width",
    )


def _check_length(name: str, text: str, card: ModelCard, folder: Path) -> None:
    count = count_tokens(text, folder)
    if count > card.max_tokens:
        raise BadInput(
            f"The {name} is {count} tokens long and {card.title} reads {card.max_tokens}: "
            f"shorten it by {count - card.max_tokens} tokens (nothing is ever cut silently).",
            code="prompt-too-long",
            field=name.replace(" ", "_"),
        )


def _warnings(params: GenerationParams, card: ModelCard) -> list[str]:
    sentences = []
    if params.negative_prompt.strip() and not params.guidance:
        why = "" if card.guided else f" {card.title} is made to run without it."
        sentences.append(
            f"The negative prompt has no effect: it works through guidance, which is 0 here.{why}"
        )
    if params.guidance and not card.guided and params.cfg_truncation < 1:
        sentences.append(
            f"{card.title} is made to run without guidance; in the first steps alone it takes "
            "more time, too, and may make the picture worse."
        )
    elif params.guidance and not card.guided:
        sentences.append(
            f"{card.title} is made to run without guidance; {params.guidance:g} doubles the time "
            "and usually makes the picture worse."
        )
    return sentences
