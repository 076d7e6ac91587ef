"""Read a LoRA file's weights into what diffusers' loader takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.families.family import LoraLoader

from . import metadata as words
from .inspect import Look
from .keys import Layer
from .match import Target

if TYPE_CHECKING:
    import torch

#: Of the settings beside the weights, those that say what the numbers mean. Others belong to
#: training, or would make peft compute something of its own from a file that anybody wrote.
_KEPT = ("r", "lora_alpha", "rank_pattern", "alpha_pattern", "use_rslora")


def weights_for_diffusers(
    look: Look, loader: LoraLoader
) -> tuple[dict[str, torch.Tensor], dict[str, Any] | None]:
    """Return the tensors that have a place in the model, and the settings that go with them.

    Parameters
    ----------
    look : Look
        Made with the model's folder.
    loader : LoraLoader
        Of the model's family.

    Returns
    -------
    dict of str to Tensor
        ``transformer.LAYER.lora_A.weight`` and so on; alphas are multiplied into them, fused
        queries, keys and values split.
    dict or None
        peft's settings, where the file carries them.

    Raises
    ------
    BadInput
        The file cannot be read, or diffusers does not understand it.
    """
    from safetensors import SafetensorError, safe_open

    assert look.fit is not None
    named = {}
    magnitudes: dict[str, torch.Tensor] = {}
    try:
        with safe_open(look.path, framework="pt") as file:
            for layer, target in look.fit.matched:
                for key, new in _renamed(layer, target.name):
                    named[new] = as_computable(file.get_tensor(key))
                if "magnitude" in layer.keys and layer.kind == "lora":
                    vector = as_computable(file.get_tensor(layer.keys["magnitude"]))
                    magnitudes |= _magnitudes(target, vector)
        refuse_no_numbers({**named, **magnitudes})
        weights = {**loader.state_dict(named), **magnitudes}
    except (OSError, SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise unloadable(look, error) from None
    return weights, _settings(look, weights)


def as_computable(tensor: torch.Tensor) -> torch.Tensor:
    """Return a float8 tensor as bfloat16, which holds all its values; torch cannot multiply it."""
    import torch

    narrow = tensor.is_floating_point() and tensor.element_size() == 1
    return tensor.to(torch.bfloat16) if narrow else tensor


def refuse_no_numbers(tensors: Mapping[str, torch.Tensor]) -> None:
    """Refuse a training that ran away: the whole picture would come out as NaN.

    Raises
    ------
    ValueError
        Names the first tensor with a NaN or an infinity.
    """
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ValueError(f"{name} holds NaN or infinity, so its training failed")


def _magnitudes(target: Target, vector: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return DoRA's magnitudes, one for each output, as peft names them; fused ones split."""
    parts = vector.flatten().chunk(len(target.parts))
    return {
        f"transformer.{name}.lora_magnitude_vector": part.contiguous()
        for name, part in zip(target.parts, parts, strict=True)
    }


def unloadable(look: Look, error: Exception) -> BadInput:
    """Return what to tell the user of a file that looked well and could not be loaded."""
    lines = str(error).splitlines() or [""]
    return BadInput(
        f"The LoRA {look.report.name} could not be loaded ({type(error).__name__}: "
        f"{lines[0][:200]}): get the file {look.path} again, or leave it out.",
        code="lora-not-loaded",
        field="loras",
    )


def _renamed(layer: Layer, target: str) -> list[tuple[str, str]]:
    """Each of a layer's keys with the name by which diffusers' conversion knows it."""
    fused = target.endswith(".qkv")  # split only if written with dots
    endings = {
        "down": ".lora.down.weight" if fused else ".lora_A.weight",
        "up": ".lora.up.weight" if fused else ".lora_B.weight",
        "alpha": ".alpha",
    }
    pairs = []
    for part, key in layer.keys.items():
        if layer.kind == "lokr":
            ending = f".{part}" if part.startswith("lokr") else endings["alpha"]
            wanted = part.startswith("lokr") or part == "alpha"
        else:
            ending, wanted = endings.get(part, ""), part in endings
        if wanted:
            pairs.append((key, f"diffusion_model.{target}{ending}"))
    return pairs


def _settings(look: Look, weights: dict[str, Any]) -> dict[str, Any] | None:
    settings = words.adapter_settings(look.metadata)
    kept = {name: settings.get(f"transformer.{name}") for name in _KEPT}
    said = {name: value for name, value in kept.items() if value is not None}
    if not {"r", "lora_alpha"} <= said.keys() or "lokr" in look.report.kinds:
        return None
    layers = {key.partition(".lora_")[0].removeprefix("transformer.") for key in weights}
    said["use_dora"] = any(key.endswith("magnitude_vector") for key in weights)
    return {f"transformer.{k}": v for k, v in {**said, "target_modules": sorted(layers)}.items()}
