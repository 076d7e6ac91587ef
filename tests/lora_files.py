"""Makes LoRA files for tests: one trained on the miniature, others of its tensors renamed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

ASKED, TAUGHT = "a red circle", "a blue square"
SIDE = 128
_LAYERS = r"layers\.[3-6]\..*(to_[qkv]|to_out\.0|w[123])"


def train(pipe: Any, folder: Path, steps: int = 12) -> Path:
    """Teach a copy of the transformer, by flow matching on one picture; save with diffusers."""
    import torch
    from diffusers import ZImagePipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    from zimg_kernel.nano.forward import PAD_TO, velocity

    noise = torch.Generator().manual_seed(0)
    drawn = {"height": SIDE, "width": SIDE, "num_inference_steps": 4, "guidance_scale": 0.0}
    target = pipe(TAUGHT, generator=noise, output_type="latent", **drawn).images.float()
    (words,), _ = pipe.encode_prompt(ASKED, do_classifier_free_guidance=False)
    pad = -len(words) % PAD_TO
    caption = torch.cat([words, words.new_zeros(pad, words.shape[1])])[None].detach()
    real = torch.arange(len(words) + pad)[None] < len(words)

    student = copy.deepcopy(pipe.transformer).requires_grad_(False)
    torch.manual_seed(0)
    student.add_adapter(LoraConfig(r=4, lora_alpha=8, target_modules=_LAYERS), "lesson")
    learned = [p for p in student.parameters() if p.requires_grad]
    adam = torch.optim.Adam(learned, lr=1e-2)
    for _ in range(steps):
        time = torch.rand(1, generator=noise) ** 2  # mostly noisy: there the scene is decided
        start = torch.randn(target.shape, generator=noise)
        mixed = torch.lerp(start, target, time[:, None, None, None])
        guess = velocity(student, mixed, time, caption, real)
        loss = (guess - (target - start)).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    ZImagePipeline.save_lora_weights(
        folder,
        get_peft_model_state_dict(student, adapter_name="lesson"),
        weight_name="lesson.safetensors",
        transformer_lora_adapter_metadata=student.peft_config["lesson"].to_dict(),
    )
    return folder / "lesson.safetensors"


def tensors(path: Path) -> dict[str, Any]:
    """A file's tensors."""
    from safetensors.torch import load_file

    return load_file(path)


def write(path: Path, weights: dict[str, Any], **metadata: Any) -> Path:
    """Write tensors and metadata, values that are no text as JSON."""
    from safetensors.torch import save_file

    said = {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}
    save_file({key: value.contiguous() for key, value in weights.items()}, path, said or None)
    return path


def plain(lesson: Path, share: float = 1.0) -> dict[str, Any]:
    """The lesson's tensors with alpha / rank = 2 multiplied in, as a file without settings."""
    return {
        key: value * (2 * share if "lora_B" in key else 1) for key, value in tensors(lesson).items()
    }


def as_kohya(lesson: Path) -> dict[str, Any]:
    """The same as sd-scripts would name it: underscores, down and up, an alpha for each layer."""
    import torch

    named = {}
    for key, value in tensors(lesson).items():
        layer, _, part = key.removeprefix("transformer.").partition(".lora_")
        stem = "lora_unet_" + layer.replace(".", "_")
        named[f"{stem}.lora_{'down' if part[0] == 'A' else 'up'}.weight"] = value
        named[f"{stem}.alpha"] = torch.tensor(8.0)
    return named


def as_comfy(lesson: Path) -> dict[str, Any]:
    """The same as ComfyUI names it."""
    return {k.replace("transformer.", "diffusion_model."): v for k, v in plain(lesson).items()}


def as_peft(lesson: Path) -> dict[str, Any]:
    """The same as peft saves it by itself."""
    return {k.replace("transformer.", "base_model.model."): v for k, v in plain(lesson).items()}


def as_bare(lesson: Path) -> dict[str, Any]:
    """The same without any prefix."""
    return {k.removeprefix("transformer."): v for k, v in plain(lesson).items()}


def sdxl() -> dict[str, Any]:
    """Some layers as an SDXL file of sd-scripts has them."""
    import torch

    named = {}
    for where, width in (("attn1_to_q", 640), ("attn2_to_k", 2048)):
        stem = f"lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_{where}"
        named[f"{stem}.lora_down.weight"] = torch.ones(8, width)
        named[f"{stem}.lora_up.weight"] = torch.ones(640, 8)
    named["lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight"] = torch.ones(8, 1280)
    named["lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight"] = torch.ones(5120, 8)
    return named
