"""Tables of pictures over any parameters: ``Grid("a red circle", x={"seed": [1, 2, 3]}).run()``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .axes import Axis, swap
    from .cells import Cell
    from .runner import Grid
    from .spec import grid_from_yaml

_MODULE_OF = {
    "Axis": "axes",
    "Cell": "cells",
    "Grid": "runner",
    "grid_from_yaml": "spec",
    "swap": "axes",
}

__all__ = ["Axis", "Cell", "Grid", "grid_from_yaml", "swap"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
