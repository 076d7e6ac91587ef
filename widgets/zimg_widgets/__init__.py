"""Controls for notebooks: ``from zimg_widgets import compare``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .before_after import Compare, compare
    from .busy import heard_while_busy
    from .editor import Editor
    from .form import ParamsForm
    from .form_check import check_prompt
    from .gallery_view import GalleryView
    from .grid_run import show_grid
    from .grid_view import GridView
    from .mask import MaskPainter
    from .memory_bar import MemoryBar
    from .prompt_box import PromptBox
    from .rating_task import rate
    from .restore import SettingsDrop
    from .studio import Studio
    from .version_tree import VersionTree

_HOME = {
    "busy": ("heard_while_busy",),
    "before_after": ("Compare", "compare"),
    "editor": ("Editor",),
    "form": ("ParamsForm",),
    "form_check": ("check_prompt",),
    "grid_run": ("show_grid",),
    "grid_view": ("GridView",),
    "gallery_view": ("GalleryView",),
    "mask": ("MaskPainter",),
    "memory_bar": ("MemoryBar",),
    "prompt_box": ("PromptBox",),
    "rating_task": ("rate",),
    "studio": ("Studio",),
    "restore": ("SettingsDrop",),
    "version_tree": ("VersionTree",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Compare",
    "Editor",
    "GalleryView",
    "GridView",
    "MaskPainter",
    "MemoryBar",
    "ParamsForm",
    "PromptBox",
    "SettingsDrop",
    "Studio",
    "VersionTree",
    "check_prompt",
    "compare",
    "heard_while_busy",
    "rate",
    "show_grid",
]


def __getattr__(name: str) -> Any:
    """Import a control when it is first asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
