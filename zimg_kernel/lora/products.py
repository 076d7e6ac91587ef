"""LoKr and LoHa: loading of adapters that are products of matrices.

diffusers asks for one decomposition factor for a whole LoKr file and does not load LoHa; peft's
layers take factors of any size, so the file's own are put into them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import metadata as words
from .inspect import Look
from .keys import Layer
from .match import Target

if TYPE_CHECKING:
    import torch
    from torch import nn

PRODUCTS = {"lokr", "loha"}


def load_products(look: Look, transformer: nn.Module, adapter: str) -> None:
    """Put a LoKr or LoHa file into a transformer as a peft adapter.

    Parameters
    ----------
    look : Look
        Made with the model's folder.
    transformer : Module
        Gets peft's layers.
    adapter : str
        Its name there.
    """
    import torch
    from peft import LoHaConfig, LoKrConfig, inject_adapter_in_model
    from safetensors import safe_open

    from .kronecker_rows import ThirdOfLoKr
    from .load import as_computable, refuse_no_numbers

    assert look.fit is not None
    settings = words.adapter_settings(look.metadata)
    pieces: dict[str, tuple[float, int | None, dict[str, torch.Tensor]]] = {}
    with safe_open(look.path, framework="pt") as file:
        for layer, target in look.fit.matched:
            held = {part: as_computable(file.get_tensor(key)) for part, key in layer.keys.items()}
            alpha = float(held["alpha"]) if "alpha" in held else None
            refuse_no_numbers({key: held[part] for part, key in layer.keys.items()})
            scale = scale_of(layer, alpha, settings, target.name)
            factors = {part: held[part] for part in held if part.startswith(("lokr_", "hada_"))}
            for name, third, some in _split(target, layer.kind, factors):
                pieces[name] = (scale, third, some)
    kind: Any = LoHaConfig if "loha" in look.report.kinds else LoKrConfig
    config = kind(r=1, alpha=1, target_modules=sorted(pieces), inference_mode=True)
    inject_adapter_in_model(config, transformer, adapter, low_cpu_mem_usage=True)
    transformer._hf_peft_config_loaded = True  # type: ignore[assignment]
    for name, (scale, third, factors) in pieces.items():
        module: Any = transformer.get_submodule(name)
        device = module.get_base_layer().weight.device
        dtype = next(iter(factors.values())).dtype
        for other in factors.values():
            dtype = torch.promote_types(dtype, other.dtype)
        for part in module.adapter_layer_names:
            if adapter in getattr(module, part):
                del getattr(module, part)[adapter]
        for part, factor in factors.items():
            value = factor.to(device, dtype).contiguous()
            getattr(module, part)[adapter] = torch.nn.Parameter(value, requires_grad=False)
        module.r[adapter], module.alpha[adapter], module.scaling[adapter] = 1, scale, scale
        if third is not None:
            ThirdOfLoKr.note(module, adapter, third)


def scale_of(
    layer: Layer, alpha: float | None, settings: Mapping[str, Any], target: str = ""
) -> float:
    """Return by how much a layer's product is multiplied.

    alpha / rank, as in LyCORIS (``lycoris/modules/lokr.py``, ``loha.py``). A LoKr of two full
    matrices has no rank: its alpha, which trainers fill with placeholders, does not count.
    Without an alpha in the file, peft's settings count for every layer.
    """
    if alpha is not None:
        low = ("hada_w1_b", "lokr_w2_b", "lokr_w1_b")
        ranks = [layer.shapes[part][0] for part in low if part in layer.shapes]
        return alpha / ranks[0] if ranks else 1.0
    rank, top = (settings.get(f"transformer.{name}") for name in ("r", "alpha"))
    rank = _pattern(settings.get("transformer.rank_pattern"), target, rank)
    top = _pattern(settings.get("transformer.alpha_pattern"), target, top)
    known = isinstance(rank, int | float) and isinstance(top, int | float) and rank > 0
    return top / rank if known else 1.0


def _pattern(patterns: Any, target: str, otherwise: Any) -> Any:
    """Return a layer's own value: peft's patterns are names or ends of names."""
    for name, value in patterns.items() if isinstance(patterns, dict) else ():
        if re.fullmatch(rf"(.*\.)?{re.escape(name.lstrip('^'))}", target):
            return value
    return otherwise


def _split(
    target: Target, kind: str, factors: dict[str, torch.Tensor]
) -> Iterator[tuple[str, int | None, dict[str, torch.Tensor]]]:
    """Yield each of the model's layers with its factors; fused queries, keys and values apart.

    The number says that a layer's change is that third of the rows of the factors' product.
    """
    if len(target.parts) == 1:
        yield target.name, None, factors
        return
    for number, name in enumerate(target.parts):
        if kind == "loha":
            own = {part: factors[part].chunk(3)[number] for part in ("hada_w1_a", "hada_w2_a")}
            yield name, None, {**factors, **own}
        else:
            yield name, number, factors
