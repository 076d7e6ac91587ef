"""Default model: the full-size one where it is here and there is a GPU, else the miniature."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.models.weights import find_weights

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
    large = _card("gpu")
    if large is not None and find_weights(large).ready and has_gpu():
        return large.id
    small = _card("any") or large
    if small is None:
        raise BadInput(
            "No card says that its model draws where none is named (default_on): name a model.",
            code="model-not-named",
            field="model",
        )
    return small.id


def why_miniature(model: str, has_gpu: Callable[[], bool]) -> tuple[str, ...]:
    """Return why the default model is the miniature, if it is and nobody has named it."""
    small, large = _card("any"), _card("gpu")
    if small is None or large is None or model != small.id or settings.settings().model:
        return ()
    knows = family_of(small).knows
    if not knows:
        return ()
    why = f"{large.id} has not been downloaded" if has_gpu() else "there is no GPU here"
    return (
        f"Drawing with the built-in miniature ({small.id}), which {knows}: {why}. For the full "
        f"model run zimg pull {large.id}, and choose {large.id} as the model.",
    )


def _card(where: str) -> ModelCard | None:
    """Return the card that is the default there; a user's comes before the package's."""
    cards = [card for card in load_catalog().values() if card.default_on == where]
    return cards[-1] if cards else None


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
