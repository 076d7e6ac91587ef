"""Command ``zimg run``: a notebook as a job through papermill, parameters checked first."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgError


def run_notebook(
    notebook: Path,
    given: Mapping[str, Any],
    output: Path | None = None,
    progress: bool | None = None,
) -> Path:
    """Execute a notebook from top to bottom; return the path of the executed copy.

    Parameters
    ----------
    notebook : Path
        A notebook with one cell tagged ``parameters``.
    given : mapping
        Values for its parameters; text is read as a number, true/false or null where it is one.
    output : Path, optional
        The executed notebook; by default beside the current folder's files, with the time.
    progress : bool, optional
        A bar on stderr; by default in a terminal.

    Raises
    ------
    BadInput
        No such notebook, or a parameter that it does not have.
    ZimgError
        A cell failed; the message names it and the executed copy that shows it.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    if not notebook.is_file():
        raise BadInput(f"There is no notebook {notebook}.", code="file-missing", field="notebook")
    values = {name: read_value(value) for name, value in given.items()}
    _check_names(notebook, values)
    if output is None:
        output = Path(f"{notebook.stem}-{datetime.now():%Y%m%d-%H%M%S}.ipynb")
    output = output.expanduser().absolute()
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            str(notebook),
            str(output),
            parameters=values,
            progress_bar=sys.stderr.isatty() if progress is None else progress,
        )
    except PapermillExecutionError as error:
        raise ZimgError(
            f"Cell {error.cell_index + 1} of {notebook.name} failed "
            f"({error.ename}: {error.evalue}); see {output}",
            code="notebook-failed",
            field="notebook",
        ) from None
    return output


def read_value(value: Any) -> Any:
    """Return text as the number, truth value, null or list that it is, else as it is."""
    if not isinstance(value, str):
        return value
    spelled = {"true": True, "false": False, "none": None, "null": None}
    if value.lower() in spelled:
        return spelled[value.lower()]
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(found, str) else found


def _check_names(notebook: Path, values: Mapping[str, Any]) -> None:
    from papermill import inspect_notebook

    try:
        known = inspect_notebook(str(notebook))
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise BadInput(
            f"{notebook} cannot be read as a notebook ({reason}).",
            code="not-a-notebook",
            field="notebook",
        ) from None
    for name in values:
        if name not in known:
            listed = ", ".join(known) or "none at all"
            raise BadInput(
                f"{notebook.name} has no parameter {name!r}: it has {listed}.",
                code="unknown-parameter",
                field=name,
            )
