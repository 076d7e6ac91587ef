"""Editing: change a picture by words, by brush and by example.

Each function checks what it is given, and returns a job as generating does::

    from zimg_kernel import edit

    picture = zimg.generate("左边一个红色的圆，右边一个蓝色的方块", seed=1)
    greener = edit.instruct(picture, "把方块变成绿色").result()
    wider = edit.outpaint(greener, right=64).result()

Importing it is quick and brings no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .abilities import can_edit, editors
    from .calls import img2img, inpaint, instruct, outpaint, vary
    from .calls_more import control, upscale
    from .plan import EditPlan

_HOME = {
    "abilities": ("can_edit", "editors"),
    "calls": ("img2img", "inpaint", "instruct", "outpaint", "vary"),
    "calls_more": ("control", "upscale"),
    "plan": ("EditPlan",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "EditPlan",
    "can_edit",
    "control",
    "editors",
    "img2img",
    "inpaint",
    "instruct",
    "outpaint",
    "upscale",
    "vary",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
