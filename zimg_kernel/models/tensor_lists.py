"""Names and shapes of the tensors that a component's config asks for, without torch.

They follow the constructors of diffusers 0.42's ``ZImageTransformer2DModel`` and ``AutoencoderKL``
and of transformers 5's ``Qwen3Model``; a test compares them with those classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

Shape = tuple[int, ...]
Named = Iterator[tuple[str, Shape]]

_MOST = 100_000  # tensors; Z-Image's transformer has 521
_TIME = 256  # width of the time embedding that modulates the blocks (``ADALN_EMBED_DIM``)
_TIME_HIDDEN = 1024


def tensors_of(kind: str, config: Mapping[str, Any]) -> dict[str, Shape] | None:
    """Return the tensors of a component by name.

    Parameters
    ----------
    kind : str
        Its class, as ``model_index.json`` names it.
    config : mapping
        Its ``config.json``.

    Returns
    -------
    dict of str to tuple of int, or None
        None for another class, and for a config that leaves sizes out or holds other than sizes.
    """
    listed = _LISTS.get(kind)
    if listed is None:
        return None
    try:
        found = dict(islice(listed(config), _MOST))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError, OverflowError):
        return None
    return found if len(found) < _MOST else None


def _linear(name: str, outputs: int, inputs: int, bias: bool = True) -> Named:
    yield f"{name}.weight", (outputs, inputs)
    if bias:
        yield f"{name}.bias", (outputs,)


def _transformer(config: Mapping[str, Any]) -> Named:
    dim, channels, text = config["dim"], config["in_channels"], config["cap_feat_dim"]
    layers, refiners = config["n_layers"], config["n_refiner_layers"]
    time = min(dim, _TIME)
    patches = zip(config["all_patch_size"], config["all_f_patch_size"], strict=True)
    for side, frames in patches:
        values = frames * side * side * channels
        last = f"all_final_layer.{side}-{frames}"
        yield from _linear(f"all_x_embedder.{side}-{frames}", dim, values)
        yield from _linear(f"{last}.linear", values, dim)
        yield from _linear(f"{last}.adaLN_modulation.1", dim, time)
    yield from _linear("t_embedder.mlp.0", _TIME_HIDDEN, _TIME)
    yield from _linear("t_embedder.mlp.2", time, _TIME_HIDDEN)
    yield "cap_embedder.0.weight", (text,)
    yield from _linear("cap_embedder.1", dim, text)
    yield "x_pad_token", (1, dim)
    yield "cap_pad_token", (1, dim)
    for number in range(refiners):
        yield from _block(f"noise_refiner.{number}", config, modulated=True)
        yield from _block(f"context_refiner.{number}", config, modulated=False)
    for number in range(layers):
        yield from _block(f"layers.{number}", config, modulated=True)
    pictures = config.get("siglip_feat_dim")
    if pictures is not None:
        yield "siglip_embedder.0.weight", (pictures,)
        yield from _linear("siglip_embedder.1", dim, pictures)
        yield "siglip_pad_token", (1, dim)
        for number in range(refiners):
            yield from _block(f"siglip_refiner.{number}", config, modulated=False)


def _block(name: str, config: Mapping[str, Any], modulated: bool) -> Named:
    dim = config["dim"]
    hidden = int(dim / 3 * 8)
    for part in ("to_q", "to_k", "to_v", "to_out.0"):
        yield f"{name}.attention.{part}.weight", (dim, dim)
    if config["qk_norm"]:
        for part in ("norm_q", "norm_k"):
            yield f"{name}.attention.{part}.weight", (dim // config["n_heads"],)
    for part, shape in (("w1", (hidden, dim)), ("w2", (dim, hidden)), ("w3", (hidden, dim))):
        yield f"{name}.feed_forward.{part}.weight", shape
    for part in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"):
        yield f"{name}.{part}.weight", (dim,)
    if modulated:
        yield from _linear(f"{name}.adaLN_modulation.0", 4 * dim, min(dim, _TIME))


def _qwen3(config: Mapping[str, Any]) -> Named:
    width, inner = config["hidden_size"], config["intermediate_size"]
    head = config["head_dim"]
    queries, keys = (head * config[f"num_{name}_heads"] for name in ("attention", "key_value"))
    bias = bool(config.get("attention_bias", False))
    yield "embed_tokens.weight", (config["vocab_size"], width)
    yield "norm.weight", (width,)
    for number in range(config["num_hidden_layers"]):
        name = f"layers.{number}"
        for part, size in (("q", queries), ("k", keys), ("v", keys)):
            yield from _linear(f"{name}.self_attn.{part}_proj", size, width, bias)
        yield from _linear(f"{name}.self_attn.o_proj", width, queries, bias)
        for part in ("q_norm", "k_norm"):
            yield f"{name}.self_attn.{part}.weight", (head,)
        for part, shape in (
            ("gate", (inner, width)),
            ("up", (inner, width)),
            ("down", (width, inner)),
        ):
            yield f"{name}.mlp.{part}_proj.weight", shape
        for part in ("input_layernorm", "post_attention_layernorm"):
            yield f"{name}.{part}.weight", (width,)


def _autoencoder(config: Mapping[str, Any]) -> Named:
    widths, latent = config["block_out_channels"], config["latent_channels"]
    depth = config["layers_per_block"]
    down = ["DownEncoderBlock2D"] * len(widths)
    up = ["UpDecoderBlock2D"] * len(widths)
    if list(config["down_block_types"]) != down or list(config["up_block_types"]) != up:
        raise ValueError("blocks of other kinds")
    attention = config.get("mid_block_add_attention", True)
    yield from _conv("encoder.conv_in", widths[0], config["in_channels"])
    before = widths[0]
    for number, width in enumerate(widths):
        name = f"encoder.down_blocks.{number}"
        for one in range(depth):
            yield from _resnet(f"{name}.resnets.{one}", width, before)
            before = width
        if number < len(widths) - 1:
            yield from _conv(f"{name}.downsamplers.0.conv", width, width)
    yield from _middle("encoder", widths[-1], attention)
    yield from _tail("encoder", 2 * latent, widths[-1])
    yield from _conv("decoder.conv_in", widths[-1], latent)
    before = widths[-1]
    yield from _middle("decoder", before, attention)
    for number, width in enumerate(reversed(widths)):
        name = f"decoder.up_blocks.{number}"
        for one in range(depth + 1):
            yield from _resnet(f"{name}.resnets.{one}", width, before)
            before = width
        if number < len(widths) - 1:
            yield from _conv(f"{name}.upsamplers.0.conv", width, width)
    yield from _tail("decoder", config["out_channels"], widths[0])
    if config.get("use_quant_conv", True):
        yield from _conv("quant_conv", 2 * latent, 2 * latent, 1)
    if config.get("use_post_quant_conv", True):
        yield from _conv("post_quant_conv", latent, latent, 1)


def _conv(name: str, outputs: int, inputs: int, side: int = 3) -> Named:
    yield f"{name}.weight", (outputs, inputs, side, side)
    yield f"{name}.bias", (outputs,)


def _norm(name: str, width: int) -> Named:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)


def _resnet(name: str, outputs: int, inputs: int) -> Named:
    yield from _norm(f"{name}.norm1", inputs)
    yield from _conv(f"{name}.conv1", outputs, inputs)
    yield from _norm(f"{name}.norm2", outputs)
    yield from _conv(f"{name}.conv2", outputs, outputs)
    if outputs != inputs:
        yield from _conv(f"{name}.conv_shortcut", outputs, inputs, 1)


def _middle(side: str, width: int, attention: bool) -> Named:
    for one in range(2):
        yield from _resnet(f"{side}.mid_block.resnets.{one}", width, width)
    if attention:
        name = f"{side}.mid_block.attentions.0"
        yield from _norm(f"{name}.group_norm", width)
        for part in ("to_q", "to_k", "to_v", "to_out.0"):
            yield from _linear(f"{name}.{part}", width, width)


def _tail(side: str, outputs: int, width: int) -> Named:
    yield from _norm(f"{side}.conv_norm_out", width)
    yield from _conv(f"{side}.conv_out", outputs, width)


_LISTS: dict[str, Callable[[Mapping[str, Any]], Named]] = {
    "ZImageTransformer2DModel": _transformer,
    "Qwen3Model": _qwen3,
    "Qwen3ForCausalLM": _qwen3,
    "AutoencoderKL": _autoencoder,
}
