"""Controls for notebooks: ``from zimg_widgets import compare``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .busy import heard_while_busy
    from .compare import Compare, compare
    from .prompt_box import PromptBox

_HOME = {
    "busy": ("heard_while_busy",),
    "compare": ("Compare", "compare"),
    "prompt_box": ("PromptBox",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["Compare", "PromptBox", "compare", "heard_while_busy"]


def __getattr__(name: str) -> Any:
    """Import a control when it is first asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
