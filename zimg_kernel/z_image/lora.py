"""LoRA loader of Z-Image, by diffusers' own mixin."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class ZImageLoraLoader:
    """Loads LoRAs into diffusers' ``ZImageTransformer2DModel``."""

    also: Mapping[str, str] = MappingProxyType(
        {
            "x_embedder": "all_x_embedder.2-1",
            "final_layer.linear": "all_final_layer.2-1.linear",
            "final_layer.adaLN_modulation.1": "all_final_layer.2-1.adaLN_modulation.1",
        }
    )

    def state_dict(self, named: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return ``transformer.LAYER.lora_A.weight`` and so on.

        Alphas are multiplied into them, fused queries, keys and values split.
        """
        from diffusers.loaders import ZImageLoraLoaderMixin

        weights: dict[str, torch.Tensor] = ZImageLoraLoaderMixin.lora_state_dict(named)
        return weights

    def load(
        self, weights: dict[str, torch.Tensor], model: Any, adapter: str, settings: Any
    ) -> None:
        """Put weights into the transformer as the adapter of this name."""
        from diffusers.loaders import ZImageLoraLoaderMixin

        ZImageLoraLoaderMixin.load_lora_into_transformer(
            weights, model, adapter_name=adapter, metadata=settings, low_cpu_mem_usage=True
        )
