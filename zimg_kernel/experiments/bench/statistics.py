"""Statistics of measured times: medians with intervals, outliers, slopes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .result import Estimate

_RESAMPLES = 10_000
_SEED = 20_261_127  # of the resampling alone: the same figures give the same interval
_FAR = 3.5


def estimate(values: Sequence[float]) -> Estimate:
    """Return the median with its 95 % percentile-bootstrap interval.

    B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), section 13.3: the
    2.5 % and 97.5 % quantiles of the medians of 10,000 samples drawn with replacement. With few
    values the interval is coarse: its ends are values that were measured.
    """
    known = [float(value) for value in values if math.isfinite(value)]
    if not known:
        raise ValueError("no values")
    low = high = None
    if len(known) >= 3:
        low, high = bootstrap_interval(known)
    return Estimate(
        n=len(known), median=median(known), low=low, high=high, least=min(known), most=max(known)
    )


def bootstrap_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % percentile-bootstrap interval of a median; see :func:`estimate`."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    drawn = random.choice(np.asarray(values, float), (_RESAMPLES, len(values)))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    return float(low), float(high)


def outliers(values: Sequence[float]) -> list[bool]:
    """Return which values lie far from the others.

    B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers (1993): a modified z-score
    0.6745 (x - median) / MAD beyond 3.5; where the MAD is 0, (x - median) / (1.2533 mean absolute
    deviation). Fewer than five values show none.
    """
    n = len(values)
    if n < 5:
        return [False] * n
    middle = median(values)
    away = [abs(value - middle) for value in values]
    scale = median(away) / 0.6745 or 1.2533 * sum(away) / n
    if not scale:
        return [False] * n
    return [distance / scale > _FAR for distance in away]


@dataclass(frozen=True)
class Slope:
    """Slope with its 95 % interval, in units of the values for each place in their order."""

    value: float
    low: float
    high: float

    @property
    def rises(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low > 0


def slope(values: Sequence[float]) -> Slope | None:
    """Return the Theil-Sen slope of values in their order; None for fewer than eight.

    P. K. Sen, Journal of the American Statistical Association 63 (1968): the median of the slopes
    between all pairs, which single outliers do not move, with the interval by Kendall's tau.
    """
    if len(values) < 8:
        return None
    from scipy.stats import theilslopes  # type: ignore[import-untyped]

    found = theilslopes(list(values), list(range(len(values))), alpha=0.95)
    return Slope(float(found.slope), float(found.low_slope), float(found.high_slope))
