"""Start of a command's process: less garbage collection, no libraries that the request lacks."""

from __future__ import annotations

import atexit
import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zimg_kernel.params import GenerationParams

_IMPORT_SCIPY = ("sklearn", "librosa")  # up to 5.17 transformers imports the first where it is


def collect_seldom() -> None:
    """Collect garbage seldom, and not at the end, where all memory goes with the process.

    Importing torch, diffusers and transformers makes a million objects that stay; going through
    them again and again took a tenth of a cold ``zimg generate``.
    """
    gc.set_threshold(200_000, 50, 1000)
    atexit.register(gc.freeze)


def leave_out_unused(params: GenerationParams) -> None:
    """Treat optional libraries as not installed in this process where nothing needs them.

    diffusers 0.42 and transformers 5 import peft and scipy when they are there, for LoRAs, for
    sigmas of the beta distribution and for losses, and do without them when they are not. Only
    for a process that draws these parameters and ends: a library left out stays out.
    """
    for name in unused_libraries(params):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def unused_libraries(params: GenerationParams) -> Iterator[str]:
    """Yield the names of the optional libraries that drawing these parameters does without."""
    if params.edit is not None:  # masks and control maps need scipy, ControlNets load otherwise
        return
    if not params.loras:
        yield "peft"
    if params.sigmas != "beta" and not _needs_scipy(params.model):
        yield "scipy"
        yield from _IMPORT_SCIPY


def _needs_scipy(model: str | None) -> bool:
    """Return True if a model's own scheduler has beta sigmas, or its files are not here."""
    from zimg_kernel.models.catalog import get_card
    from zimg_kernel.models.weights import find_weights

    folder = find_weights(get_card(model)).folder if model else None
    config = (folder or Path()) / "scheduler" / "scheduler_config.json"
    try:
        return bool(json.loads(config.read_text(encoding="utf-8")).get("use_beta_sigmas"))
    except (OSError, ValueError, AttributeError):
        return True
