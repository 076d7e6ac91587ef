"""Structure of a notebook's JSON: what running it relies on.

nbformat checks more, and refuses notebooks that run, such as those with a cell's ``id`` in a
format that had none yet; what it leaves unchecked ends as an error of another kind in papermill.
"""

from __future__ import annotations

from typing import Any

_CELL_TYPES = ("code", "markdown", "raw")


def check_structure(notebook: Any) -> None:
    """Check a notebook of format 4.

    Raises
    ------
    ValueError
        The first thing that is not as it must be, with the cell's number, from 1.
    """
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("it has no cells")
    for name in ("nbformat", "nbformat_minor"):
        if type(notebook.get(name)) is not int:
            raise ValueError(f"{name} must be a whole number")
    _check_metadata(notebook, "its")
    for number, cell in enumerate(notebook["cells"], 1):
        _check_cell(cell, f"cell {number}")


def _check_cell(cell: Any, name: str) -> None:
    if not isinstance(cell, dict):
        raise ValueError(f"{name} is no mapping")
    if cell.get("cell_type") not in _CELL_TYPES:
        raise ValueError(f"the cell_type of {name} must be one of {', '.join(_CELL_TYPES)}")
    if not _is_text(cell.get("source")):
        raise ValueError(f"the source of {name} must be text or a list of lines")
    _check_metadata(cell, f"{name}'s")
    tags = cell["metadata"].get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"the tags of {name} must be a list of texts")
    outputs = cell.get("outputs", [])
    if cell["cell_type"] == "code" and "outputs" not in cell:
        raise ValueError(f"{name} has no outputs, not even an empty list")
    if not isinstance(outputs, list) or not all(isinstance(each, dict) for each in outputs):
        raise ValueError(f"the outputs of {name} must be a list of mappings")


def _check_metadata(holder: dict[str, Any], whose: str) -> None:
    metadata = holder.get("metadata")
    if not isinstance(metadata, dict):
        raise ValueError(f"{whose} metadata must be a mapping")
    for name in ("kernelspec", "language_info", "papermill"):
        if not isinstance(metadata.get(name) or {}, dict):
            raise ValueError(f"{whose} metadata: {name} must be a mapping")


def _is_text(source: Any) -> bool:
    lines = source if isinstance(source, list) else [source]
    return all(isinstance(line, str) for line in lines)
