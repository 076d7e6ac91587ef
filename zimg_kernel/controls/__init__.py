"""Control maps and ControlNets: draw a picture that follows the lines of another one.

A map is made of any picture, and looked at beside it::

    from zimg_kernel.controls import control_map, preview_control

    lines = control_map("house.jpg", "canny", low=80, high=160)
    preview_control("house.jpg")

Importing it is quick and brings no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .controlnet import load_controlnet
    from .maps import KINDS, control_map
    from .preview import ControlPreview, preview_control

_MODULE_OF = {
    "KINDS": "maps",
    "ControlPreview": "preview",
    "control_map": "maps",
    "load_controlnet": "controlnet",
    "preview_control": "preview",
}

__all__ = ["KINDS", "ControlPreview", "control_map", "load_controlnet", "preview_control"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
