"""Prompt adherence of pictures: by the miniature's judge, or by CLIP."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.intervals import mean_interval, wilson_interval
from zimg_kernel.models.catalog import get_card

from .measure import as_picture
from .scene_parser import read_scene

if TYPE_CHECKING:
    from zimg_kernel.nano.world.scenes import Scene

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Following:
    """Prompt adherence of pictures.

    Attributes
    ----------
    value : float or None
        By the judge the share of pictures in which everything is right; by CLIP the mean
        CLIPScore, 2.5 max(cos, 0). None if nothing here can say.
    low, high : float or None
        95 % interval: Wilson's for a share, Student's for a mean.
    scores : tuple of float
        Of each picture: 1 or 0 by the judge, its CLIPScore by CLIP.
    by : {"judge", "clip", ""}
        What it was measured by.
    note : str
        Why there is no figure.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    scores: tuple[float, ...] = ()
    by: str = ""
    note: str = ""

    def __str__(self) -> str:
        if self.value is None or self.low is None or self.high is None:
            return "-"
        if self.by == "judge":
            return f"{self.value:.0%} ({self.low:.0%}-{self.high:.0%})"
        return f"{self.value:.2f} ({self.low:.2f}-{self.high:.2f})"


def follows(images: Iterable[Any], prompt: str, scene: Scene | None = None) -> Following:
    """Measure how well pictures keep to a prompt.

    Parameters
    ----------
    images : iterable of GeneratedImage or PIL.Image.Image
        The pictures.
    prompt : str
        What was asked for.
    scene : zimg_kernel.nano.world.scenes.Scene, optional
        What the miniature's judge is to look for. Without it, pictures that a miniature drew
        are judged where :func:`~zimg_kernel.variety.read_scene` understands the
        prompt; others by CLIP where one is on this machine and the prompt is not Chinese.
    """
    pictures = list(images)
    if not pictures:
        return Following(None, note="There are no pictures.")
    wanted = scene or (read_scene(prompt) if all(map(_miniature, pictures)) else None)
    if wanted is not None:
        return pooled([judged(pictures, wanted)])
    return _by_clip(pictures, prompt)


def judged(pictures: Sequence[Any], scene: Scene) -> Following:
    """Return what the miniature's judge says of pictures."""
    from zimg_kernel.nano.judge.detection import score

    hits = tuple(float(score(as_picture(one), scene)["all"]) for one in pictures)
    return Following(None, scores=hits, by="judge")


def _by_clip(pictures: Sequence[Any], prompt: str) -> Following:
    from zimg_kernel.experiments.clip import Clip, find_clip

    if find_clip("").folder is None:
        return Following(
            None,
            note="Prompt-following was not measured: the miniature's judge reads only single "
            "objects that a miniature drew, and there is no CLIP model on this machine.",
        )
    if _CHINESE.search(prompt):
        return Following(
            None, note="Prompt-following was not measured: CLIP reads English, not Chinese."
        )
    scores = Clip.for_text("").clip_scores([as_picture(one) for one in pictures], prompt)
    return pooled([Following(None, scores=tuple(scores), by="clip")])


def pooled(parts: Sequence[Following]) -> Following:
    """Return one figure for the pictures of several prompts.

    What was not measured is left out, and so are CLIP scores where the judge spoke: the two
    are different things.
    """
    for by in ("judge", "clip"):
        scores = tuple(score for part in parts if part.by == by for score in part.scores)
        if scores:
            mean = statistics.fmean(scores)
            n = len(scores)
            low, high = wilson_interval(sum(scores), n) if by == "judge" else mean_interval(scores)
            return Following(mean, low, high, scores, by)
    return Following(None, note=next((part.note for part in parts if part.note), ""))


def _miniature(picture: Any) -> bool:
    if not isinstance(picture, GeneratedImage) or picture.params.model is None:
        return False
    try:
        return get_card(picture.params.model).family == "nano"
    except BadInput:
        return False
