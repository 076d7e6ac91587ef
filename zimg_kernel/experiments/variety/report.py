"""Report of a comparison of methods: a row for each, as objects, text, JSON and HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.files import atomic_file
from zimg_kernel.images.image import GeneratedImage

from .measure import Diversity, Features
from .prompt_adherence import Following


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
            "diversity": None if d is None else rounded([d.mean, d.low, d.high]),
            "gain": None if self.gain is None else rounded(self.gain),
            "following": None if f.value is None else rounded([f.value, f.low, f.high]),
            "following_by": f.by,
            "following_pictures": len(f.scores),
            "following_of_seeds": rounded([self.base_following.value])[0],
            "following_note": f.note,
            "seconds": rounded([self.seconds])[0],
            "ratio": rounded([self.ratio])[0],
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


def rounded(values: Sequence[float | None]) -> list[float | None]:
    """Return numbers for JSON, which knows no nan."""
    return [None if v is None or not np.isfinite(v) else round(float(v), 4) for v in values]
