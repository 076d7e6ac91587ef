"""LoRA checks before drawing."""

from __future__ import annotations

from collections.abc import Sequence

from .matched import MatchedLora
from .report import LoraReport


def check_loras(loras: Sequence[MatchedLora], prompt: str) -> tuple[str, ...]:
    """Return what the user should know about the LoRAs of a request and its prompt."""
    said: list[str] = []
    for lora in loras:
        report = lora.look.report
        if not lora.weight:
            continue
        if report.fits == "partly":
            said.append(f"The LoRA {lora.name}: {report.verdict}")
        said += [f"The LoRA {lora.name}: {note}" for note in report.notes]
        said += _trigger(report, lora.name, prompt)
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
