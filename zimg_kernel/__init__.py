"""The kernel side of zimg workbench: parameters → engine → job → picture → gallery.

Importing it is quick and brings no torch; that comes with the first picture.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Read by GNU OpenMP when torch is loaded: how long its threads spin while they wait for each
# other. The default suits a machine of one's own; with one other busy process on 2 cores a
# picture then takes forty times as long (20 s instead of 0.5 s). This many turns cost nothing
# on an idle machine (a forward of 43 ms either way) and yield in time on a busy one.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

if TYPE_CHECKING:
    from .api import (
        batch_generate,
        default_engine,
        generate,
        generate_image,
        get_pipeline,
        submit,
        use_gallery,
    )
    from .catalog import ModelCard, get_card, load_catalog
    from .engine import Engine
    from .errors import (
        BadInput,
        GalleryError,
        JobCancelled,
        OutOfMemory,
        WeightsMissing,
        ZimgError,
        ZimgWarning,
    )
    from .gallery import Gallery
    from .image import GeneratedImage
    from .job import Job
    from .local_engine import LocalEngine
    from .params import GenerationParams
    from .sheet import GeneratedImages, Strip, contact_sheet

__version__ = "0.1.0"

_HOME = {
    "api": (
        "batch_generate",
        "default_engine",
        "generate",
        "generate_image",
        "get_pipeline",
        "submit",
        "use_gallery",
    ),
    "catalog": ("ModelCard", "get_card", "load_catalog"),
    "engine": ("Engine",),
    "errors": (
        "BadInput",
        "GalleryError",
        "JobCancelled",
        "OutOfMemory",
        "WeightsMissing",
        "ZimgError",
        "ZimgWarning",
    ),
    "gallery": ("Gallery",),
    "image": ("GeneratedImage",),
    "job": ("Job",),
    "local_engine": ("LocalEngine",),
    "params": ("GenerationParams",),
    "sheet": ("GeneratedImages", "Strip", "contact_sheet"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "BadInput",
    "Engine",
    "Gallery",
    "GalleryError",
    "GeneratedImage",
    "GeneratedImages",
    "GenerationParams",
    "Job",
    "JobCancelled",
    "LocalEngine",
    "ModelCard",
    "OutOfMemory",
    "Strip",
    "WeightsMissing",
    "ZimgError",
    "ZimgWarning",
    "__version__",
    "batch_generate",
    "contact_sheet",
    "default_engine",
    "generate",
    "generate_image",
    "get_card",
    "get_pipeline",
    "load_catalog",
    "submit",
    "use_gallery",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
