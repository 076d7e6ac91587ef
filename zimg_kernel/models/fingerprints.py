"""Identities of a model's components, by which equal ones are shared in memory."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from .diffusers_folder import read_header, weight_files, weighted_components

if TYPE_CHECKING:
    import torch

    from .load_profile import LoadProfile

_SAMPLES = 16  # places of a weights file that enter its fingerprint ...
_SAMPLE_BYTES = 4096  # ... each so long
_TENSOR_BYTES = 256  # of the middle of each large tensor
_LARGE = 4096  # bytes


def fingerprint(folder: Path, dtype: torch.dtype) -> str:
    """Return a digest of a component: its config, tensor names and shapes, and samples.

    The weights are sampled rather than read whole (32 GB would take minutes): two trained
    models differ in nearly every byte, so 16 places of each file tell them apart.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    public = {key: value for key, value in config.items() if not key.startswith("_")}
    digest = hashlib.sha256(json.dumps(public, sort_keys=True).encode())
    for path in weight_files(folder):
        digest.update(json.dumps(read_header(path), sort_keys=True).encode())
        size = path.stat().st_size
        with path.open("rb") as file:
            for place in range(_SAMPLES):
                file.seek(max(0, size - _SAMPLE_BYTES) * (place + 1) // _SAMPLES)
                digest.update(file.read(_SAMPLE_BYTES))
    return f"{digest.hexdigest()[:32]}-{dtype}"


def fingerprints(folder: Path, profile: LoadProfile) -> dict[str, str]:
    """Return the fingerprint of each component with weights, as it is loaded.

    A model into which a LoRA of a few layers was merged is another one: to the fingerprint of
    each component a sample of every large tensor is added.
    """
    dtype = profile.torch_dtype
    made = {
        name: f"{fingerprint(folder / name, dtype)}-{_tensor_samples(folder / name)}"
        for name in weighted_components(folder)
    }
    for name in ("transformer", "vae", "text_encoder"):
        variant = profile.variant_of(name)
        if variant and name in made:
            made[name] += f"-{variant}"
    return made


def _tensor_samples(folder: Path) -> str:
    """Return 16 hex digits of the middles of all large tensors, some 600 short reads."""
    digest = hashlib.sha256()
    for path in weight_files(folder):
        tensors = [v for k, v in read_header(path).items() if k != "__metadata__"]
        places = sorted(tuple(tensor["data_offsets"]) for tensor in tensors)
        start = path.stat().st_size - max((end for _, end in places), default=0)
        with path.open("rb", buffering=0) as file:
            for begin, end in places:
                if end - begin >= _LARGE:
                    file.seek(start + (begin + end) // 2)
                    digest.update(file.read(_TENSOR_BYTES))
    return digest.hexdigest()[:16]
