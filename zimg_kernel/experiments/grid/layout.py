"""Cells of a grid, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.experiments.batch.checks import ParamsChecker
from zimg_kernel.params import GenerationParams

from .axes import Axis, apply


def draw_seeds(axes: Mapping[str, Axis], draw: Callable[[str], int]) -> dict[str, Axis]:
    """Return the axes with every seed of -1 replaced by one drawn for its place."""

    def drawn(name: str, axis: Axis) -> Axis:
        if axis.swaps or "seed" not in axis.names:
            return axis
        points, headings = [dict(point) for point in axis.points], list(axis.headings)
        for index, point in enumerate(points):
            if point["seed"] == -1:
                point["seed"] = draw(f"{name}{index}")
                headings[index] = headings[index].replace("-1", str(point["seed"]), 1)
        return Axis(axis.label, tuple(headings), tuple(points))

    return {name: drawn(name, axis) for name, axis in axes.items()}


def lay_out(
    params: GenerationParams,
    axes: Mapping[str, Axis],
    engine: Engine,
    draw_seed: Callable[[str], int],
) -> tuple[list[Cell], tuple[str, ...]]:
    """Return all cells, layer by layer and row by row, and the warnings on them.

    Parameters
    ----------
    params : GenerationParams
        What all cells have in common.
    axes : mapping
        The axes x, y and z.
    engine : Engine
        Chooses the model if none is named.
    draw_seed : callable
        Returns the seed for the place where -1 stands.

    Raises
    ------
    BadInput
        A cell cannot be drawn; the sentence names it.
    WeightsMissing
        A model is not there, on an engine of this process.
    """
    if params.count != 1:
        raise BadInput(
            "A cell of a grid is one picture: leave count out, take several seeds.",
            code="count-not-one",
            field="count",
        )
    if params.seed < 0:
        params = params.replace(seed=draw_seed("params"))
    checker = ParamsChecker(engine)
    cells = []
    for layer, row, column in product(*(range(len(axes[name])) for name in "zyx")):
        at = [(axes["x"], column), (axes["y"], row), (axes["z"], layer)]
        try:
            filled = checker.complete(apply(params, at))
        except BadInput as problem:
            where = ", ".join(f"{a.label}={a.headings[i]}" for a, i in at if a.label)
            raise BadInput(
                f"Nothing was drawn, because of the cell {' '.join(where.split())}: {problem}",
                code=problem.code,
                field=problem.field,
            ) from None
        cells.append(Cell(column, row, layer, filled, filled.hash))
    return cells, checker.warnings


def facts_of(params: GenerationParams, axes: Mapping[str, Axis], title: str) -> dict[str, Any]:
    """Return what was asked for, as the manifest keeps it."""
    asked = {
        name: {"swaps": axis.swaps, "points": [dict(point) for point in axis.points]}
        for name, axis in axes.items()
        if axis.label
    }
    return {"title": title, "params": params.model_dump(exclude_defaults=True), "axes": asked}
