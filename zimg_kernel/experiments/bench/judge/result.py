"""Verdicts on all pictures of a result whose prompts can be judged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.open_file import UNREADABLE, open_image
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.params import GenerationParams

from ..result import BenchResult, Case, Run
from .people import picture_files
from .pictures import judge_picture
from .prompts import GRADED, JUDGED, Family, JudgedPrompt, graded_prompts, judged_prompts


def judged_cases(suite: str, family: Family) -> list[Case]:
    """Return the cases of a judged suite for a benchmark; see :func:`judged_prompts`."""
    return [
        Case(name=one.id, params={"prompt": one.prompt}, facts=one.facts)
        for one in judged_prompts(suite, family)
    ]


def judge_result(
    result: BenchResult, folder: Path, on_run: Callable[[int, int], None] | None = None
) -> BenchResult:
    """Add verdicts to the runs of a result; other suites stay as they are.

    Parameters
    ----------
    result : BenchResult
        Changed in place: ``values`` and ``notes`` of its runs.
    folder : Path
        Of the result's file.
    on_run : callable, optional
        Called with how many pictures are judged, and of how many.
    """
    if result.suite not in (*JUDGED, *GRADED):
        return result
    prompts = _prompts_of(result)
    cards = {one.name: _card(one.facts) for one in result.competitors}
    pictures = [(run, path, prompt) for run, path in picture_files(result, folder)
                if (prompt := prompts(run)) is not None]  # fmt: skip
    for done, (run, path, prompt) in enumerate(pictures, 1):
        try:
            with open_image(path) as file:  # other programs' pictures have no record of ours
                image = GeneratedImage(file.convert("RGB"), GenerationParams(prompt=prompt.prompt))
        except UNREADABLE as error:
            run.notes["picture"] = f"{path.name} cannot be read: {error}"
            continue
        found = judge_picture(image, prompt, cards.get(run.competitor))
        run.values |= found.values
        run.notes |= found.notes
        if on_run is not None:
            on_run(done, len(pictures))
    return result


def _prompts_of(result: BenchResult) -> Callable[[Run], JudgedPrompt | None]:
    """Return what finds the judged prompt of a run."""
    asked = {case.name: case.params.get("prompt") for case in result.cases}

    def text(run: Run) -> str:
        return str(asked.get(run.case) or run.params.get("prompt"))

    if result.suite in GRADED:
        graded = graded_prompts()
        return lambda run: graded.get(text(run))
    judged = {(one.id, one.prompt): one for one in judged_prompts(result.suite)}
    return lambda run: judged.get((run.case, text(run)))


def _card(facts: dict[str, object]) -> ModelCard | None:
    try:
        return get_card(str(facts["model"]))
    except (KeyError, BadInput):
        return None
