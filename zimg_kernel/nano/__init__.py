"""A miniature of the Z-Image family: its world of simple scenes, training code and weights.

The package imports without torch; every module that needs tensors imports it by itself.
"""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""Folder that holds what is stored of each embedded model."""

TURBO: Path
"""Diffusers folder of the fast model: 8 steps, guidance scale 0, native size 256 x 256."""

BASE: Path
"""Diffusers folder of the guided model: 20 steps, negative prompts work."""

EDIT: Path
"""Diffusers folder of the model that changes a picture; opened by ``NanoOmniPipeline``."""

__all__ = ["BASE", "EDIT", "TURBO", "WEIGHTS"]

_MEMBERS = {"TURBO": "nano-turbo", "BASE": "nano-base", "EDIT": "nano-edit"}


def __getattr__(name: str) -> Path:
    """Give a model's folder when it is first asked for: some are put together only then."""
    if name not in _MEMBERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from zimg_kernel.models import embedded

    return embedded.folder(_MEMBERS[name])
