"""Command ``zimg run``: a notebook as a job through papermill, parameters checked first."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import gc
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from zimg_kernel.engine.unattended import SETTING
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.experiments.kernel_sockets import private_sockets

from .notebook_kernel import choose_kernel, is_python
from .notebook_parameters import NotebookParameter, parameters_of, storable
from .notebook_states import has_injected_cell, mend_states, number_in_source
from .notebook_structure import check_structure


def run_notebook(
    notebook: Path,
    given: Mapping[str, Any],
    output: Path | None = None,
    progress: bool | None = None,
    raw: Mapping[str, str] | None = None,
) -> Path:
    """Execute a notebook from top to bottom; return the path of the executed copy.

    Parameters
    ----------
    notebook : Path
        A notebook with one cell tagged ``parameters``.
    given : mapping
        Values for its parameters. Text stays text where the notebook's annotation or default
        says so; elsewhere it is read as a number, true/false, null or JSON where it is one.
    output : Path, optional
        The executed notebook, or a folder for it; by default in the current folder, with the
        time in its name.
    progress : bool, optional
        A bar on stderr; by default in a terminal.
    raw : mapping, optional
        Texts for parameters, taken as they are.

    Raises
    ------
    BadInput
        No such notebook, a parameter that it does not have, or a kernel that is not installed.
    ZimgError
        A cell failed, or the kernel ended; the message names the cell and the executed copy
        that shows it.
    """
    content = _load(notebook)
    with _without_mark(notebook) as source:
        values = _values(source, content, given, raw or {})
        kernel = choose_kernel(content, notebook)
        output = _place_for(output, notebook)
        _execute(source, output, content, values, kernel, progress)
    return output


@contextlib.contextmanager
def _without_mark(notebook: Path) -> Iterator[Path]:
    """Yield the notebook, or a copy without its byte order mark, which papermill cannot read."""
    content = notebook.read_bytes()
    if not content.startswith(codecs.BOM_UTF8):
        yield notebook
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / notebook.name
        copy.write_bytes(content.removeprefix(codecs.BOM_UTF8))
        yield copy


def _execute(
    notebook: Path,
    output: Path,
    content: dict[str, Any],
    values: dict[str, Any],
    kernel: str,
    progress: bool | None,
) -> None:
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    injected = has_injected_cell(content)
    try:  # nbformat raises errors of many kinds
        papermill.iorw.load_notebook_node(str(notebook))
    except Exception as error:
        raise _unreadable(notebook, error) from None
    try:
        with _quiet_loggers(), _unattended(), private_sockets() as options:
            papermill.execute_notebook(
                _without_fields(notebook),
                _without_fields(output),
                parameters=values,
                kernel_name=kernel,
                language="python" if is_python(content) else None,
                progress_bar=sys.stderr.isatty() if progress is None else progress,
                **options,
            )
    except PapermillExecutionError as error:
        number = number_in_source(output, error.cell_index, injected)
        raise ZimgError(
            f"Cell {number} of {notebook.name} failed ({error.ename}: {error.evalue}); "
            f"see {output}",
            code="notebook-failed",
            field="notebook",
        ) from None
    except DeadKernelError:
        place = mend_states(output, "DeadKernelError", "The kernel ended while this cell ran.")
        where = "before its first cell ran"
        if place is not None:
            where = f"while cell {number_in_source(output, place, injected)} ran"
        raise ZimgError(
            f"The kernel of {notebook.name} ended {where}, most often because memory ran out; "
            f"what was done until then is in {output}",
            code="kernel-ended",
            field="notebook",
        ) from None
    except OSError as error:
        what, why = error.filename or output, error.strerror or error
        raise ZimgError(
            f"{notebook.name} could not be run to its end ({what}: {why}); what there is of it is "
            f"in {output}: name another place with -o if that cannot be written.",
            code="notebook-failed",
            field="notebook",
        ) from error
    except BaseException as error:
        mend_states(output, type(error).__name__, "The run was interrupted here.")
        raise


@contextlib.contextmanager
def _unattended() -> Iterator[None]:
    """Let kernels that are started know that nobody looks at them."""
    before = os.environ.get(SETTING)
    os.environ.setdefault(SETTING, "1")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(SETTING, None)


@contextlib.contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Keep papermill and asyncio from telling what this command tells better, during a run."""
    papermill, tasks = logging.getLogger("papermill"), logging.getLogger("asyncio")
    level = papermill.level
    # It parses the parameters anew, line by line, and warns of good ones.
    papermill.setLevel(logging.ERROR)

    def is_news(record: logging.LogRecord) -> bool:  # of its own: other runs may go on meanwhile
        error = record.exc_info[1] if record.exc_info else None
        return type(error).__name__ != "DeadKernelError"

    tasks.addFilter(is_news)
    try:
        yield
    except BaseException:
        _ask_left_tasks()
        raise
    finally:
        tasks.removeFilter(is_news)
        papermill.setLevel(level)


