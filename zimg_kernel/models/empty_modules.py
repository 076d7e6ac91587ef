"""Modules of diffusers and transformers without numbers, to be filled from files.

Built as ``from_pretrained`` builds them: parameters on torch's ``meta`` device, buffers real, since
those that are in no file, such as the rotary frequencies of a text encoder, are computed then.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .diffusers_folder import read_json
from .tensor_places import Place

if TYPE_CHECKING:
    import torch


def empty_module(kind: type[Any], folder: Path, dtype: torch.dtype) -> Any | None:
    """Return a module whose parameters have no numbers yet; None for what is loaded otherwise.

    Parameters
    ----------
    kind : type
        A model's class of diffusers or transformers.
    folder : Path
        Its component's folder.
    dtype : torch.dtype
        The format of all its numbers.
    """
    import diffusers
    import torch

    kept = ("_keep_in_fp32_modules", "_keep_in_fp32_modules_strict")
    if dtype != torch.float32 and any(getattr(kind, name, None) for name in kept):
        return None
    if read_json(folder / "config.json").get("quantization_config"):
        return None
    if issubclass(kind, diffusers.ModelMixin):
        legacy = diffusers.models.modeling_utils.LegacyModelMixin
        return None if issubclass(kind, legacy) else _of_diffusers(kind, folder, dtype)
    return _of_transformers(kind, folder, dtype)


def _of_diffusers(kind: Any, folder: Path, dtype: torch.dtype) -> Any:
    import torch
    from accelerate import init_empty_weights
    from diffusers.models.modeling_utils import no_init_weights

    usual = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with no_init_weights(), init_empty_weights(include_buffers=False):
            module = kind.from_config(kind.load_config(folder, local_files_only=True))
    finally:
        torch.set_default_dtype(usual)
    module.register_to_config(_name_or_path=str(folder))
    return module.eval()


def _of_transformers(kind: Any, folder: Path, dtype: torch.dtype) -> Any | None:
    from accelerate import init_empty_weights
    from transformers.initialization import no_init_weights

    config = kind.config_class.from_pretrained(folder, local_files_only=True)
    with no_init_weights(), init_empty_weights(include_buffers=False):
        module = kind._from_config(config, dtype=dtype)
    if module.can_generate():
        return None  # has files of its own beside
    module.name_or_path = module.config.name_or_path = str(folder)
    module.tie_weights()
    for part in module.modules():
        part._is_hf_initialized = True  # or transformers might make its numbers anew
    return module.eval()


def places_of(module: Any, there: Mapping[str, Place]) -> dict[str, Place] | None:
    """Return the place of each tensor of a module's state; None if they are not all there.

    Of tensors that are one in memory, one place is enough.
    """
    names = dict(there)
    prefix = getattr(module, "base_model_prefix", "")
    if prefix:  # a model within a larger one
        names = {key.removeprefix(f"{prefix}."): place for key, place in there.items()} | names
    rename = getattr(module, "_fix_state_dict_keys_on_load", None)
    if rename is not None:
        rename(names)
    state = module.state_dict(keep_vars=True)
    found = {key: names[key] for key in state if key in names}
    have = {id(state[key]) for key in found}
    for key, tensor in state.items():
        if id(tensor) not in have or (key in found and found[key].shape != tuple(tensor.shape)):
            return None
    return found


def fill(module: Any, tensors: Mapping[str, torch.Tensor]) -> None:
    """Give a module's parameters the memory of tensors.

    Raises
    ------
    RuntimeError
        Some of it is still without numbers.
    """
    module.load_state_dict(tensors, strict=False, assign=True)
    tie = getattr(module, "tie_weights", None)
    if tie is not None:
        tie()
    left = [name for name, value in module.named_parameters() if value.is_meta]
    left += [name for name, value in module.named_buffers() if value.is_meta]
    if left:
        raise RuntimeError(f"{type(module).__name__}: no numbers for {left[0]}")


def put_fp8(
    module: Any, name: str, values: torch.Tensor, scales: torch.Tensor, dtype: torch.dtype
) -> None:
    """Put a layer in 8 bits where a layer without numbers stands.

    Raises
    ------
    ValueError
        The layer there is another one.
    """
    from torch import nn

    from .fp8_linear import Fp8Linear

    parent, _, child = name.rpartition(".")
    there = module.get_submodule(parent)
    layer = getattr(there, child)
    wanted = (layer.out_features, layer.in_features) if isinstance(layer, nn.Linear) else None
    if wanted != tuple(values.shape) or layer.bias is not None or scales.shape != values.shape[:1]:
        raise ValueError(f"{name} is not the layer that stands in 8 bits")
    setattr(there, child, Fp8Linear(values, scales, dtype))
