"""LPIPS by torchmetrics, where torchvision and AlexNet's weights are on this machine."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

LEAST_SIDE = 64
"""px of the smallest picture that AlexNet's layers are made for."""


def why_no_lpips() -> str:
    """Return why LPIPS cannot be measured here; empty where it can. Nothing is downloaded."""
    missing = [name for name in ("torchmetrics", "torchvision") if find_spec(name) is None]
    if missing:
        return (
            f"LPIPS was not measured: {' and '.join(missing)} would have to be installed "
            "(torchmetrics is in the extra judge; torchvision in the build of this torch)."
        )
    try:
        file = _file()
    except Exception as error:  # a build for another torch raises errors of many kinds
        return f"LPIPS was not measured: torchvision cannot be loaded ({error})."
    if not file.is_file():
        return (
            f"LPIPS was not measured: AlexNet's weights ({file.name}) are not among torch.hub's "
            "checkpoints ($TORCH_HOME/hub/checkpoints)."
        )
    if not _is_whole(file, file.stat().st_mtime_ns):
        return f"LPIPS was not measured: {file.name} is damaged: download it again."
    return ""


def lpips(image: Image.Image, reference: Image.Image) -> float | None:
    """Return the learned perceptual distance of two pictures of one size: 0 for equal ones.

    R. Zhang, P. Isola, A. A. Efros, E. Shechtman, O. Wang, "The Unreasonable Effectiveness of
    Deep Features as a Perceptual Metric" (CVPR 2018), version 0.1 on AlexNet.

    Returns
    -------
    float or None
        None where it cannot be measured, or a side is below 64 px.
    """
    if min(image.size) < LEAST_SIDE or why_no_lpips():
        return None
    import torch

    with torch.inference_mode():
        return float(_measure()(_tensor(image), _tensor(reference)))


def _tensor(image: Image.Image) -> Any:
    import torch

    pixels = np.array(image.convert("RGB"), np.float32) / 127.5 - 1
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


def _file() -> Path:
    """Return where torch.hub keeps the weights that torchvision takes for AlexNet."""
    import torch
    from torchvision.models import AlexNet_Weights

    return Path(torch.hub.get_dir(), "checkpoints", Path(AlexNet_Weights.DEFAULT.url).name)


@lru_cache(maxsize=1)
def _is_whole(file: Path, changed: int) -> bool:
    """Return whether the SHA-256 begins as the name ends, which is torch.hub's convention."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    return found.startswith(file.stem.rpartition("-")[2])


@lru_cache(maxsize=1)
def _measure() -> Any:
    from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

    return LearnedPerceptualImagePatchSimilarity(net_type="alex")