def _ask_left_tasks() -> None:
    """Take the kernel's end from tasks that an interrupted run left behind.

    One notices that end and is never asked for it, of which asyncio would tell at the exit.
    """
    for task in gc.get_objects():
        # Not isinstance(), which asks objects for their class, and lazy ones answer with warnings.
        if not issubclass(type(task), asyncio.Task):
            continue
        # exception() counts as asking, so the private name: other tasks are others' business.
        if type(task._exception).__name__ == "DeadKernelError":
            task.exception()


def _load(notebook: Path) -> dict[str, Any]:
    if not notebook.is_file():
        raise BadInput(f"There is no notebook {notebook}.", code="file-missing", field="notebook")
    try:
        content = json.loads(notebook.read_text(encoding="utf-8-sig"))
        json.dumps(content, ensure_ascii=False).encode()  # refuses half a surrogate pair
        if isinstance(content, dict) and "worksheets" in content:  # of 2014 and before
            import nbformat

            content = nbformat.reads(json.dumps(content), as_version=4)
        check_structure(content)
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(notebook, error) from None
    return content


def _unreadable(notebook: Path, error: Exception) -> BadInput:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return BadInput(
        f"{notebook} cannot be read as a notebook ({reason}).",
        code="not-a-notebook",
        field="notebook",
    )


def _values(
    notebook: Path, content: dict[str, Any], given: Mapping[str, Any], raw: Mapping[str, str]
) -> dict[str, Any]:
    """Return the parameters' values, each fit for the notebook's own default."""
    known = _parameters(notebook, content)
    for name in (*given, *raw):
        if name not in known:
            listed = ", ".join(known) or "none at all"
            raise BadInput(
                f"{notebook.name} has no parameter {name!r}: it has {listed}.",
                code="unknown-parameter",
                field=name,
            )
    values = {
        name: known[name].read(value) if isinstance(value, str) else value
        for name, value in given.items()
    }
    return {name: storable(value, name) for name, value in {**values, **raw}.items()}


def _parameters(notebook: Path, content: dict[str, Any]) -> dict[str, NotebookParameter]:
    if is_python(content):
        with contextlib.suppress(SyntaxError):
            return parameters_of(content)
    import papermill

    try:
        found = papermill.inspect_notebook(_without_fields(notebook))
    except Exception as error:
        raise _unreadable(notebook, error) from None
    quotes = ("'", '"')
    return {
        name: NotebookParameter(name, is_text=str(each["default"]).startswith(quotes))
        for name, each in found.items()
    }


def _place_for(output: Path | None, notebook: Path) -> Path:
    """Return the absolute path of the executed copy; its folder is made."""
    name = f"{notebook.stem}-{datetime.now():%Y%m%d-%H%M%S}.ipynb"
    place = (output or Path(name)).expanduser().absolute()
    place = place / name if place.is_dir() else place
    if place.exists() and place.samefile(notebook):
        raise BadInput(
            f"{place} is the notebook itself: name another place for the executed copy.",
            code="output-is-input",
            field="output",
        )
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"The folder of {place} cannot be made ({error.strerror or error}): name another "
            "place with -o.",
            code="not-written",
            field="output",
        ) from None
    return place


def _without_fields(path: Path) -> str:
    """Return a path in which papermill takes no brace for a parameter's place."""
    return str(path).replace("{", "{{").replace("}", "}}")
