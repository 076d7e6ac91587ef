"""A pipeline's modules for a load profile that draws with onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .export import export, export_folder, require_packages
from .manifest import Precision, read
from .parts import TEXT_ENCODER, TRANSFORMER, VAE_DECODER
from .sessions import Session
from .stand_ins import DecoderForward, EncoderForward, TransformerForward, hollow

if TYPE_CHECKING:
    from zimg_kernel.models.card import ModelCard


def components(card: ModelCard, folder: Path, precision: Precision) -> dict[str, Any]:
    """Return text encoder, transformer and autoencoder that compute in onnxruntime.

    They are modules of the stock classes, without the weights that their sessions have. What is
    not exported yet is exported first, which takes half a minute for a miniature.

    Raises
    ------
    ZimgError
        A package of the extra is missing, or the export fails.
    """
    require_packages(("onnxruntime",))
    made = export_folder(card, folder, precision)
    if read(made) is None:
        export(card, folder, lambda line: None, precision=precision)
    return {
        "text_encoder": _encoder(folder / "text_encoder", made / TEXT_ENCODER.name),
        "transformer": _transformer(folder / "transformer", made / TRANSFORMER.name),
        "vae": _vae(folder / "vae", made / VAE_DECODER.name),
    }


def _encoder(folder: Path, part: Path) -> Any:
    import torch
    from transformers import AutoConfig, Qwen3Model

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    config.dtype = torch.float32
    with torch.device("meta"):
        module = Qwen3Model(config)
    _hollow_all(module)
    module.forward = EncoderForward(Session(part))
    return module.eval()


def _transformer(folder: Path, part: Path) -> Any:
    import torch
    from diffusers import ZImageTransformer2DModel

    config = ZImageTransformer2DModel.load_config(folder, local_files_only=True)
    with torch.device("meta"):
        module = ZImageTransformer2DModel.from_config(config)
    _hollow_all(module)
    module.forward = TransformerForward(Session(part))
    return module.eval()


def _vae(folder: Path, part: Path) -> Any:
    import torch
    from diffusers import AutoencoderKL

    module = AutoencoderKL.from_pretrained(
        folder, torch_dtype=torch.float32, local_files_only=True, use_safetensors=True
    )
    hollow(module.decoder)
    module.post_quant_conv = None  # the session's decoder begins with it
    module.decoder.forward = DecoderForward(Session(part))
    return module.eval()


def _hollow_all(module: Any) -> None:
    """Take weights and buffers off torch's meta device, where pipelines would look for them."""
    import torch

    hollow(module)
    for part in module.modules():
        for name, value in part._buffers.items():
            if value is not None:
                part._buffers[name] = torch.empty(0, dtype=value.dtype)
