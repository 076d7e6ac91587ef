"""LoRA files: what there is, what fits which model, and their use in pictures.

``generate("a red circle", loras=[("my-style", 0.8)])`` draws with ``my-style.safetensors`` of the
folder of LoRAs; ``inspect_lora("my-style", "z-image-turbo")`` tells whether it fits.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attach import apply_loras, unload_loras
    from .inspecting import inspect_lora
    from .report import LoraList, LoraReport
    from .shelf import find_lora, list_loras

_MODULE_OF = {
    "LoraList": "report",
    "LoraReport": "report",
    "apply_loras": "attach",
    "find_lora": "shelf",
    "inspect_lora": "inspecting",
    "list_loras": "shelf",
    "unload_loras": "attach",
}

__all__ = [
    "LoraList",
    "LoraReport",
    "apply_loras",
    "find_lora",
    "inspect_lora",
    "list_loras",
    "unload_loras",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
