"""Prompts as text: checked, unfolded from templates, rewritten. Importing brings no torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .candidates import Candidate, Candidates
    from .checker import fix, lint
    from .enhance_endpoint import Endpoint
    from .enhancement import Enhancement
    from .enhancer import enhance, enhancing
    from .finding import Edit, Finding, Findings
    from .packs import Template, template, templates
    from .rules import RULES
    from .unfold import Combinations, combinations, expand

_MODULE_OF = {
    "Candidate": "candidates",
    "Candidates": "candidates",
    "Combinations": "unfold",
    "Edit": "finding",
    "Endpoint": "enhance_endpoint",
    "Enhancement": "enhancement",
    "Finding": "finding",
    "Findings": "finding",
    "RULES": "rules",
    "Template": "packs",
    "combinations": "unfold",
    "enhance": "enhancer",
    "enhancing": "enhancer",
    "expand": "unfold",
    "fix": "checker",
    "lint": "checker",
    "template": "packs",
    "templates": "packs",
}

__all__ = [
    "RULES",
    "Candidate",
    "Candidates",
    "Combinations",
    "Edit",
    "Endpoint",
    "Enhancement",
    "Finding",
    "Findings",
    "Template",
    "combinations",
    "enhance",
    "enhancing",
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
