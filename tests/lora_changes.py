"""Change of a layer under a LoRA file, to be compared with a product computed by hand."""

from __future__ import annotations

import torch

from zimg_kernel import LocalEngine
from zimg_kernel.lora import apply_loras

NANO = "nano-turbo"
LAYER = "layers.2.attention.to_q"
WIDTH = 288


def weight_of(engine: LocalEngine, layer: str) -> torch.Tensor:
    """Return a layer's own matrix (outputs × inputs)."""
    weight: torch.Tensor = engine.pipeline(NANO).transformer.get_submodule(layer).weight
    return weight.detach().float().clone()


def change(engine: LocalEngine, name: str, layer: str = LAYER, weight: float = 1.0) -> torch.Tensor:
    """Return by how much a layer's matrix (outputs × inputs) changes under a LoRA file."""
    engine.pipeline(NANO)
    assert engine._store is not None
    model = engine._store.find(NANO)
    assert model is not None
    transformer = model.pipe.transformer

    def matrix() -> torch.Tensor:
        module = transformer.get_submodule(layer)
        unit = torch.eye(module.in_features, dtype=model.dtype)
        bias = module(torch.zeros_like(unit[:1]))
        return (module(unit) - bias).T.float()

    with torch.no_grad():
        before = matrix()
        with apply_loras(model, [(name, weight)]):
            return matrix() - before


def close(found: torch.Tensor, expected: torch.Tensor) -> bool:
    """Compare two changes within the rounding of the weights they were added to."""
    return bool(torch.allclose(found, expected, rtol=0.02, atol=0.02 * float(expected.abs().max())))
