"""Prompts as text: checked before they are drawn, and unfolded from templates. No torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checker import fix, lint
    from .finding import Edit, Finding, Findings
    from .packs import Template, template, templates
    from .rules import RULES
    from .unfold import Combinations, combinations, expand

_MODULE_OF = {
    "Combinations": "unfold",
    "Edit": "finding",
    "Finding": "finding",
    "Findings": "finding",
    "RULES": "rules",
    "Template": "packs",
    "combinations": "unfold",
    "expand": "unfold",
    "fix": "checker",
    "lint": "checker",
    "template": "packs",
    "templates": "packs",
}

__all__ = [
    "RULES",
    "Combinations",
    "Edit",
    "Finding",
    "Findings",
    "Template",
    "combinations",
    "expand",
    "fix",
    "lint",
    "template",
    "templates",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
