"""Default engine of this process."""

from __future__ import annotations

import threading
from pathlib import Path

from zimg_kernel.gallery.gallery import Gallery

from .local import LocalEngine

_lock = threading.Lock()
_default: LocalEngine | None = None


def default_engine() -> LocalEngine:
    """Return this process's engine: made at the first call, warm from then on."""
    global _default
    with _lock:
        if _default is None:
            _default = LocalEngine(Gallery())
        return _default


def use_engine(engine: LocalEngine | None) -> LocalEngine | None:
    """Let another engine be the default from now on; return the one before, which goes on.

    With None, the next call of :func:`default_engine` makes a new one.
    """
    global _default
    with _lock:
        before, _default = _default, engine
    return before


def use_gallery(folder: str | Path | None) -> Gallery:
    """Let the default engine write into this folder what it is asked for from now on."""
    gallery = Gallery(folder)
    default_engine().gallery = gallery
    return gallery
