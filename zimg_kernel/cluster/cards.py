"""GPUs of a shared engine's workers, one each, found without importing torch here."""

from __future__ import annotations

import os
import subprocess
import sys

from zimg_kernel import settings
from zimg_kernel.engine.default_model import likely_gpu

_SECONDS = 60.0  # a first import of torch from a slow disk
_COUNT = "import torch; print(torch.cuda.device_count() if torch.cuda.is_available() else 0)"


def cards_of_workers(workers: int) -> tuple[int, tuple[str, ...]]:
    """Return how many workers there shall be, and what each has as CUDA_VISIBLE_DEVICES.

    Parameters
    ----------
    workers : int
        As many as were asked for; 0 for one on each GPU, or one on the CPU.

    Returns
    -------
    int
    tuple of str
        Empty where there are no GPUs, or ``ZIMG_DEVICE`` names one.
    """
    now = settings.settings()
    if sys.platform == "darwin" or now.device not in (None, "cuda") or not likely_gpu():
        return workers or 1, ()
    told = os.environ.get("CUDA_VISIBLE_DEVICES")
    cards = _counted() if told is None else [card.strip() for card in told.split(",")]
    each = int(now.split) if now.split and now.split.isdigit() else 1
    groups = [",".join(cards[at : at + each]) for at in range(0, len(cards) - each + 1, each)]
    if not groups or not cards[0]:
        return workers or 1, ()
    count = workers or len(groups)
    return count, tuple(groups[index % len(groups)] for index in range(count))


def _counted() -> list[str]:
    try:
        said = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _COUNT], capture_output=True, text=True, timeout=_SECONDS
        )
        return [str(index) for index in range(int(said.stdout))]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []
