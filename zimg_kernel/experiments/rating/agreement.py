"""Statistics of ratings: means, win rates, intervals and agreement of raters."""

from __future__ import annotations

import csv
import html
import io
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Literal

from zimg_kernel.experiments.csv_cells import cell
from zimg_kernel.intervals import mean_interval, wilson_interval


@dataclass(frozen=True)
class Answer:
    """One rater's answer about one item."""

    rater: str
    item: str
    value: int


@dataclass(frozen=True)
class Item:
    """One question: its hash, the indices of its one or two pictures, and their rows.

    The pictures of a pair stand in the order of their hashes, whatever order they are given in.
    """

    key: str
    pictures: tuple[int, ...]
    rows: tuple[str, ...]


def krippendorff_alpha(
    units: Iterable[Iterable[int]], level: Literal["nominal", "ordinal"]
) -> float:
    """Return Krippendorff's alpha: 1 is full agreement, 0 is what chance gives.

    ``1 - D_o / D_e`` over the matrix of coincidences, with the nominal or ordinal difference
    of K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).

    Parameters
    ----------
    units : iterable of iterables of int
        The values that each item was given, by as many raters as rated it.
    level : {"nominal", "ordinal"}
        Whether values only differ, or have an order.

    Returns
    -------
    float
        nan where alpha is undefined: no item was rated twice, or all values are the same.
    """
    together: dict[tuple[int, int], float] = {}
    for counts in map(Counter, units):
        raters = counts.total()
        for c, k in product(counts, counts) if raters > 1 else ():
            pairs = counts[c] * (counts[k] - (c == k))
            together[c, k] = together.get((c, k), 0.0) + pairs / (raters - 1)
    totals: dict[int, float] = {}
    for (c, _), weight in together.items():
        totals[c] = totals.get(c, 0.0) + weight

    def difference(c: int, k: int) -> float:
        if level == "nominal":
            return float(c != k)
        between = sum(totals[g] for g in totals if min(c, k) <= g <= max(c, k))
        return (between - (totals[c] + totals[k]) / 2) ** 2

    observed = sum(weight * difference(c, k) for (c, k), weight in together.items())
    by_chance = sum(totals[c] * totals[k] * difference(c, k) for c in totals for k in totals)
    return 1 - (sum(totals.values()) - 1) * observed / by_chance if by_chance else math.nan


def cohen_kappa(pairs: Iterable[tuple[int, int]]) -> float:
    """Return Cohen's kappa of two raters' values, unweighted; nan where it is undefined.

    ``(p_o - p_e) / (1 - p_e)``: J. Cohen, "A coefficient of agreement for nominal scales",
    Educational and Psychological Measurement 20 (1960).
    """
    both = list(pairs)
    n = len(both)
    first, second = (Counter(pair[side] for pair in both) for side in (0, 1))
    by_chance = sum(first[value] * second[value] for value in first)
    agreed = sum(a == b for a, b in both)
    return (n * agreed - by_chance) / (n * n - by_chance) if n * n != by_chance else math.nan


@dataclass(frozen=True, repr=False)
class Results:
    """Answers of all raters with their statistics.

    Attributes
    ----------
    rows : list of dict
        For stars ``picture, raters, mean, sd, low, high``; for pairs ``picture, answers, wins,
        ties, losses, win_rate, low, high``, the rate among decided answers as in a sign test.
        ``low`` and ``high`` bound the 95 % interval; nan where there are too few answers.
    raters : list of str
        Who answered.
    alpha : float
        Krippendorff's alpha, ordinal for stars, nominal for pairs.
    kappa : float
        Cohen's kappa, if two rated; nan otherwise.
    answers : list of Answer
        Each answer; those about pairs say whether the first of the two given was better.
    """

    rows: list[dict[str, Any]]
    raters: list[str]
    alpha: float
    kappa: float
    answers: list[Answer]
    labels: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Results of {len(self.rows)} by {len(self.raters)}: {self._agreement()}>"

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the rows as CSV, and write it to a file if one is named.

        Text that begins as a formula does has a ``'`` in front.
        """
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in self.rows:
            writer.writerow(
                {key: "" if _unknown(value) else cell(value) for key, value in row.items()}
            )
        if path is not None:
            # Spreadsheets take it for UTF-8 by the mark at its beginning.
            Path(path).expanduser().write_text(buffer.getvalue(), encoding="utf-8-sig")
        return buffer.getvalue()

    def _repr_html_(self) -> str:
        heads = "".join(
            f"<th>{html.escape(self.labels.get(key, key))}</th>" for key in self.rows[0]
        )
        lines = (
            "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row.values())
            for row in self.rows
        )
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        return f"{table}<p>{html.escape(self._agreement())}</p>"

    def _agreement(self) -> str:
        names = {"alpha": self.alpha, "kappa": self.kappa}
        parts = [f"{self.labels.get(k, k)} {_shown(v)}" for k, v in names.items()]
        return " · ".join([f"{self.labels.get('raters', 'raters')} {len(self.raters)}", *parts])


def _unknown(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return "–" if _unknown(value) else f"{value:.2f}"
    return str(value)


def results_of(
    items: Sequence[Item], answers: Sequence[Answer], labels: Mapping[str, str]
) -> Results:
    """Return the statistics of these answers about these items."""
    values_of: dict[str, dict[str, int]] = {item.key: {} for item in items}
    known = [answer for answer in answers if answer.item in values_of]
    for answer in known:
        values_of[answer.item][answer.rater] = answer.value
    raters = list(dict.fromkeys(answer.rater for answer in known))
    pairs = len(items[0].pictures) == 2
    named = {i: row for item in items for i, row in zip(item.pictures, item.rows, strict=True)}
    by_row: dict[str, list[int]] = {named[index]: [] for index in sorted(named)}
    for item in items:
        for row, sign in zip(item.rows, (1, -1), strict=False):  # what one wins the other loses
            by_row[row].extend(sign * value for value in values_of[item.key].values())
    # Agreement is about "the first that was given is better": the order of hashes means nothing.
    turned = {item.key: -1 if item.pictures[0] > item.pictures[-1] else 1 for item in items}
    units = [{r: turned[key] * v for r, v in values.items()} for key, values in values_of.items()]
    kappa = math.nan
    if len(raters) == 2:
        kappa = cohen_kappa((u[raters[0]], u[raters[1]]) for u in units if len(u) == 2)
    return Results(
        rows=[(_pair_row if pairs else _star_row)(row, values) for row, values in by_row.items()],
        raters=raters,
        alpha=krippendorff_alpha((u.values() for u in units), "nominal" if pairs else "ordinal"),
        kappa=kappa,
        answers=[Answer(a.rater, a.item, turned[a.item] * a.value) for a in known],
        labels=labels,
    )


def _star_row(name: str, values: Sequence[int]) -> dict[str, Any]:
    low, high = mean_interval(values)
    return {
        "picture": name,
        "raters": len(values),
        "mean": statistics.fmean(values) if values else math.nan,
        "sd": statistics.stdev(values) if len(values) > 1 else math.nan,
        "low": low if math.isnan(low) else max(1.0, low),  # the scale ends there
        "high": high if math.isnan(high) else min(5.0, high),
    }


def _pair_row(name: str, values: Sequence[int]) -> dict[str, Any]:
    counts = Counter(values)
    decided = counts[1] + counts[-1]
    low, high = wilson_interval(counts[1], decided)
    rate = counts[1] / decided if decided else math.nan
    row = {"picture": name, "answers": len(values), "wins": counts[1], "ties": counts[0]}
    return {**row, "losses": counts[-1], "win_rate": rate, "low": low, "high": high}
