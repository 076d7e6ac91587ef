"""Selection of seeds whose pictures will lie far apart, by a first look at each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from zimg_kernel.engine.events import Cancelled, Done, Failed, Step
from zimg_kernel.errors import BadInput, JobCancelled
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.catalog import get_card
from zimg_kernel.params import GenerationParams

from .descriptor import describe

if TYPE_CHECKING:
    from zimg_kernel.engine.protocol import Engine

Look = Literal["prediction", "noise"]
_COARSE = 4  # cells a side: what of the noise decides the composition
_log = logging.getLogger(__name__)


def farthest(points: NDArray[np.float64], n: int) -> list[int]:
    """Return the places of ``n`` points that lie far apart.

    The first two are the pair farthest apart; then comes each time the one whose nearest
    chosen neighbour is farthest (T. Gonzalez, "Clustering to minimize the maximum intercluster
    distance", 1985). Of equal ones the first is taken.

    Parameters
    ----------
    points : array
        (candidates, features); distances are Euclidean.
    n : int
        At most as many as there are points.
    """
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    if n < 2 or len(points) < 2:
        return list(range(min(n, len(points))))
    first, second = divmod(int(distances.argmax()), len(points))
    chosen = [first, second] if first != second else [0, 1]
    while len(chosen) < min(n, len(points)):
        nearest = distances[:, chosen].min(1)
        nearest[chosen] = -1
        chosen.append(int(nearest.argmax()))
    return chosen


def far_seeds(
    params: GenerationParams, n: int, candidates: int, engine: Engine, look: Look, steps: int
) -> list[int]:
    """Return ``n`` of ``candidates`` seeds from ``params.seed`` on.

    Parameters
    ----------
    look : {"prediction", "noise"}
        What of each candidate is compared: the picture that the model expects after ``steps``
        steps, or the coarse part of the initial noise, which costs nothing.
    steps : int
        1 or 2 are cheap; the picture is cancelled after them, so that nothing is decoded or
        kept.
    """
    if candidates < n:
        raise BadInput(
            f"{n} pictures cannot be chosen from {candidates} candidates: take more.",
            code="out-of-range",
            field="candidates",
        )
    seeds = [one.seed for one in params.replace(count=candidates).singles()]
    if look == "noise":
        model = params.model or engine.default_model()
        rows = [_coarse_noise(params, seed, model) for seed in seeds]
    elif look == "prediction":
        rows = _predictions([params.replace(seed=seed) for seed in seeds], engine, steps)
    else:
        raise BadInput(
            f"A first look is at the prediction or the noise, not at {look!r}.",
            code="unknown-choice",
            field="look",
        )
    return [seeds[i] for i in farthest(np.stack(rows), n)]


def _coarse_noise(params: GenerationParams, seed: int, model: str) -> NDArray[np.float64]:
    """Return the initial noise as the engine draws it, averaged over 4 x 4 cells."""
    import torch

    generator = torch.Generator("cpu").manual_seed(seed)
    family = family_of(get_card(model))
    height, width = ((side or 1024) // family.cell for side in (params.height, params.width))
    size = (1, family.channels, height, width)
    noise = torch.randn(size, generator=generator)
    coarse = torch.nn.functional.adaptive_avg_pool2d(noise, _COARSE)
    return coarse.flatten().double().numpy()


def _predictions(
    wanted: Sequence[GenerationParams], engine: Engine, steps: int
) -> list[NDArray[np.float64]]:
    """Return descriptors of what the model expects of each picture after a few steps."""
    rows = []
    for params in wanted:
        # With very few steps the picture may be done before it is cancelled.
        job = engine.submit(params, preview="latent", save=False)
        sketch = None
        try:
            for event in job.events():
                if isinstance(event, Step) and event.step >= min(steps, params.steps or steps):
                    sketch = event.preview
                    break
                if isinstance(event, Failed):
                    raise event.error
                if isinstance(event, Cancelled | Done):
                    break
        finally:
            job.cancel()
        job.wait()
        if sketch is None:
            raise JobCancelled(
                "The first look at a candidate was cancelled: nothing was chosen.",
                code="cancelled",
            )
        rows.append(describe(sketch))
    return rows
