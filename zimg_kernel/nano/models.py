"""The miniature's models: true Z-Image classes with tiny configs, freshly initialised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, ZImageTransformer2DModel
from torch import nn
from transformers import Qwen3Config, Qwen3Model

SHIFT = 3.0
"""Static shift of the sampling schedule, as Z-Image-Turbo's."""
STEPS = 8

TRANSFORMER: dict[str, Any] = {
    "in_channels": 16,
    "dim": 288,
    "n_layers": 7,
    "n_refiner_layers": 1,
    "n_heads": 6,
    "n_kv_heads": 6,
    "cap_feat_dim": 256,
    "axes_dims": [16, 16, 16],
    "axes_lens": [1024, 128, 128],
}
ENCODER: dict[str, Any] = {
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "max_position_embeddings": 1024,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
}
VAE: dict[str, Any] = {
    "in_channels": 3,
    "out_channels": 3,
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "block_out_channels": [32, 64, 128, 128],
    "layers_per_block": 1,
    "latent_channels": 16,
    "norm_num_groups": 16,
    "sample_size": 256,
    "scaling_factor": 1.0,
    "shift_factor": 0.0,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
    "mid_block_add_attention": False,
    "force_upcast": False,
}


def make_transformer(**changes: Any) -> ZImageTransformer2DModel:
    """A transformer whose blocks learn from the first step.

    Gates pass through tanh; with zero biases they would stay shut and learn nothing, so their
    biases start at 0.3, while the modulation weights and the last layer start at zero.
    """
    model = ZImageTransformer2DModel(**{**TRANSFORMER, **changes})
    for name, p in model.named_parameters():
        if "pad_token" in name:
            nn.init.normal_(p, std=0.02)
        elif p.ndim == 2:
            if "adaLN" in name or "all_final_layer" in name:
                nn.init.zeros_(p)
            else:
                nn.init.xavier_uniform_(p)
        elif name.endswith("bias"):
            nn.init.zeros_(p)
    for block in [*model.layers, *model.noise_refiner]:
        bias = block.adaLN_modulation[0].bias.data
        bias[model.dim : 2 * model.dim] = 0.3
        bias[3 * model.dim :] = 0.3
    return model


def make_encoder(vocabulary: int, **changes: Any) -> Qwen3Model:
    """A text encoder; the pipeline uses its last but one hidden state."""
    return Qwen3Model(Qwen3Config(vocab_size=vocabulary, **{**ENCODER, **changes}))


def make_vae(**changes: Any) -> AutoencoderKL:
    """An autoencoder with 16 channels and a factor of 8."""
    return AutoencoderKL(**{**VAE, **changes})


def load_parts(folder: Path) -> tuple[Qwen3Model, AutoencoderKL]:
    """Text encoder and autoencoder of a diffusers folder, in float32."""
    encoder = Qwen3Model.from_pretrained(folder / "text_encoder", dtype=torch.float32)
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32)
    return encoder, vae


def load_transformer(folder: Path) -> ZImageTransformer2DModel:
    """Transformer of a diffusers folder, in float32."""
    loaded: ZImageTransformer2DModel = ZImageTransformer2DModel.from_pretrained(
        folder / "transformer", torch_dtype=torch.float32
    )
    return loaded.train()


def make_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """The scheduler with the shift that the model is distilled for."""
    return FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1000, shift=SHIFT, use_dynamic_shifting=False
    )


def sigmas(steps: int, shift: float = SHIFT) -> torch.Tensor:
    """(steps + 1,) noise levels from 1 to 0, as the pipeline and its scheduler make them."""
    s = torch.linspace(1.0, 1 / steps, steps, dtype=torch.float64)
    s = shift * s / (1 + (shift - 1) * s)
    return torch.cat([s, s.new_zeros(1)]).float()


def parameters(model: nn.Module) -> int:
    """Number of parameters."""
    return sum(p.numel() for p in model.parameters())
