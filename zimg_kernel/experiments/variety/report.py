"""Report of a comparison of methods: a row for each, as objects, text, JSON and HTML."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.files import atomic_file
from zimg_kernel.images.image import GeneratedImage

from .measure import Diversity, Features, Spread, bootstrap, interval, summary, vectors
from .methods import METHODS
from .prompt_adherence import Following, follows, pooled

if TYPE_CHECKING:
    from zimg_kernel.nano.world.scenes import Scene

_OWN_CHANCE = 7  # added to the bootstrap's seed for the baseline: two rows are drawn apart


@dataclass(frozen=True)
class MethodResult:
    """Measurements of one method.

    Attributes
    ----------
    method, about : str
        Its name, and what it does.
    diversity : Diversity or None
        Within prompts, averaged over them; None without pictures.
    gain : tuple of float or None
        Diversity divided by that of plain seeds for the same prompts, and its 95 % interval.
    following : Following
        Prompt adherence, over the pictures that can be judged.
    base_following : Following
        The same of plain seeds for the same prompts.
    seconds : float or None
        Median time of a picture.
    ratio : float or None
        Time of a picture, choosing it included, divided by that of plain seeds.
    cells : list of Cell
        Its pictures: ``layer`` is the prompt, ``column`` the number.
    notes : tuple of str
        Why pictures or prompts are missing.
    """

    method: str
    about: str
    diversity: Diversity | None
    gain: tuple[float, float, float] | None
    following: Following
    base_following: Following
    seconds: float | None
    ratio: float | None
    cells: list[Cell] = field(repr=False)
    by_prompt: dict[str, dict[str, Any]] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def images(self) -> list[GeneratedImage]:
        """The pictures, read from their files."""
        return [image for cell in self.cells if (image := cell.image) is not None]

    def as_dict(self) -> dict[str, Any]:
        """Return the row ready for JSON."""
        d, f = self.diversity, self.following
        return {
            "method": self.method,
            "about": self.about,
            "diversity": None if d is None else _rounded([d.mean, d.low, d.high]),
            "gain": None if self.gain is None else _rounded(self.gain),
            "following": None if f.value is None else _rounded([f.value, f.low, f.high]),
            "following_by": f.by,
            "following_pictures": len(f.scores),
            "following_of_seeds": _rounded([self.base_following.value])[0],
            "following_note": f.note,
            "seconds": _rounded([self.seconds])[0],
            "ratio": _rounded([self.ratio])[0],
            "pictures": sum(cell.status == "done" for cell in self.cells),
            "by_prompt": self.by_prompt,
            "notes": list(self.notes),
        }


Row = MethodResult  # its former name


@dataclass(frozen=True)
class VarietyReport:
    """Diversity of the pictures of each method, and its costs.

    Attributes
    ----------
    rows : tuple of MethodResult
        The baseline ``seeds`` first.
    prompts : tuple of str
    n : int
        Pictures of a prompt by a method.
    features : {"layout", "clip"}
        What diversity was measured by.
    warnings : tuple of str
        Warnings on these prompts and this model.
    """

    rows: tuple[MethodResult, ...]
    prompts: tuple[str, ...]
    n: int
    model: str
    features: Features
    warnings: tuple[str, ...] = ()

    def row(self, method: str) -> MethodResult:
        """Return the row of a method."""
        for row in self.rows:
            if row.method == method:
                return row
        raise BadInput(
            f"{method} was not compared; there are {', '.join(self.methods)}.",
            code="unknown-method",
            field="method",
        )

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods that were compared."""
        return tuple(row.method for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the pictures, ready for JSON."""
        return {
            "model": self.model,
            "n": self.n,
            "features": self.features,
            "prompts": list(self.prompts),
            "rows": [row.as_dict() for row in self.rows],
            "warnings": list(self.warnings),
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """Return it as JSON, and write it to a file if one is named."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"
        if path is not None:
            with atomic_file(Path(path).expanduser().absolute()) as file:
                file.write(text.encode())
        return text

    def __str__(self) -> str:
        from .report_view import as_text

        return as_text(self)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .report_view import as_html, as_text

        return {"text/html": as_html(self), "text/plain": as_text(self)}


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
            "diversity": _rounded([spreads[layer, row].mean])[0],
            "following": _rounded([adherence[layer, row].value])[0],
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


def _rounded(values: Sequence[float | None]) -> list[float | None]:
    """Return numbers for JSON, which knows no nan."""
    return [None if v is None or not np.isfinite(v) else round(float(v), 4) for v in values]
