"""Memory needs of models and pictures, and the errors when there is not enough."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.errors import OutOfMemory
from zimg_kernel.params import GenerationParams

from .catalog import ModelCard
from .device import free_bytes, pick_dtype
from .diffusers_folder import component_bytes, weighted_components

if TYPE_CHECKING:
    import torch

    from .loaded_model import LoadedModel


def bytes_needed(folder: Path, names: list[str], dtype: torch.dtype) -> dict[str, int]:
    """Return the memory that each of these components takes, bytes."""
    return {name: component_bytes(folder / name, dtype.itemsize) for name in names}


@lru_cache(maxsize=16)
def bytes_per_pixel(folder: Path, dtype: torch.dtype) -> int:
    """Estimate the memory that a picture takes beside the weights, bytes a pixel.

    The VAE's decoder is the peak; its widest full-size layers hold about nine maps of the
    first block's width at once (2.3 kB a pixel measured for Z-Image in bf16 on an H200,
    which this formula gives).
    """
    config = folder / "vae" / "config.json"
    widths = json.loads(config.read_text()).get("block_out_channels", [128])
    return 9 * int(widths[0]) * dtype.itemsize


def check_room(params: GenerationParams, model: LoadedModel) -> None:
    """Refuse on a CPU a picture that would not fit: there, running out may end the process.

    Raises
    ------
    OutOfMemory
        It would not fit; the message says what would.
    """
    pixels = (params.width or 0) * (params.height or 0)
    need = pixels * bytes_per_pixel(model.folder, model.dtype)
    if model.device.type == "cpu" and need > free_bytes(model.device):
        raise out_of_memory(params, model.card, model.folder, model.device, loaded=True)


def out_of_memory(
    params: GenerationParams,
    card: ModelCard,
    folder: Path,
    device: torch.device,
    loaded: bool = False,
) -> OutOfMemory:
    """Return the error for a picture that did not fit, with the largest size that should.

    Parameters
    ----------
    params : GenerationParams
        The requested picture.
    card, folder
        Its model, and the complete diffusers folder of that.
    device : torch.device
        The device that was to draw it.
    loaded : bool
        Whether the model's weights are in memory at this moment.
    """
    dtype = pick_dtype(card, device)
    sizes = bytes_needed(folder, list(weighted_components(folder)), dtype)
    weights = 0 if loaded else sum(sizes.values())
    room = (free_bytes(device) - weights) / bytes_per_pixel(folder, dtype)
    asked = (params.width or 0) * (params.height or 0)
    candidates = [(w * h, w, h) for w, h in card.sizes if w * h <= min(room, asked / 1.5)]
    text = f"{params.width}x{params.height} did not fit into the memory of {device}; "
    if candidates:
        _, width, height = max(candidates)
        return OutOfMemory(
            f"{text}it has been freed, and {width}x{height} should fit.",
            code="out-of-memory",
            field="size",
        )
    return OutOfMemory(
        f"{text}it has been freed; close other programs that use it, or take a smaller model.",
        code="out-of-memory",
        field="size",
    )


def does_not_fit(
    card: ModelCard, device: torch.device, need: int | None, room: int | None = None
) -> OutOfMemory:
    """Return the error for a model that does not fit; ``need`` and ``room`` in bytes, if known."""
    needed = f"about {need / 1e9:.1f} GB" if need else "more memory than there is"
    free = (free_bytes(device) if room is None else room) / 1e9
    return OutOfMemory(
        f"{card.title} needs {needed} and {device} has {free:.1f} GB free: close other programs "
        "that use it, or draw with a smaller model (zimg models lists them).",
        code="out-of-memory",
        field="model",
    )


def check_ram(card: ModelCard, need: int) -> None:
    """Refuse to load a model whose parts wait in RAM where that has no room for them.

    Parameters
    ----------
    need : int
        Bytes of all parts: they are read before it is known which of them cross.
    """
    import psutil

    free = psutil.virtual_memory().available
    if need > free:
        raise OutOfMemory(
            f"{card.title} keeps parts in RAM, as the GPU has no room for all of it: "
            f"{need / 1e9:.1f} GB are needed there and {free / 1e9:.1f} GB are free: close other "
            "programs.",
            code="out-of-memory",
            field="model",
        )
