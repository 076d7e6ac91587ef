"""Diversity of pictures: the mean distance of pairs, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from zimg_kernel.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

Features = Literal["layout", "clip"]
_ROUNDS = 1000  # of the bootstrap
_SEED = 20240  # its chance is always the same


@dataclass(frozen=True)
class Diversity:
    """Diversity of pictures.

    Attributes
    ----------
    mean : float
        Mean distance over all pairs of one prompt, averaged over prompts: 0 for equal pictures.
        With ``layout`` black against white is 0.71; with ``clip`` it is 1 - cosine.
    low, high : float
        95 % interval by the bootstrap; nan for fewer than three pictures.
    pictures, prompts : int
        Numbers of pictures compared, and of their prompts.
    features : {"layout", "clip"}
        What was compared.
    """

    mean: float
    low: float
    high: float
    pictures: int
    prompts: int = 1
    features: Features = "layout"

    def __str__(self) -> str:
        if math.isnan(self.low):
            return f"{self.mean:.3f}"
        return f"{self.mean:.3f} ({self.low:.3f}-{self.high:.3f})"


def diversity(images: Iterable[Any], features: Features = "layout") -> Diversity:
    """Measure how much the pictures of one prompt differ.

    Parameters
    ----------
    images : iterable of GeneratedImage or PIL.Image.Image
        Two at least; their order does not matter, and their sizes may differ.
    features : {"layout", "clip"}
        What of a picture is compared: :func:`.descriptor.describe`, or the embedding
        of a CLIP model that is on this machine.

    Raises
    ------
    BadInput
        Fewer than two pictures; or ``clip``, and there is no CLIP model here.
    """
    return diversity_of_groups([images], features)


def diversity_of_groups(
    groups: Sequence[Iterable[Any]], features: Features = "layout"
) -> Diversity:
    """Measure it within each group (the pictures of a prompt), and average over groups.

    Groups of fewer than two pictures are left out.
    """
    found = summary([Spread.of(group, features) for group in groups], features)
    if found is None:
        raise BadInput(
            "Diversity is measured between pictures: give two or more.",
            code="too-few-pictures",
            field="images",
        )
    return found


def summary(spreads: Sequence[Spread], features: Features = "layout") -> Diversity | None:
    """Return the average over groups with its interval, or None if none has two pictures."""
    spreads = [spread for spread in spreads if spread.count > 1]
    if not spreads:
        return None
    low, high = interval(bootstrap([spread for spread in spreads if spread.count > 2]))
    mean = float(np.mean([spread.mean for spread in spreads]))
    return Diversity(mean, low, high, sum(s.count for s in spreads), len(spreads), features)


@dataclass(frozen=True)
class Spread:
    """Distances between the pictures of one group, (n, n), in an order of their own."""

    distances: NDArray[np.float64]

    @classmethod
    def of(cls, images: Iterable[Any], features: Features = "layout") -> Spread:
        """Return the spread of pictures."""
        return cls.of_vectors(vectors(images, features), features)

    @classmethod
    def of_vectors(cls, rows: NDArray[np.float64], features: Features = "layout") -> Spread:
        """Return the spread of (n, k) features."""
        rows = rows[np.lexsort(rows.T[::-1])] if len(rows) else rows  # the order given is forgotten
        if features == "clip":
            distances = 1 - np.clip(rows @ rows.T, -1, 1)
        else:
            distances = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
        np.fill_diagonal(distances, 0)
        return cls(distances)

    @property
    def count(self) -> int:
        """Number of pictures."""
        return len(self.distances)

    @property
    def mean(self) -> float:
        """Mean distance of a pair."""
        n = self.count
        return float(self.distances.sum() / (n * (n - 1)))


def bootstrap(spreads: Sequence[Spread], apart: int = 0) -> NDArray[np.float64]:
    """Return (1000,) mean diversities of pictures drawn again with replacement in each group.

    Pictures are drawn rather than pairs, which are not independent; a picture beside itself
    is no pair, or the figure would be too low (B. Efron, R. Tibshirani, "An Introduction to
    the Bootstrap", 1993, chapters 6 and 8). Prompts are not drawn: the interval speaks of
    these prompts. ``apart`` makes the draws others.
    """
    if not spreads:
        return np.zeros(0)
    rng = np.random.default_rng(_SEED + apart)
    means = np.zeros((len(spreads), _ROUNDS))
    for index, spread in enumerate(spreads):
        n = spread.count
        weights = rng.multinomial(n, [1 / n] * n, size=_ROUNDS).astype(float)
        total = np.einsum("ri,ij,rj->r", weights, spread.distances, weights, optimize=True)
        pairs = weights.sum(1) ** 2 - (weights**2).sum(1)
        means[index] = np.where(pairs > 0, total / np.maximum(pairs, 1), np.nan)
    there = np.isfinite(means)
    total = np.where(there, means, 0).sum(0)
    return np.where(there.any(0), total / np.maximum(there.sum(0), 1), np.nan)


def interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the middle 95 % of bootstrap draws; nan if there are none."""
    finite = draws[np.isfinite(draws)]
    if not len(finite):
        return math.nan, math.nan
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)


def vectors(images: Iterable[Any], features: Features = "layout") -> NDArray[np.float64]:
    """Return (n, k) features of pictures."""
    pictures = [as_picture(image) for image in images]
    if features == "clip":
        from zimg_kernel.experiments.clip import Clip

        return Clip.for_text("").embed_pictures(pictures)
    if features != "layout":
        raise BadInput(
            f"Features are layout or clip, not {features!r}.",
            code="unknown-choice",
            field="features",
        )
    from .descriptor import SIZE, describe

    rows = [describe(picture) for picture in pictures]
    return np.stack(rows) if rows else np.zeros((0, SIZE))


def as_picture(image: Any) -> Image.Image:
    """Return the pixels of a picture of ours, or of PIL's as it is."""
    from PIL import Image

    inner = getattr(image, "image", image)
    if not isinstance(inner, Image.Image):
        raise BadInput(
            f"A picture is a GeneratedImage or a PIL image, not {type(image).__name__}.",
            code="not-a-picture",
            field="images",
        )
    return inner
