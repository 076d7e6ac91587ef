"""Functions that a suite names as ``module:name``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput


def load(name: str, folder: Path | None = None) -> Callable[..., Any]:
    """Return the function; a module beside the suite's file is found too.

    Raises
    ------
    BadInput
        There is no such module, or no such function in it.
    """
    module_name, _, function = name.partition(":")
    try:
        with _on_path(folder):
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        where = f", nor in {folder}" if folder else ""
        raise BadInput(
            f"There is no module {error.name} on Python's path{where}.",
            code="unknown-module",
            field="function",
        ) from None
    found = getattr(module, function, None)
    if not callable(found):
        raise BadInput(
            f"The module {module_name} has no function {function}.",
            code="unknown-function",
            field="function",
        )
    return found


@contextmanager
def _on_path(folder: Path | None) -> Iterator[None]:
    if folder is None or str(folder) in sys.path:
        yield
        return
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
