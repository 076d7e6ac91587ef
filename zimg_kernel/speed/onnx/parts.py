"""The parts of a model that are exported: how each is loaded, called and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

OPSET = 23
"""ONNX operators as of this version: the first with attention, rotation and RMS norm."""

_DECODER_OPSET = 20  # group norms by InstanceNormalization, which onnxruntime computes faster

_LONGEST = 8192  # of a side in latents, and of a prompt in tokens


@dataclass(frozen=True)
class Part:
    """A part of a model as an ONNX file.

    Attributes
    ----------
    name : str
        Of its folder in an export.
    component : str
        Of the diffusers folder that it is made from.
    load : callable
        Gets that folder, and returns the module to export.
    inputs, outputs : tuple of str
        Names in the file.
    example : callable
        Gets the module; returns arguments and which of their sides vary, as torch.export's
        ``dynamic_shapes``.
    opset : int
        Version of the ONNX operators.
    """

    name: str
    component: str
    load: Callable[[Path], nn.Module]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    example: Callable[[Any], tuple[tuple[Any, ...], tuple[Any, ...]]]
    opset: int = OPSET


def _load_encoder(folder: Path) -> nn.Module:
    import torch
    from transformers import Qwen3Model

    from .text_encoder import EncoderForExport

    encoder = Qwen3Model.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    return EncoderForExport(encoder.eval())


def _encoder_example(module: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    import torch
    from torch.export import Dim

    ids = torch.arange(23) % module.embed_tokens.num_embeddings
    return (ids,), ({0: Dim("tokens", min=1, max=_LONGEST)},)


def _load_transformer(folder: Path) -> nn.Module:
    import torch
    from diffusers import ZImageTransformer2DModel

    from .transformer import TransformerForExport

    module = ZImageTransformer2DModel.from_pretrained(
        folder, torch_dtype=torch.float32, local_files_only=True, use_safetensors=True
    )
    return TransformerForExport(module.eval())


def _transformer_example(module: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    import torch
    from torch.export import Dim

    config = module.module.config
    latents = torch.randn(2, config.in_channels, 36, 28)
    captions = torch.randn(2, 40, config.cap_feat_dim)
    arguments = (latents, torch.tensor([0.5]), captions, torch.tensor([40, 37]))
    batch, longest = Dim("batch"), Dim("longest", min=1, max=_LONGEST)
    rows, columns = (Dim(name, min=1, max=_LONGEST // 2) for name in ("rows", "columns"))
    sides = {0: batch, 2: 2 * rows, 3: 2 * columns}
    return arguments, (sides, None, {0: batch, 1: longest}, {0: batch})


def _load_decoder(folder: Path) -> nn.Module:
    import torch
    from diffusers import AutoencoderKL

    from .decoder import DecoderForExport

    vae = AutoencoderKL.from_pretrained(
        folder, torch_dtype=torch.float32, local_files_only=True, use_safetensors=True
    )
    return DecoderForExport(vae.eval())


def _decoder_example(module: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    import torch
    from torch.export import Dim

    channels = module.decoder.conv_in.in_channels
    sides = {index: Dim(name, min=2, max=_LONGEST) for index, name in ((2, "height"), (3, "width"))}
    return (torch.randn(1, channels, 18, 14),), (sides,)


TEXT_ENCODER = Part(
    "text_encoder", "text_encoder", _load_encoder, ("ids",), ("embeddings",), _encoder_example
)
TRANSFORMER = Part(
    "transformer",
    "transformer",
    _load_transformer,
    ("latents", "time", "caption", "tokens"),
    ("prediction",),
    _transformer_example,
)
VAE_DECODER = Part(
    "vae_decoder",
    "vae",
    _load_decoder,
    ("latents",),
    ("pixels",),
    _decoder_example,
    _DECODER_OPSET,
)
PARTS = (TEXT_ENCODER, TRANSFORMER, VAE_DECODER)
