"""Transformers stored as a small difference to the one that they were fine-tuned from.

Matrices of the blocks are kept as two thin factors (truncated singular value decomposition, the
best approximation of a rank: Eckart and Young 1936), named as LoRA names them; other tensors
that differ are kept whole. Everything is bf16, as the models themselves are stored.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .diffusers_folder import weight_files

SHARD_BYTES = 15_000_000
_BLOCKS = ("layers.", "noise_refiner.", "context_refiner.")
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"
_FILE = "diffusion_pytorch_model"


def is_factored(name: str, value: Tensor, rank: int) -> bool:
    """Return whether a tensor's difference is stored as factors of a rank."""
    block = name.startswith(_BLOCKS) and name.endswith(".weight")
    return block and value.ndim == 2 and min(value.shape) > 2 * rank


def write_difference(
    base: dict[str, Tensor], turbo: dict[str, Tensor], path: Path, rank: int
) -> dict[str, Any]:
    """Write the difference that turns ``base`` into ``turbo``.

    Parameters
    ----------
    base, turbo : dict of str to Tensor
        State dicts of one architecture; of ``base`` the bf16 values count, because the
        difference is added to these.
    path : Path
        The safetensors file to write.
    rank : int
        Rank of the factors. A matrix of which no side is longer than twice that is kept whole.

    Returns
    -------
    dict
        ``bytes`` of the file; ``factored`` and ``whole``: numbers of tensors; ``unexplained``:
        share of the squared difference of the factored matrices that the factors leave out,
        0 to 1; ``worst``: name and share of the matrix with the largest.

    Raises
    ------
    ValueError
        The two are not of one architecture.
    """
    if {k: v.shape for k, v in base.items()} != {k: v.shape for k, v in turbo.items()}:
        raise ValueError("the two models must have the same tensors to be subtracted")
    tensors: dict[str, Tensor] = {}
    lost, total, factored = 0.0, 0.0, 0
    worst: tuple[str, float] = ("", 0.0)
    for name, new in turbo.items():
        old = base[name].detach().cpu().bfloat16()
        new = new.detach().cpu()
        if torch.equal(new.bfloat16(), old):
            continue
        if not is_factored(name, new, rank):
            tensors[name] = new.bfloat16().contiguous()
            continue
        wanted = new.float() - old.float()
        u, s, vh = torch.linalg.svd(wanted, full_matrices=False)
        root = s[:rank].sqrt()
        up = (u[:, :rank] * root).bfloat16().contiguous()
        down = (root[:, None] * vh[:rank]).bfloat16().contiguous()
        stem = name.removesuffix(".weight")
        tensors[stem + _UP], tensors[stem + _DOWN] = up, down
        missed = float((wanted - up.float() @ down.float()).square().sum())
        energy = float(wanted.square().sum())
        lost, total, factored = lost + missed, total + energy, factored + 1
        worst = max(worst, (name, missed / energy), key=lambda item: item[1])
    save_file(tensors, path, metadata={"format": "pt", "rank": str(rank)})
    return {
        "bytes": path.stat().st_size,
        "factored": factored,
        "whole": len(tensors) - 2 * factored,
        "unexplained": lost / total if total else 0.0,
        "worst": worst,
    }


def merge(base: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the state dict (bf16) that :func:`write_difference` was given as ``turbo``."""
    tensors = load_file(path)
    merged = {name: value.bfloat16() for name, value in base.items()}
    for name, value in tensors.items():
        if name.endswith(_UP):
            stem = name.removesuffix(_UP)
            product = value.float() @ tensors[stem + _DOWN].float()
            merged[stem + ".weight"] = (merged[stem + ".weight"].float() + product).bfloat16()
        elif not name.endswith(_DOWN):
            merged[name] = value
    return merged


def write_merged(transformer: Path, difference: Path, target: Path) -> None:
    """Write a diffusers transformer folder (bf16, shards of 15 MB).

    Parameters
    ----------
    transformer : Path
        The transformer folder that the difference builds on.
    difference : Path
        The file of :func:`write_difference`.
    target : Path
        The folder to make.
    """
    base: dict[str, Tensor] = {}
    for file in weight_files(transformer):
        base.update(load_file(file))
    target.mkdir()
    shutil.copyfile(transformer / "config.json", target / "config.json")
    shards: list[dict[str, Tensor]] = [{}]
    room = SHARD_BYTES
    for name, value in merge(base, difference).items():
        if value.nbytes > room and shards[-1]:
            shards.append({})
            room = SHARD_BYTES
        shards[-1][name] = value.contiguous()
        room -= value.nbytes
    places = {}
    for number, shard in enumerate(shards, 1):
        file_name = f"{_FILE}-{number:05}-of-{len(shards):05}.safetensors"
        save_file(shard, target / file_name, metadata={"format": "pt"})
        places.update(dict.fromkeys(shard, file_name))
    size = sum(value.nbytes for shard in shards for value in shard.values())
    index = {"metadata": {"total_size": size}, "weight_map": places}
    text = json.dumps(index, indent=2, sort_keys=True)
    (target / f"{_FILE}.safetensors.index.json").write_text(text, encoding="utf-8")
