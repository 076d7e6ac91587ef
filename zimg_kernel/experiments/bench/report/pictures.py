"""Matrices of pictures: cases in rows, competitors in columns."""

from __future__ import annotations

from .table import Loaded, Matrix, Picture, status_of


def matrix_of(loaded: Loaded, caption: str, most: int = 40) -> Matrix:
    """Return a picture of each competitor at each case, of the last round that has one.

    Parameters
    ----------
    loaded : Loaded
        The result.
    caption : str
        What they are.
    most : int
        Rows at most.
    """
    rows = []
    for case in loaded.cases[:most]:
        cells = [_cell(loaded, name, case) for name in loaded.names]
        if any(cell is not None and cell.path is not None for cell in cells):
            rows.append((_title(loaded, case), cells))
    return Matrix(caption, loaded.names, rows)


def _title(loaded: Loaded, case: str) -> str:
    found = next((one for one in loaded.result.cases if one.name == case), None)
    prompt = str(found.params.get("prompt", "")) if found else ""
    prompts = {str(one.params.get("prompt", "")) for one in loaded.result.cases}
    return f"{case}: {prompt}" if prompt and len(prompts) > 1 else case


def _cell(loaded: Loaded, name: str, case: str) -> Picture | None:
    runs = [run for run in loaded.runs(name, case) if run.picture]
    if not runs:
        why = status_of(loaded.row(name, case))
        return Picture(None, "", why) if why else None
    run = runs[-1]
    path = loaded.folder / str(run.picture)
    prompt = str(run.params.get("prompt", ""))
    parts = [f"{run.times['total']:.2f} s"] if "total" in run.times else []
    if "score" in run.values:
        parts.append(f"{100 * run.values['score']:.0f} %")
    if run.status == "broken":
        parts.append("broken")
    return Picture(path if path.is_file() else None, f"{prompt}, {name}", " · ".join(parts))
