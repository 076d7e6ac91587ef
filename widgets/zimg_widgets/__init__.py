"""Controls for notebooks: ``from zimg_widgets import compare``."""

from __future__ import annotations

from typing import Any

import lazy_loader

_public, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name == "Studio":
        from zimg_kernel.engine.unattended import unattended

        if unattended():
            from .studio.job import StudioInJob

            return StudioInJob
    return _public(name)
