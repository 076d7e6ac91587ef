"""Batches of prompts from a file: what is there is found again, the rest is drawn."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zimg_kernel.engine.batch import BatchRunner, Result
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.experiments.csv_cells import cell as csv_cell
from zimg_kernel.files import atomic_file
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

from .cells import Cell
from .checks import ParamsChecker
from .manifest import Manifest
from .prompt_file import PromptLine

NAME = "batch.json"
_AT_ONCE = 32  # requests that wait or run: enough for two at a time on each of 16 GPUs
_MOST = 100_000  # pictures
_HEAD = (
    "line", "prompt", "model", "width", "height", "steps", "guidance", "seed", "status", "seconds",
    "path", "error",
)  # fmt: skip


class PromptBatch:
    """Pictures of the lines of a file.

    Parameters
    ----------
    lines : sequence of PromptLine
    folder : Path
        Of the manifest ``batch.json`` and the table ``batch.csv``.
    engine : Engine
        Completes and checks the parameters.
    fields : mapping
        Parameters of lines that do not say otherwise.
    pictures : Path, optional
        Folder into which the pictures are written as well.
    fresh : bool
        Draw every picture again, with new seeds for -1.

    Attributes
    ----------
    cells : list of Cell
        One for each picture; ``row`` is the line, ``column`` its picture of several.
    errors : dict of int to str
        Why lines have no picture, by line.
    unsaved : list of str
        Sentences on pictures that could not be written into ``pictures``.
    """

    def __init__(
        self, lines: Sequence[PromptLine], folder: Path, engine: Engine,
        fields: Mapping[str, Any], pictures: Path | None = None, fresh: bool = False,
    ) -> None:  # fmt: skip
        self.lines = {line.number: line for line in lines}
        self.errors: dict[int, str] = {}
        self.unsaved: list[str] = []
        self._pictures = pictures
        self._manifest = Manifest(folder, name=NAME) if fresh else Manifest.read(folder, name=NAME)
        checker = ParamsChecker(engine)
        self.cells = self._complete(lines, fields, checker)
        self.warnings = checker.warnings
        if not fresh:
            self._manifest.fill(self.cells, engine.gallery)
        for one in self.cells:
            if one.found:
                self._export(one)

    @property
    def waiting(self) -> list[Cell]:
        """Pictures that are still to be drawn."""
        return [one for one in self.cells if one.status == "waiting"]

    def run(
        self, engine: Engine, on_cell: Callable[[Cell], object],
        on_job: Callable[[Job], None] | None = None,
    ) -> None:  # fmt: skip
        """Draw what is missing; a picture that fails does not stop the others.

        Parameters
        ----------
        engine : Engine
        on_cell : callable
            Called with each cell that has got its picture or an error.
        on_job : callable, optional
            Called with each job when it was accepted.
        """

        def on_result(cells: list[Cell], result: Result) -> None:
            self._manifest.record(cells, result)
            for one in cells:
                self._export(one, result)
                if one.error:
                    self.errors.setdefault(one.row, one.error)
                one.loaded = None if one.path is not None else one.loaded
                on_cell(one)

        runner = BatchRunner(
            engine, _AT_ONCE, self.waiting, on_result, on_job=on_job, cancel_all=False
        )
        try:
            runner.draw(self.waiting)
        finally:
            self._manifest.write(now=True)

    def table(self) -> Path:
        """Write what has become of each picture as CSV; return its path."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(_HEAD)
        for row in self.rows():
            writer.writerow([csv_cell(row[name]) for name in _HEAD])
        path = self._manifest.folder / "batch.csv"
        with atomic_file(path) as file:
            file.write(text.getvalue().encode("utf-8-sig"))  # by which spreadsheets know UTF-8
        return path

    def rows(self) -> list[dict[str, Any]]:
        """Return what has become of each picture, and of lines without any, by line."""
        rows = [_row(one) for one in self.cells]
        drawn = {one.row for one in self.cells}
        for number, error in self.errors.items():
            if number not in drawn:
                empty = dict.fromkeys(_HEAD, "")
                told = {"line": number, "prompt": self.lines[number].prompt}
                rows.append({**empty, **told, "status": "failed", "error": error})
        return sorted(rows, key=lambda row: row["line"])

    def _complete(
        self, lines: Sequence[PromptLine], fields: Mapping[str, Any], checker: ParamsChecker
    ) -> list[Cell]:
        cells: list[Cell] = []
        seen: Counter[str] = Counter()
        for line in lines:
            if line.error:
                self.errors[line.number] = line.error
                continue
            try:
                params = GenerationParams.from_dict({**fields, **line.fields})
                # By what it asks for, not by its number: lines may be put in before it.
                place = f"{params.hash[:16]}/{seen[params.hash]}"
                seen[params.hash] += 1
                if params.seed < 0:
                    params = params.replace(seed=self._manifest.draw_seed(place))
                for column, single in enumerate(params.singles()):
                    filled = checker.complete(single)
                    cells.append(Cell(column, line.number, 0, filled, filled.hash))
            except (BadInput, ZimgError) as error:
                self.errors[line.number] = str(error)
            if len(cells) > _MOST:
                raise BadInput(
                    f"The file asks for more than {_MOST} pictures: divide it.",
                    code="too-many",
                    field="file",
                )
        return cells

    def _export(self, one: Cell, result: Result | None = None) -> None:
        """Write a picture into the folder that was asked for, unless it is there."""
        if self._pictures is None or one.error:
            return
        digits = len(str(max(self.lines)))
        column = f"-{one.column + 1}" if one.column else ""
        name = f"{one.row:0{digits}d}{column}"
        ending = f"_seed{one.params.seed}_{one.key[:8]}.png"
        if any(self._pictures.glob(f"*{ending}")):  # also under the number that its line had
            return
        try:
            image = result if isinstance(result, GeneratedImage) else one.image
            if image is not None:
                image.save(self._pictures / (name + ending))
        except ZimgError as error:
            self.unsaved.append(str(error))


def _row(one: Cell) -> dict[str, Any]:
    p = one.params
    status = "found" if one.found and not one.error else one.status
    return {
        "line": one.row, "prompt": p.prompt, "model": p.model, "width": p.width,
        "height": p.height, "steps": p.steps, "guidance": p.guidance, "seed": p.seed,
        "status": status, "seconds": one.timings.get("total", ""), "path": str(one.path or ""),
        "error": one.error,
    }  # fmt: skip
