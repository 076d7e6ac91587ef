"""Lists of tensors by config, against the classes of diffusers and transformers themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from zimg_kernel.models import embedded
from zimg_kernel.models.tensor_lists import tensors_of

# Sizes of Z-Image-Turbo: https://modelscope.cn/models/Tongyi-MAI/Z-Image-Turbo
FULL: dict[str, dict[str, Any]] = {
    "transformer": {
        "all_f_patch_size": [1],
        "all_patch_size": [2],
        "axes_dims": [32, 48, 48],
        "axes_lens": [1536, 512, 512],
        "cap_feat_dim": 2560,
        "dim": 3840,
        "in_channels": 16,
        "n_heads": 30,
        "n_kv_heads": 30,
        "n_layers": 30,
        "n_refiner_layers": 2,
        "qk_norm": True,
    },
    "text_encoder": {
        "attention_bias": False,
        "head_dim": 128,
        "hidden_size": 2560,
        "intermediate_size": 9728,
        "num_attention_heads": 32,
        "num_hidden_layers": 36,
        "num_key_value_heads": 8,
        "vocab_size": 151936,
    },
    "vae": {
        "block_out_channels": [128, 256, 512, 512],
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "in_channels": 3,
        "latent_channels": 16,
        "layers_per_block": 2,
        "mid_block_add_attention": True,
        "out_channels": 3,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "use_post_quant_conv": False,
        "use_quant_conv": False,
    },
}
KINDS = {
    "transformer": "ZImageTransformer2DModel",
    "text_encoder": "Qwen3Model",
    "vae": "AutoencoderKL",
}
ODD = {
    "transformer": {"siglip_feat_dim": 1152, "qk_norm": False, "all_patch_size": [2, 4]}
    | {"all_f_patch_size": [1, 1], "n_layers": 3},
    "text_encoder": {"attention_bias": True, "num_hidden_layers": 2},
    "vae": {"use_quant_conv": True, "use_post_quant_conv": True, "layers_per_block": 1},
}


def small(part: str) -> dict[str, Any]:
    path = embedded.stored_folder("nano-base") / part / "config.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def of_the_class(part: str, config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    import diffusers
    import transformers

    with torch.device("meta"):
        if part == "text_encoder":
            made = transformers.Qwen3Model(transformers.Qwen3Config(**config))
        else:
            made = getattr(diffusers, KINDS[part]).from_config(config)
    return {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}


@pytest.mark.parametrize("part", KINDS)
def test_lists_are_those_of_the_classes(part: str) -> None:
    for config in (FULL[part], {**FULL[part], **ODD[part]}, small(part)):
        assert tensors_of(KINDS[part], config) == of_the_class(part, config)


def test_a_config_without_sizes_or_of_another_class_asks_for_nothing() -> None:
    assert tensors_of("SiglipVisionModel", {}) is None
    assert tensors_of("ZImageTransformer2DModel", {}) is None
    for odd in ("30", None, -1.5, 10**30, [1]):
        changed = {**FULL["transformer"], "n_layers": odd}
        assert tensors_of("ZImageTransformer2DModel", changed) is None
