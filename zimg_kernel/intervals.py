"""95 % intervals of measured shares, means and medians."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def wilson_interval(hits: float, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of ``hits`` out of ``n``; nan if ``n`` is 0.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927), as in R. G.
    Newcombe, Statistics in Medicine 17 (1998), method 3. The trials count as independent.
    """
    if not n:
        return math.nan, math.nan
    z = statistics.NormalDist().inv_cdf(0.975)
    share = hits / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a mean by Student's t; nan for fewer than two values.

    Mean ± t(0.975, n - 1) s / √n: Student, "The probable error of a mean", Biometrika 6 (1908).
    """
    n = len(values)
    if n < 2:
        return math.nan, math.nan
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    half = float(stdtrit(n - 1, 0.975)) * statistics.stdev(values) / math.sqrt(n)
    mean = statistics.fmean(values)
    return mean - half, mean + half


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a median, from two of the values; nan for fewer than six.

    The ranks between which a binomial count with p = 1/2 falls: W. J. Conover, Practical
    Nonparametric Statistics (3rd ed. 1999), section 3.2, in its normal approximation, rounded
    outwards. It supposes nothing of how the values are distributed.
    """
    n = len(values)
    if n < 6:
        return math.nan, math.nan
    half = statistics.NormalDist().inv_cdf(0.975) * math.sqrt(n) / 2
    low, high = math.floor(n / 2 - half), math.ceil(n / 2 + half)
    ranked = sorted(values)
    return ranked[max(0, low - 1)], ranked[min(n - 1, high)]
