"""The cells of a grid: their parameters, checked before anything is drawn, and their pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from zimg_kernel.engine.checks import check
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.grid.axes import Axis, apply
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.weights import tokenizer_folder
from zimg_kernel.params import GenerationParams


@dataclass
class Cell:
    """One place of a grid.

    Attributes
    ----------
    column, row, layer : int
        Where it is along x, y and z, from 0.
    params : GenerationParams
        With every field filled in and the seed drawn: those of its picture.
    path : Path or None
        Where its picture is saved.
    timings : dict of str to float
        Seconds, as in the picture's record.
    error : str
        The sentence why there is no picture.
    found : bool
        Whether the picture was there already and not drawn by this run.
    """

    column: int
    row: int
    layer: int
    params: GenerationParams
    key: str = ""
    path: Path | None = None
    timings: dict[str, float] = field(default_factory=dict)
    error: str = ""
    found: bool = False
    kept: GeneratedImage | None = field(default=None, repr=False)

    @property
    def status(self) -> str:
        """``"waiting"``, ``"done"`` or ``"failed"``."""
        if self.error:
            return "failed"
        return "done" if self.path is not None or self.kept is not None else "waiting"

    @property
    def image(self) -> GeneratedImage | None:
        """The picture, read from its file; None as long as there is none, or if it is gone."""
        if self.kept is not None or self.path is None:
            return self.kept
        try:
            return GeneratedImage.open(self.path)
        except BadInput:
            return None


def draw_seeds(axes: Mapping[str, Axis], seeds: dict[str, int]) -> dict[str, Axis]:
    """Return the axes with every seed of -1 drawn; ``seeds`` holds and takes what was drawn."""

    def drawn(name: str, axis: Axis) -> Axis:
        if axis.swaps or "seed" not in axis.names:
            return axis
        points, headings = [dict(point) for point in axis.points], list(axis.headings)
        for index, point in enumerate(points):
            if point["seed"] == -1:
                point["seed"] = _drawn(seeds, f"{name}{index}")
                headings[index] = headings[index].replace("-1", str(point["seed"]), 1)
        return Axis(axis.label, tuple(headings), tuple(points))

    return {name: drawn(name, axis) for name, axis in axes.items()}


def lay_out(
    params: GenerationParams, axes: Mapping[str, Axis], engine: Engine, seeds: dict[str, int]
) -> tuple[list[Cell], tuple[str, ...]]:
    """Return all cells, layer by layer and row by row, and what the user should know.

    Parameters
    ----------
    params : GenerationParams
        What all cells have in common.
    axes : mapping
        The axes x, y and z.
    engine : Engine
        Chooses the model if none is named.
    seeds : dict
        Seeds drawn before for -1, by place; those drawn now are added.

    Raises
    ------
    BadInput
        A cell cannot be drawn; the sentence names it.
    WeightsMissing
        A model is not there, on an engine of this process.
    """
    said: list[str] = []
    if params.count != 1:
        raise BadInput("A cell of a grid is one picture: leave count out, take several seeds.")
    if params.seed < 0:
        params = params.replace(seed=_drawn(seeds, "params"))
    checked: dict[str, tuple[str, ...]] = {}
    cells = []
    chosen = ""
    for layer, row, column in product(*(range(len(axes[name])) for name in "zyx")):
        at = [(axes["x"], column), (axes["y"], row), (axes["z"], layer)]
        try:
            wanted = apply(params, at)
            if wanted.model is None:
                chosen = chosen or _choose_model(engine, said)
                wanted = wanted.replace(model=chosen)
            filled = _checked(wanted, engine, checked, said)
        except BadInput as problem:
            where = ", ".join(f"{a.label}={a.headings[i]}" for a, i in at if a.label)
            raise BadInput(f"Nothing was drawn, because of the cell {where}: {problem}") from None
        cells.append(Cell(column, row, layer, filled, filled.hash))
    return cells, tuple(dict.fromkeys(said))


def drawing_order(cells: list[Cell]) -> list[str]:
    """Return the keys of cells in the order to draw them: one model after the other.

    A model that does not fit beside the others is so loaded only once. Cells of equal
    parameters share their key and their picture.
    """
    models = list(dict.fromkeys(cell.params.model for cell in cells))
    ordered = sorted(cells, key=lambda cell: models.index(cell.params.model))
    return list(dict.fromkeys(cell.key for cell in ordered))


def _checked(
    wanted: GenerationParams, engine: Engine, seen: dict[str, tuple[str, ...]], said: list[str]
) -> GenerationParams:
    """Check one cell; cells that differ in their seed only are checked once."""
    card = get_card(str(wanted.model))
    filled = card.fill(wanted)
    kind = filled.replace(seed=0).hash
    if kind not in seen:
        # Another process's or host's engine has its own files, and looks at them itself.
        folder = tokenizer_folder(card) if isinstance(engine, LocalEngine) else None
        seen[kind] = check(filled, card, folder).warnings
        said += seen[kind]
    return filled


def _choose_model(engine: Engine, said: list[str]) -> str:
    choose = getattr(engine, "choose_model", None)
    if choose is None:
        raise BadInput("Name the model: this engine does not say which one it would take.")
    model, words = choose()
    said += words
    return str(model)


def _drawn(seeds: dict[str, int], place: str) -> int:
    if place not in seeds:
        seeds[place] = GenerationParams(prompt="any").with_seed().seed
    return seeds[place]
