"""Pictures that differ more from seed to seed: several ways, and what each gains and costs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .compare import compare_variety
    from .following import Following, follows
    from .measure import Diversity, diversity
    from .methods import METHODS, Method, vary
    from .report import Row, VarietyReport
    from .scene_words import read_scene
    from .wordings import reword

_MODULE_OF = {
    "Diversity": "measure",
    "Following": "following",
    "METHODS": "methods",
    "Method": "methods",
    "Row": "report",
    "VarietyReport": "report",
    "compare_variety": "compare",
    "diversity": "measure",
    "follows": "following",
    "read_scene": "scene_words",
    "reword": "wordings",
    "vary": "methods",
}

__all__ = [
    "METHODS",
    "Diversity",
    "Following",
    "Method",
    "Row",
    "VarietyReport",
    "compare_variety",
    "diversity",
    "follows",
    "read_scene",
    "reword",
    "vary",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
