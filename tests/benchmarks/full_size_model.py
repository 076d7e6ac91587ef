"""Writes a Z-Image-Turbo folder of full size with random weights, to measure speed and memory.

Both depend on shapes alone, not on values. The configs are the published ones
(Tongyi-MAI/Z-Image-Turbo); the tokenizer is the miniature's, whose ids are all valid here.

    python tests/benchmarks/full_size_model.py FOLDER
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

TRANSFORMER: dict[str, Any] = {
    "in_channels": 16, "dim": 3840, "n_layers": 30, "n_refiner_layers": 2, "n_heads": 30,
    "n_kv_heads": 30, "cap_feat_dim": 2560, "axes_dims": [32, 48, 48],
    "axes_lens": [1536, 512, 512], "norm_eps": 1e-5, "qk_norm": True, "rope_theta": 256.0,
    "t_scale": 1000.0,
}  # fmt: skip
ENCODER: dict[str, Any] = {
    "vocab_size": 151936, "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36,
    "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "max_position_embeddings": 40960, "rope_theta": 1000000, "tie_word_embeddings": True,
}  # fmt: skip
VAE: dict[str, Any] = {
    "in_channels": 3, "out_channels": 3, "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4, "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2, "latent_channels": 16, "norm_num_groups": 32, "sample_size": 1024,
    "scaling_factor": 0.3611, "shift_factor": 0.1159, "use_quant_conv": False,
    "use_post_quant_conv": False, "mid_block_add_attention": True, "force_upcast": True,
}  # fmt: skip


def write(folder: Path) -> Path:
    """Write the folder in bf16 (20 GB); return it."""
    import torch
    from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    import zimg_kernel.nano

    small = Path(zimg_kernel.nano.__file__).parent / "weights" / "nano-base"
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    makers = {
        "transformer": lambda: ZImageTransformer2DModel(**TRANSFORMER),
        "text_encoder": lambda: Qwen3Model(Qwen3Config(**ENCODER)),
        "vae": lambda: AutoencoderKL(**VAE),
    }
    for name, make in makers.items():
        with torch.device(device):
            module = make()
        for key, value in module.named_parameters():
            if "pad_token" in key:
                torch.nn.init.normal_(value, std=0.02)
        module.save_pretrained(folder / name)
        del module
    torch.set_default_dtype(torch.float32)
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=3.0)
    scheduler.save_pretrained(folder / "scheduler")
    shutil.copytree(small / "tokenizer", folder / "tokenizer")
    index = json.loads((small / "model_index.json").read_text(encoding="utf-8"))
    (folder / "model_index.json").write_text(json.dumps(index, indent=2), encoding="utf-8")
    return folder


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
