"""LoRA checks before drawing."""

from __future__ import annotations

from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.params import GenerationParams

from .inspect import look
from .report import LoraReport


def check_loras(params: GenerationParams, card: ModelCard, folder: Path) -> tuple[str, ...]:
    """Return what the user should know about the LoRAs of a request.

    Parameters
    ----------
    params : GenerationParams
        ``loras`` and ``prompt`` are looked at.
    card, folder
        The model and its complete diffusers folder.

    Raises
    ------
    BadInput
        A file is not there (with the nearest names), is no LoRA, or has nothing in it that fits
        the model: it would silently do nothing.
    """
    said: list[str] = []
    for name, weight in params.loras:
        report = look(name, card, folder).report
        if report.fits == "no":
            raise BadInput(
                f"The LoRA {name} cannot be used. {report.verdict}",
                code="lora-does-not-fit",
                field="loras",
            )
        if not weight:
            continue
        if report.fits == "partly":
            said.append(f"The LoRA {name}: {report.verdict}")
        said += [f"The LoRA {name}: {note}" for note in report.notes]
        said += _trigger(report, name, params.prompt)
    return tuple(said)


def _trigger(report: LoraReport, name: str, prompt: str) -> list[str]:
    text = prompt.casefold()
    for words, called in (
        (report.triggers, "is called up by"),
        (report.tags, "was trained on pictures tagged"),
    ):
        if words:
            there = any(word.casefold() in text for word in words)
            listed = ", ".join(f'"{word}"' for word in words)
            missing = f"The LoRA {name} {called} {listed}, which the prompt does not say."
            return [] if there else [missing]
    return []
