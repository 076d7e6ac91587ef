"""Measurements of the pictures of each method, for the report of a comparison."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from zimg_kernel.experiments.batch.cells import Cell

from .measure import Features, Spread, bootstrap, interval, summary, vectors
from .methods import METHODS
from .prompt_adherence import Following, follows, pooled
from .report import MethodResult, VarietyReport, rounded

if TYPE_CHECKING:
    from zimg_kernel.nano.world.scenes import Scene

_OWN_CHANCE = 7  # added to the bootstrap's seed for the baseline: two rows are drawn apart


def make_report(
    prompts: Sequence[str],
    names: Sequence[str],
    n: int,
    cells: Sequence[Cell],
    choosing_seconds: Mapping[tuple[int, int], float],
    refused: Mapping[tuple[int, int], str],
    *,
    features: Features,
    scenes: Mapping[str, Scene],
    warnings: tuple[str, ...],
    model: str,
) -> VarietyReport:
    """Measure what was drawn.

    Parameters
    ----------
    prompts, names : sequence of str
        Layers and rows of the cells.
    n : int
        Pictures of a prompt by a method.
    cells : sequence of Cell
        The pictures.
    choosing_seconds : mapping
        Seconds that choosing took, by (layer, row).
    refused : mapping
        Why a method could not be applied to a prompt, by (layer, row).
    """
    groups: dict[tuple[int, int], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.layer, cell.row), []).append(cell)
    spreads: dict[tuple[int, int], Spread] = {}
    adherence: dict[tuple[int, int], Following] = {}
    for at, group in groups.items():
        images = [image for cell in group if (image := cell.image) is not None]
        if len(images) > 1:
            spreads[at] = Spread.of_vectors(vectors(images, features), features)
        prompt = prompts[at[0]]
        adherence[at] = follows(images, prompt, scenes.get(prompt))
    rows = [
        _row(
            row,
            names[row],
            prompts,
            groups,
            spreads,
            adherence,
            choosing_seconds,
            refused,
            features,
        )
        for row in range(len(names))
    ]
    return VarietyReport(tuple(rows), tuple(prompts), n, model, features, warnings)


def _row(
    row: int,
    name: str,
    prompts: Sequence[str],
    groups: Mapping[tuple[int, int], list[Cell]],
    spreads: Mapping[tuple[int, int], Spread],
    adherence: Mapping[tuple[int, int], Following],
    choosing_seconds: Mapping[tuple[int, int], float],
    refused: Mapping[tuple[int, int], str],
    features: Features,
) -> MethodResult:
    layers = [layer for layer in range(len(prompts)) if (layer, row) in groups]
    mine = [cell for layer in layers for cell in groups[layer, row]]
    both = [at for at in layers if (at, row) in spreads and (at, 0) in spreads]
    usual = [cell for layer in layers for cell in groups.get((layer, 0), [])]
    seconds, base_seconds = _median_seconds(mine), _median_seconds(usual)
    ratio = None
    if seconds is not None and base_seconds:
        choosing = sum(choosing_seconds.get((layer, row), 0.0) for layer in layers)
        choosing /= max(1, len(mine))
        ratio = (seconds + (choosing if name != "seeds" else 0.0)) / base_seconds
    notes = [
        f"{prompts[layer]}: {sentence}" if len(prompts) > 1 else sentence
        for (layer, at), sentence in refused.items()
        if at == row
    ]
    notes += dict.fromkeys(cell.error for cell in mine if cell.error)
    by_prompt = {
        prompts[layer]: {
            "diversity": rounded([spreads[layer, row].mean])[0],
            "following": rounded([adherence[layer, row].value])[0],
            "by": adherence[layer, row].by,
        }
        for layer in layers
        if (layer, row) in spreads
    }
    return MethodResult(
        name,
        METHODS[name].about,
        summary([spreads[at, row] for at in layers if (at, row) in spreads], features),
        _gain([spreads[at, row] for at in both], [spreads[at, 0] for at in both], row == 0),
        pooled([adherence[at, row] for at in layers]),
        pooled([adherence[at, 0] for at in layers if (at, 0) in adherence]),
        seconds,
        ratio,
        mine,
        by_prompt,
        tuple(notes),
    )


def _gain(
    spreads: Sequence[Spread], usual: Sequence[Spread], same: bool
) -> tuple[float, float, float] | None:
    """Return diversity over that of plain seeds, with the bootstrap's 95 % interval."""
    if not spreads:
        return None
    base = float(np.mean([one.mean for one in usual]))
    if not base:
        return None
    if same:
        return 1.0, 1.0, 1.0
    pairs = [(a, b) for a, b in zip(spreads, usual, strict=True) if min(a.count, b.count) > 2]
    mine = bootstrap([a for a, _ in pairs])
    other = bootstrap([b for _, b in pairs], apart=_OWN_CHANCE)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = interval(mine / other)
    return float(np.mean([one.mean for one in spreads])) / base, low, high


def _median_seconds(cells: Sequence[Cell]) -> float | None:
    """Return the median over pictures drawn now, if any: earlier ones had another hour."""
    now = [cell for cell in cells if not cell.found] or cells
    times = [cell.timings["total"] for cell in now if cell.timings.get("total")]
    return statistics.median(times) if times else None
