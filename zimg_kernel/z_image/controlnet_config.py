"""Shape of a ControlNet, read from the header of its single .safetensors file.

diffusers would fetch a config from the network for such a file (``from_single_file``); all of it
is in the names and shapes of the tensors.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from zimg_kernel.models.diffusers_folder import FaultyError, read_header

_EMBEDDER = "control_all_x_embedder.2-1.weight"  # (dim, 2 * 2 * control_in_dim)
_BLOCK = re.compile(r"control_layers\.(\d+)\.")
_REFINER = re.compile(r"control_noise_refiner\.(\d+)\.")
_PATCH = 4  # latent cells in a patch of 2 by 2
_PROJECTION = "control_noise_refiner.0.before_proj.weight"


def config_of_file(path: Path, layers: int) -> dict[str, Any]:
    """Return the config of a ``ZImageControlNetModel`` whose weights a file holds.

    The control layers are spread evenly over the transformer's: every second one in the 2.1
    Union files (15 of 30), every fifth in 1.0 (6), every tenth in the lite ones (3), as
    VideoX-Fun's configs and ComfyUI have it. Which way the noise refiner is controlled is read
    from its projection, as diffusers' ``infer_diffusers_model_type`` does: absent in 1.0, all
    zeros in 2.0 (whose file has it unused), trained in 2.1.

    Parameters
    ----------
    path : Path
        The .safetensors file.
    layers : int
        How many the transformer has.

    Raises
    ------
    FaultyError
        It is damaged, or no ControlNet of this kind.
    """
    header = read_header(path)
    blocks = _count(header, _BLOCK)
    refiners = _count(header, _REFINER)
    norm = header.get("control_layers.0.attention.norm_q.weight")
    if _EMBEDDER not in header or not blocks or not refiners or norm is None:
        raise FaultyError("no Z-Image ControlNet (its control layers are not in it)")
    dim, inputs = header[_EMBEDDER]["shape"]
    heads = dim // norm["shape"][0]
    return {
        "_class_name": "ZImageControlNetModel",
        "control_layers_places": list(range(0, layers, max(1, round(layers / blocks))))[:blocks],
        "control_refiner_layers_places": list(range(refiners)),
        "control_in_dim": inputs // _PATCH,
        "add_control_noise_refiner": _refining(path, header),
        "dim": dim,
        "n_refiner_layers": refiners,
        "n_heads": heads,
        "n_kv_heads": heads,
    }


def _count(header: dict[str, Any], pattern: re.Pattern[str]) -> int:
    return len({match[1] for match in map(pattern.match, header) if match})


def _refining(path: Path, header: dict[str, Any]) -> str | None:
    if _PROJECTION not in header:
        return None
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        trained = bool(file.get_tensor(_PROJECTION).any())
    return "control_noise_refiner" if trained else "control_layers"
