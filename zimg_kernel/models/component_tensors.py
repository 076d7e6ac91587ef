"""Comparison of a component's tensors with those that its class and config ask for.

diffusers and transformers load what they find: a tensor that is absent stays without numbers or is
made at random, one that they do not know is left out, both with a log line at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from .tensor_lists import Shape, tensors_of

# Names that only ComfyUI's form of Z-Image has, with its prefix or without.
_COMFY = re.compile(
    r"^(?:model\.)?diffusion_model\.|^(?:x_embedder|final_layer\.linear)\.|\.attention\.qkv\."
)
# What a weight of 8 bits or fewer must be multiplied by, as ComfyUI and others name it.
_SCALES = re.compile(
    r"(?:^|\.)(?:scale_weight|weight_scale(?:_\d)?|weight_scale_inv|scale_input|input_scale"
    r"|pre_quant_scale|scaled_fp8|comfy_quant)$"
)
_FLOATS = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
# Former names of the autoencoder's attention, which diffusers still reads.
_FORMER = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_FORMER_NAME = re.compile(r"(mid_block\.attentions\.0\.)(query|key|value|proj_attn)\.")
# The package of a quantization method, where diffusers and transformers need one: (module, pip's).
_PACKAGES = {
    "auto-round": ("auto_round", "auto-round"),
    "awq": ("gptqmodel", "gptqmodel"),
    "bitsandbytes": ("bitsandbytes", "bitsandbytes"),
    "gguf": ("gguf", "gguf"),
    "gptq": ("gptqmodel", "gptqmodel"),
    "modelopt": ("modelopt", "nvidia-modelopt"),
    "nunchaku_lite": ("kernels", "kernels"),
    "quanto": ("optimum.quanto", "optimum-quanto"),
    "sdnq": ("sdnq", "sdnq"),
    "torchao": ("torchao", "torchao"),
}


def component_fault(
    name: str, kind: str, config: Mapping[str, Any], header: Mapping[str, Any]
) -> str:
    """Return why a component cannot be loaded rightly in a few words, or an empty string.

    Parameters
    ----------
    name : str
        Its folder's name, such as ``transformer``.
    kind : str
        Its class.
    config, header : mapping
        Its ``config.json``, and the headers of its safetensors files as one.
    """
    settings = config.get("quantization_config")
    if settings:
        return _package_fault(name, settings)
    found = {key: value for key, value in header.items() if key != "__metadata__"}
    scale = next(filter(_SCALES.search, found), None)
    if scale is not None:
        return (
            f"quantized in a way that diffusers does not read ({name}/ holds scales such as "
            f"{scale}, without which its weights are wrong: take a bf16 or fp32 copy)"
        )
    asked = tensors_of(kind, config)
    if asked is None:
        return ""
    comfy = next(filter(_COMFY.search, found), None) if name == "transformer" else None
    if comfy is not None and comfy not in asked:
        return (
            f"of another form (the tensors of {name}/ are named as in ComfyUI, such as {comfy}, "
            "and must be named as in diffusers: take this folder from a diffusers repository)"
        )
    shapes = _shapes(kind, found)
    return _absent(name, asked, shapes) or _beyond(name, asked, shapes) or _misfit(name, found)


def _package_fault(name: str, settings: Any) -> str:
    method = settings.get("quant_method") if isinstance(settings, dict) else None
    if not isinstance(method, str):
        return f"damaged ({name}/config.json says quantized, but not how)"
    module, package = _PACKAGES.get(method, ("", ""))
    try:
        there = not module or find_spec(module) is not None
    except ImportError:  # the package above it is absent
        there = False
    if there:  # of a method that is not listed, loading tells more
        return ""
    return (
        f"quantized ({name}/config.json says {method}, for which a package is absent: "
        f"pip install {package}, or take a bf16 or fp32 copy)"
    )


def _shapes(kind: str, found: Mapping[str, Any]) -> dict[str, Shape]:
    """Return the shapes by the names that the class gives its tensors."""
    shapes = {}
    for key, tensor in found.items():
        if kind.startswith("Qwen3"):
            key = key.removeprefix("model.")
        elif kind == "AutoencoderKL":
            key = _FORMER_NAME.sub(lambda match: f"{match[1]}{_FORMER[match[2]]}.", key)
        size = tensor.get("shape") if isinstance(tensor, dict) else None
        shapes[key] = tuple(size) if isinstance(size, list) else ()
    return shapes


def _absent(name: str, asked: Mapping[str, Shape], there: Mapping[str, Shape]) -> str:
    absent = [key for key in asked if key not in there]
    if not absent:
        return ""
    return f"incomplete ({name}/ lacks {len(absent)} of its {len(asked)} tensors: {_few(absent)})"


def _beyond(name: str, asked: Mapping[str, Shape], there: Mapping[str, Shape]) -> str:
    """Tensors of another shape, and those beyond the config in a part that the class has.

    Others, such as the ``lm_head`` of a language model, are of no use to the class and left out.
    """
    for key, shape in asked.items():
        if there[key] != shape:
            return (
                f"damaged ({name}/ holds {key} of shape {_size(there[key])}, for which its "
                f"config.json asks {_size(shape)})"
            )
    parts = {key.partition(".")[0] for key in asked if "." in key}
    more = [
        key
        for key in there
        if key not in asked and key.partition(".")[0] in parts and not key.endswith(".inv_freq")
    ]
    if not more:
        return ""
    return f"damaged ({name}/ holds tensors beyond what its config.json asks for: {_few(more)})"


def _misfit(name: str, found: Mapping[str, Any]) -> str:
    for key, tensor in found.items():
        if tensor.get("dtype") not in _FLOATS:
            return (
                f"quantized in a way that diffusers does not read ({name}/ holds {key} as "
                f"{tensor.get('dtype')}: take a bf16 or fp32 copy)"
            )
    return ""


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:2]) + (", …" if len(listed) > 2 else "")


def _size(shape: Shape) -> str:
    return "×".join(str(side) for side in shape) or "()"
