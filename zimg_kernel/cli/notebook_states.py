"""States of the cells in an executed notebook, mended where its run was cut short.

papermill marks every cell as completed when a kernel dies or a run is interrupted, also those
that it never began (``NotebookExecutionManager.notebook_complete`` of papermill 2.7).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zimg_kernel.files import atomic_file

_ERROR_TAG = "papermill-error-cell-tag"
_INJECTED_TAG = "injected-parameters"


def mend_states(copy: Path, name: str, why: str) -> int | None:
    """Write into an executed copy which cell was cut short and which never ran.

    Parameters
    ----------
    copy : Path
        What papermill has written.
    name, why : str
        The error's name and text, shown below the cell that was running.

    Returns
    -------
    int or None
        The place in the copy of the cell that was running; None if none had begun.
    """
    try:
        notebook = json.loads(copy.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    cells = notebook["cells"]
    begun = [place for place, cell in enumerate(cells) if _state(cell).get("start_time")]
    running = begun[-1] if begun else None
    for place, cell in enumerate(cells):
        if running is None or place > running:
            _state(cell)["status"] = "pending"
    if running is not None:
        cell = cells[running]
        _state(cell).update(status="failed", exception=True)
        if cell.get("cell_type") == "code":
            error = {"output_type": "error", "ename": name, "evalue": why, "traceback": [why]}
            cell.setdefault("outputs", []).append(error)
    notebook["metadata"].setdefault("papermill", {})["exception"] = True
    with atomic_file(copy) as file:
        file.write((json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode())
    return running


def number_in_source(copy: Path, place: int, injected_before: bool) -> int:
    """Return the number, from 1, that a cell of the copy has in the notebook that was run.

    Parameters
    ----------
    copy : Path
        What papermill has written.
    place : int
        From 0, without the two cells that papermill adds to tell of an error.
    injected_before : bool
        Whether the notebook itself had a cell of injected parameters.
    """
    try:
        cells: Sequence[Any] = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return place + 1
    cells = [cell for cell in cells if _ERROR_TAG not in _tags(cell)]
    before = cells[: place + 1]
    added = 0 if injected_before else sum(_INJECTED_TAG in _tags(cell) for cell in before)
    return place + 1 - added


def has_injected_cell(notebook: dict[str, Any]) -> bool:
    """Return whether a notebook has a cell of injected parameters: it is a copy itself."""
    return any(_INJECTED_TAG in _tags(cell) for cell in notebook.get("cells", ()))


def _state(cell: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = cell.setdefault("metadata", {}).setdefault("papermill", {})
    return found


def _tags(cell: dict[str, Any]) -> Sequence[str]:
    return (cell.get("metadata") or {}).get("tags") or ()
