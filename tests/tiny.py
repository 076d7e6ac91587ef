"""Makes tiny Z-Image folders with random weights: the true classes, for tests of loading."""

from __future__ import annotations

from pathlib import Path


def make_tiny_model(
    folder: Path, seed: int = 0, dtype: str = "float32", encoder_seed: int = 0
) -> Path:
    """Write a diffusers folder whose components depend only on the seeds; return the folder."""
    import torch
    from diffusers import ZImagePipeline
    from transformers import PreTrainedTokenizerFast

    from zimg_kernel.nano import TURBO
    from zimg_kernel.nano.models import make_encoder, make_scheduler, make_transformer, make_vae

    tokenizer = PreTrainedTokenizerFast.from_pretrained(TURBO / "tokenizer")
    torch.manual_seed(encoder_seed)
    encoder = make_encoder(2048, num_hidden_layers=2).eval()
    vae = make_vae(block_out_channels=[16, 16, 16, 16]).eval()
    torch.manual_seed(seed)
    transformer = make_transformer(n_layers=2).eval()
    torch.nn.init.normal_(transformer.all_final_layer["2-1"].linear.weight, std=0.1)
    pipe = ZImagePipeline(
        scheduler=make_scheduler(),
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        transformer=transformer,
    )
    for name in ("vae", "text_encoder", "transformer"):
        getattr(pipe, name).to(getattr(torch, dtype))
    pipe.save_pretrained(folder, max_shard_size="1MB")
    for path in (folder / "model_index.json", folder / "tokenizer" / "tokenizer_config.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("TokenizersBackend", "PreTrainedTokenizerFast"), encoding="utf-8"
        )
    return folder


def make_tiny_omni(folder: Path, seed: int = 0) -> Path:
    """Write a folder of diffusers' own ``ZImageOmniPipeline`` with a tiny SigLIP, as released."""
    import diffusers
    import torch
    from transformers import (
        PreTrainedTokenizerFast,
        Siglip2ImageProcessorPil,
        Siglip2VisionConfig,
        Siglip2VisionModel,
    )

    from zimg_kernel.nano import TURBO
    from zimg_kernel.nano.models import make_encoder, make_scheduler, make_transformer, make_vae

    torch.manual_seed(seed)
    vision = Siglip2VisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        num_patches=64, patch_size=16,
    )  # fmt: skip
    transformer = make_transformer(n_layers=2, siglip_feat_dim=32).eval()
    torch.nn.init.normal_(transformer.all_final_layer["2-1"].linear.weight, std=0.1)
    pipe = diffusers.ZImageOmniPipeline(
        scheduler=make_scheduler(),
        vae=make_vae(block_out_channels=[16, 16, 16, 16]).eval(),
        text_encoder=make_encoder(2048, num_hidden_layers=2).eval(),
        tokenizer=PreTrainedTokenizerFast.from_pretrained(TURBO / "tokenizer"),
        transformer=transformer,
        siglip=Siglip2VisionModel(vision).eval(),
        siglip_processor=Siglip2ImageProcessorPil(patch_size=16, max_num_patches=64),
    )
    pipe.save_pretrained(folder, max_shard_size="1MB")
    for path in (folder / "model_index.json", folder / "tokenizer" / "tokenizer_config.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("TokenizersBackend", "PreTrainedTokenizerFast"), encoding="utf-8"
        )
    return folder
