"""Default model: the full-size one where it is here and there is a GPU, else the miniature."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.weights import find_weights

MINIATURE = "nano-turbo"
FULL_SIZE = "z-image-turbo"
_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # CUDA, CUDA in WSL, ROCm


def default_model(has_gpu: Callable[[], bool]) -> str:
    """Return the id of the model that draws where none is named.

    Parameters
    ----------
    has_gpu : callable
        Tells whether there is a GPU; asked only where that decides.
    """
    named = settings.settings().model
    if named:
        return named
    return FULL_SIZE if find_weights(get_card(FULL_SIZE)).ready and has_gpu() else MINIATURE


def why_miniature(model: str, has_gpu: Callable[[], bool]) -> tuple[str, ...]:
    """Return why the default model is the miniature, if it is and nobody has named it."""
    if model != MINIATURE or settings.settings().model:
        return ()
    why = f"{FULL_SIZE} has not been downloaded" if has_gpu() else "there is no GPU here"
    return (
        f"Drawing with the built-in miniature ({MINIATURE}), which knows shapes, "
        f"simple landscapes and short signs only: {why}. For the full model run "
        f"zimg pull {FULL_SIZE}, and choose {FULL_SIZE} as the model.",
    )


def likely_gpu() -> bool:
    """Tell whether torch will most likely find a GPU, without importing it.

    From ``ZIMG_DEVICE``, else from the driver's device file and the kind of torch's build.
    """
    wanted = settings.settings().device
    if wanted:
        return wanted != "cpu"
    if sys.platform == "darwin":
        return os.uname().machine == "arm64"
    driver = sys.platform == "win32" or any(Path(path).exists() for path in _DRIVERS)
    return driver and _torch_knows_gpus()


def _torch_knows_gpus() -> bool:
    spec = find_spec("torch")  # finds without importing
    try:
        text = Path(str(spec and spec.origin)).with_name("version.py").read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return True
    lines = [line.replace(" ", "") for line in text.splitlines()]
    kinds = [line for line in lines if line.startswith(("cuda:", "hip:", "cuda=", "hip="))]
    return not kinds or any(not line.endswith("=None") for line in kinds)
