"""Checks of parameters against a model's card and family: defaults, limits, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.families.family import ModelFamily
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.params import GenerationParams, nearest_side, require_choice, require_multiple
from zimg_kernel.sampling.texts import ReadTexts, read_texts


@dataclass(frozen=True)
class CheckedRequest:
    """Parameters that the model accepts, and what the user should know about them."""

    params: GenerationParams
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedParams:
    """The same for an engine of this process, with the texts as the model reads them."""

    params: GenerationParams
    texts: ReadTexts
    warnings: tuple[str, ...] = ()


def check(params: GenerationParams, card: ModelCard, folder: Path | None = None) -> CheckedParams:
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
        A side outside the model's range or between its multiples, a sampler that its family does
        not know, a prompt over its token limit, or one in which a model of few words knows
        nothing that it could draw.
    """
    family = family_of(card)
    filled = card.fill(params)
    _check_size(filled, card, family)
    _check_sampler(filled, family)
    guided = (filled.guidance or 0) > family.no_guidance
    if folder is not None:
        _check_length("prompt", filled.prompt, card, folder)
        if guided:
            _check_length("negative prompt", filled.negative_prompt, card, folder)
    warnings = _warnings(filled, card, family, guided) + family.check(filled, card)
    texts = read_texts(family, filled)
    if texts.prompt.refusal:
        raise BadInput(texts.prompt.refusal, code="nothing-to-draw", field="prompt")
    return CheckedParams(filled, texts, (*warnings, *texts.notes))


def _check_sampler(params: GenerationParams, family: ModelFamily) -> None:
    require_choice("sampler", params.sampler, family.samplers)
    require_choice("sigmas", params.sigmas, family.spacings)


def _check_size(params: GenerationParams, card: ModelCard, family: ModelFamily) -> None:
    multiple = family.side_multiple
    for field in ("width", "height"):
        require_multiple(field, getattr(params, field), multiple)
    width, height = params.width or 0, params.height or 0
    if all(card.min_side <= side <= card.max_side for side in (width, height)):
        return
    best_width, best_height = (
        nearest_side(side, card.min_side, card.max_side, multiple) for side in (width, height)
    )
    raise BadInput(
        f"{card.title} draws sides of {card.min_side} to {card.max_side} px, not {width}x{height}: "
        f"the nearest valid size is {best_width}x{best_height}.",
        code="out-of-range",
        field="width",
    )


def _check_length(name: str, text: str, card: ModelCard, folder: Path) -> None:
    count = family_of(card).count_tokens(folder, text)
    if count > card.max_tokens:
        raise BadInput(
            f"The {name} is {count} tokens long and {card.title} reads {card.max_tokens}: "
            f"shorten it by {count - card.max_tokens} tokens (nothing is ever cut silently).",
            code="prompt-too-long",
            field=name.replace(" ", "_"),
        )


def _warnings(
    params: GenerationParams, card: ModelCard, family: ModelFamily, guided: bool
) -> list[str]:
    sentences = []
    if params.negative_prompt.strip() and not guided:
        why = "" if card.guided else f" {card.title} is made to run without it."
        sentences.append(
            "The negative prompt has no effect: it works through guidance, which is "
            f"{params.guidance:g} here.{why}"
        )
    if guided and not card.guided and params.cfg_truncation < 1:
        sentences.append(
            f"{card.title} is made to run without guidance; in the first steps alone it takes "
            "more time, too, and may make the picture worse."
        )
    elif guided and not card.guided:
        sentences.append(
            f"{card.title} is made to run without guidance; {params.guidance:g} doubles the time "
            "and usually makes the picture worse."
        )
    sentences += _beyond_sizes(params, card)
    fields = GenerationParams.model_fields
    idle = [f for f in sorted(family.without_effect) if getattr(params, f) != fields[f].default]
    if idle:
        sentences.append(f"{card.title} makes no use of {', '.join(idle)}.")
    return sentences


def _beyond_sizes(params: GenerationParams, card: ModelCard) -> list[str]:
    """Say that a picture is larger than all sizes that a model's card recommends."""
    width, height = params.width or 0, params.height or 0
    largest = max(card.sizes, key=lambda size: size[0] * size[1], default=None)
    if params.edit is not None or largest is None or width * height <= largest[0] * largest[1]:
        return []
    return [
        f"{width}x{height} is larger than the sizes that {card.title} is made for (up to "
        f"{largest[0]}x{largest[1]}): things may be deformed, repeated or out of place."
    ]
