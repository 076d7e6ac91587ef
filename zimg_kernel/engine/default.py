"""Default engine of this process: the user's shared one where it runs, else one of its own."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from zimg_kernel import settings
from zimg_kernel.gallery.gallery import Gallery

from .local import LocalEngine

if TYPE_CHECKING:
    from zimg_kernel.cluster.client import ClusterEngine
    from zimg_kernel.comfy_client.engine import ComfyEngine

    DefaultEngine: TypeAlias = LocalEngine | ClusterEngine | ComfyEngine

# By name: those rooms stand above this one, and are absent from what it imports.
_ATTACH, _COMFY = "zimg_kernel.cluster.attach", "zimg_kernel.comfy_client.attach"

_lock = threading.RLock()
_default: DefaultEngine | None = None
_attached: ClusterEngine | None = None


def default_engine() -> DefaultEngine:
    """Return the engine of this process, made at the first call, warm from then on.

    It is the shared engine where the user has one running (``zimg up``) and ``ZIMG_ENGINE`` does
    not say otherwise; else, and after ``zimg down``, one in this process. With
    ``ZIMG_ENGINE=comfy`` it draws at a ComfyUI server.
    """
    global _default, _attached
    with _lock:
        if _default is not None and _default is _attached and not _serves(_attached):
            gallery = _default.gallery
            _default, _attached = _default.local, None
            _default.gallery = gallery
        if _default is None:
            gallery = Gallery()
            if (settings.settings().engine or "").lower() == "comfy":
                _default = importlib.import_module(_COMFY).attach(gallery)
                return _default
            _attached = importlib.import_module(_ATTACH).attach(gallery)
            _default = _attached or LocalEngine(gallery)
        return _default


def local_engine() -> LocalEngine:
    """Return the engine inside this process, made when first asked for.

    For what needs a model here, such as a pipeline or a measurement.
    """
    engine = default_engine()
    return engine if isinstance(engine, LocalEngine) else engine.local


def use_engine(engine: DefaultEngine | None) -> DefaultEngine | None:
    """Let another engine be the default from now on; return the one before, which goes on.

    With None, the next call of :func:`default_engine` looks for one again.
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


def _serves(engine: Any) -> bool:
    return bool(importlib.import_module(_ATTACH).still_serves(engine))
