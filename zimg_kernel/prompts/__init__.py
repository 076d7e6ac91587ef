"""Prompts as material: templates, wildcards and choices that unfold into prompts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .packs import Template, template, templates
    from .unfold import Combinations, combinations, expand

_MODULE_OF = {
    "Combinations": "unfold",
    "Template": "packs",
    "combinations": "unfold",
    "expand": "unfold",
    "template": "packs",
    "templates": "packs",
}

__all__ = ["Combinations", "Template", "combinations", "expand", "template", "templates"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
