"""The environment of a test: no settings of the user's, and all folders in one of its own."""

from __future__ import annotations

import os
from pathlib import Path

OF_THE_USER = (
    "ZIMG_GALLERY",
    "ZIMG_MODELS",
    "ZIMG_MODEL",
    "ZIMG_DEVICE",
    "ZIMG_ENGINE",
    "ZIMG_DTYPE",
    "ZIMG_SPEED",
    "ZIMG_MEMORY",
    "ZIMG_SPLIT",
    "ZIMG_ENHANCER_URL",
    "ZIMG_UNATTENDED",
    "ZIMG_REUSE",
    "ZIMG_ENHANCER_MODEL",
    "ZIMG_ENHANCER_KEY",
    "ZIMG_CLIP",
    "ZIMG_DEPTH",
    "ZIMG_POSE",
    "ZIMG_PERSON",
    "ZIMG_LORAS",
    "ZIMG_COMFY_URL",
    "ZIMG_COMFY_TOKEN",
    "ZIMG_COMFY_TIMEOUT",
)


def folders(parent: Path) -> dict[str, str]:
    """Where zimg and the model hubs keep their files: below ``parent``."""
    return {
        "ZIMG_HOME": str(parent / "home"),
        "MODELSCOPE_CACHE": str(parent / "modelscope"),
        "HF_HUB_CACHE": str(parent / "huggingface"),
    }


def environment(parent: Path) -> dict[str, str]:
    """The variables for a process that may live longer than the test that starts it."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_THE_USER}
    return {**kept, **folders(parent)}
