"""Verdicts on one picture: the items of its prompt, lettering, CLIP, aesthetic score."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.errors import ZimgError
from zimg_kernel.experiments.suite.check import Check, CheckResult
from zimg_kernel.experiments.suite.nano_checks import NanoCheck

from .prompts import JudgedPrompt

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage
    from zimg_kernel.models.catalog import ModelCard

_log = logging.getLogger(__name__)

ITEM = "check: "
"""What the names of items begin with among the values and notes of a run."""
ASKED, READ = "lettering asked for", "lettering read"
"""Notes of a run."""


@dataclass
class Judgement:
    """Figures and remarks on a picture.

    Attributes
    ----------
    values : dict of str to float
        ``check: NAME`` is 1 for an item that is right, else 0, and ``score`` their mean;
        ``characters`` and ``edits`` of the lettering; ``clip`` is CLIPScore in percent;
        ``aesthetic`` is a predicted mark of 1 to 10. What could not be judged here is absent.
    notes : dict of str to str
        ``check: NAME`` is what was seen, or why an item was not judged; and the lettering.
    """

    values: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Case:
    """What checks ask of their case."""

    id: str
    prompt: str
    folder: Path | None = None


def judge_picture(image: GeneratedImage, prompt: JudgedPrompt, card: ModelCard | None) -> Judgement:
    """Judge a picture by the items of its prompt.

    Parameters
    ----------
    image : GeneratedImage
        The picture.
    prompt : JudgedPrompt
        What it should show.
    card : ModelCard or None
        The model; None for one that the catalogue does not know. Checks that know a family's
        pictures only are left out for the others.
    """
    found = Judgement()
    case = _Case(prompt.id, prompt.prompt)
    for name, checks in prompt.items.items():
        if checks is None:
            found.notes[ITEM + name] = "for people to judge"
            continue
        results = [_verdict(check, image, case, card) for check in checks]
        made = [one for one in results if one.status in ("passed", "failed")]
        message = "; ".join(one.message for one in results if one.message)
        if message:
            found.notes[ITEM + name] = message
        if made:
            found.values[ITEM + name] = float(all(one.passed for one in made))
    items = [value for name, value in found.values.items() if name.startswith(ITEM)]
    if items:
        found.values["score"] = sum(items) / len(items)
    _read_lettering(image, prompt, found)
    _ask_clip(image, prompt, found)
    _ask_predictor(image, found)
    return found


def _verdict(
    check: Check, image: GeneratedImage, case: _Case, card: ModelCard | None
) -> CheckResult:
    try:
        if card is None and isinstance(check, NanoCheck):
            return CheckResult(
                "skipped", f"{check.kind} is judged in the miniature's pictures only"
            )
        if card is not None and (reason := check.skip_reason(card, case)):
            return CheckResult("skipped", reason)
        check.prepare()
        return check.evaluate(image, case)
    except ZimgError as error:  # something is not installed
        return CheckResult("skipped", str(error))
    except Exception as error:
        _log.debug("the check %s broke", check.label, exc_info=True)
        return CheckResult("error", f"{type(error).__name__}: {error}")


def _read_lettering(image: GeneratedImage, prompt: JudgedPrompt, found: Judgement) -> None:
    from .lettering import read_sign

    if not prompt.lettering:
        return
    try:
        reading = read_sign(image.image, prompt.lettering)
    except ZimgError as error:
        found.notes[READ] = str(error)
        return
    found.values["characters"] = float(reading.characters)
    found.values["edits"] = float(reading.edits)
    found.notes |= {ASKED: reading.wanted, READ: reading.found}


def _ask_clip(image: GeneratedImage, prompt: JudgedPrompt, found: Judgement) -> None:
    from zimg_kernel.experiments.clip import Clip, find_clip

    clip = find_clip(prompt.prompt)
    if clip.folder is None:
        found.notes["clip"] = clip.reason
        return
    try:
        found.values["clip"] = Clip.load(clip.folder).percent_score(image.image, prompt.prompt)
    except ZimgError as error:  # a damaged file
        found.notes["clip"] = str(error)


def _ask_predictor(image: GeneratedImage, found: Judgement) -> None:
    from .aesthetic import NONE_HERE, Predictor, find_predictor

    folder = find_predictor()
    if folder is None:
        found.notes["aesthetic"] = NONE_HERE
        return
    try:
        found.values["aesthetic"] = Predictor.load(folder).score(image.image)
    except ZimgError as error:
        found.notes["aesthetic"] = str(error)
