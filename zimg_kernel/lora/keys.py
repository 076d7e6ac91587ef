"""The names of a LoRA file's tensors: which layer each belongs to, which format, which model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = tuple[int, ...]

# How a name ends: "down" and "up" are the two factors, which diffusers calls lora_A and lora_B.
_ENDINGS = {
    "down": r"(?:\.lora_A|\.lora_down|[._]lora\.down|\.lora_linear_layer\.down)(?:\.\w+)?\.weight",
    "up": r"(?:\.lora_B|\.lora_up|[._]lora\.up|\.lora_linear_layer\.up)(?:\.\w+)?\.weight",
    "mid": r"(?:\.lora_mid|[._]lora\.mid)\.weight",
    "alpha": r"\.alpha",
    "lokr": r"\.lokr_\w+",
    "loha": r"\.hada_\w+",
    "oft": r"\.(?:oft_\w+|boft_\w+)(?:\.\w+)*",
    "full": r"\.(?:diff|diff_b)",
    "magnitude": r"\.lora_magnitude_vector(?:\.\w+)*",
    "dora": r"\.dora_scale",
}
_TUCKER = {"mid", "lokr_t2", "hada_t1", "hada_t2"}  # LyCORIS's form for convolutions
USABLE = {"lora", "lokr", "loha"}
_ENDING = re.compile("|".join(f"(?P<{kind}>{how})$" for kind, how in _ENDINGS.items()))
_PREFIX = re.compile(
    r"^(?:base_model\.model\.|model\.diffusion_model\.|diffusion_model\.|transformer\.|unet\."
    r"|lora_unet_+|lora_transformer_+|lycoris_)+"
)
_TEXT = re.compile(r"^(?:lora_te\d*_|lora_prior_te_|text_encoders?(?:_\d+)?[._]|te\d?\.|clip_[lg])")
_FORMATS = (  # by how names begin; the first that occurs
    ("kohya", ("lora_unet_", "lora_te", "lora_transformer_", "lycoris_")),
    ("ComfyUI", ("diffusion_model.", "model.diffusion_model.")),
    ("peft", ("base_model.model.",)),
    ("diffusers", ("transformer.", "unet.", "text_encoder")),
)
_BLOCK = (
    r"(?:layers|noise_refiner|context_refiner|siglip_refiner)_\d+_"
    r"(?:attention_(?:to_|out$|qkv)|feed_forward_w\d|adaLN_modulation)"
)
# Names of layers in diffusers and in the models' own code, by which a file tells its model.
_FAMILIES = (
    ("Z-Image", _BLOCK),
    ("FLUX", r"(?:double_blocks|single_blocks|single_transformer_blocks)_\d+_"),
    ("Qwen-Image", r"transformer_blocks_\d+_(?:img|txt)_m(?:lp|od)_"),
    ("Stable Diffusion 3", r"(?:joint_blocks|transformer_blocks)_\d+_(?:attn_add_|context_block)"),
    ("Wan", r"blocks_\d+_(?:self|cross)_attn_"),
    ("UNet", r"(?:down_blocks|up_blocks|mid_block|input_blocks|output_blocks|middle_block)_"),
)
# Width of the text features that a UNet's cross attention reads (their published configs).
_UNETS = {768: "Stable Diffusion 1.x", 1024: "Stable Diffusion 2.x", 2048: "SDXL"}
# Width of the blocks (their published configs); Lumina's are named like Z-Image's.
_WIDTHS = {3840: "Z-Image", 2304: "Lumina 2"}


@dataclass
class Layer:
    """Content of a file for one layer of a model.

    Attributes
    ----------
    name : str
        The layer as the file calls it, with its prefix.
    plain : str
        The same without prefix, "_" for "." and "-": how names of all formats compare.
    keys : dict of str to str
        The file's own key for each part: down, up, alpha, magnitude, lokr_w1, ...
    shapes : dict of str to tuple of int
        The shape of each part.
    """

    name: str
    plain: str
    keys: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Kind of change: lora, lokr, loha, others that are not used, or nothing whole."""
        if _TUCKER & self.keys.keys():
            return "tucker"
        if {"down", "up"} <= set(self.keys):
            return "lora"
        if "dora" in self.keys:
            return "dora"
        kinds = {"lokr": "lokr", "hada": "loha", "oft": "oft", "full": "full"}
        parts = {part.split("_")[0] for part in self.keys}
        return next((kind for part, kind in kinds.items() if part in parts), "")

    @property
    def rank(self) -> int | None:
        """The rank of a LoRA's factors."""
        shape = self.shapes.get("down")
        return shape[0] if self.kind == "lora" and shape else None

    @property
    def size(self) -> tuple[int, int] | None:
        """(outputs, inputs) of the layer that this changes, as far as the shapes tell."""
        if self.kind == "lora":
            down, up = self.shapes["down"], self.shapes["up"]
            whole = len(down) == len(up) == 2 and down[0] == up[1]
            return (up[0], down[1]) if whole else None
        if self.kind == "lokr":  # a Kronecker product of two matrices, each perhaps of two factors
            one, two = self._lokr("lokr_w1"), self._lokr("lokr_w2")
            return (one[0] * two[0], one[1] * two[1]) if one and two else None
        if self.kind == "loha":  # an elementwise product of two matrices, each of two factors
            one, two = self._product("hada_w1"), self._product("hada_w2")
            return one if one == two else None
        return None

    def _product(self, part: str) -> tuple[int, int] | None:
        a, b = self.shapes.get(f"{part}_a", ()), self.shapes.get(f"{part}_b", ())
        return (a[0], b[1]) if len(a) == len(b) == 2 and a[1] == b[0] else None

    def _lokr(self, part: str) -> Shape | None:
        shape = self.shapes.get(part)
        if shape is None:
            shape = self._product(part)
        return shape if shape and len(shape) == 2 else None


@dataclass
class Contents:
    """Layers by a file's names: a model's, a text encoder's, and unknown ones."""

    layers: list[Layer]
    text: list[Layer]
    others: list[str]
    format: str

    @property
    def kinds(self) -> set[str]:
        """Kinds of change in the file."""
        return {layer.kind for layer in [*self.layers, *self.text]} - {""}


def read_keys(header: Mapping[str, Any]) -> Contents:
    """Sort the tensors of a safetensors header by layer."""
    layers: dict[str, Layer] = {}
    others = []
    for key, tensor in header.items():
        if key == "__metadata__":
            continue
        found = _ENDING.search(key)
        if found is None or found.start() == 0:
            others.append(key)
            continue
        name, kind = key[: found.start()], str(found.lastgroup)
        part = found[0][1:] if kind in ("lokr", "loha", "oft") else kind
        part = part if kind in ("lokr", "loha") else kind
        plain = plainly(_PREFIX.sub("", name))
        layer = layers.setdefault(name, Layer(name, plain))
        layer.keys[part] = key
        layer.shapes[part] = _shape(tensor)
    text = [layer for name, layer in layers.items() if _TEXT.match(name)]
    own = [layer for name, layer in layers.items() if not _TEXT.match(name)]
    return Contents(own, text, others, _format(layers))


def _shape(tensor: Any) -> Shape:
    """Return a tensor's shape; () for one that no tensor can have, which then fits nothing."""
    sizes = tensor.get("shape") if isinstance(tensor, dict) else None
    right = isinstance(sizes, list) and all(type(size) is int and size > 0 for size in sizes)
    return tuple(sizes) if right and sizes else ()


def plainly(name: str) -> str:
    """Return a layer's name with "_" for "." and "-"."""
    return name.replace(".", "_").replace("-", "_")


def _format(names: Iterable[str]) -> str:
    listed = list(names)
    for found, beginnings in _FORMATS:
        if any(name.startswith(beginnings) for name in listed):
            return found
    return "bare names"


def guess_base(contents: Contents) -> str:
    """Return for which model a file was made, by the names and shapes in it; "" if unknown."""
    for family, pattern in _FAMILIES:
        alike = [layer for layer in contents.layers if re.match(pattern, layer.plain)]
        if not alike:
            continue
        if family == "UNet":
            return _unet(contents)
        return _by_width(alike) if family == "Z-Image" else family
    return ""


def _by_width(layers: Iterable[Layer]) -> str:
    for layer in layers:
        reads = re.search(r"attention_(?:to_[qkv]|qkv)$|feed_forward_w[13]$", layer.plain)
        if reads and layer.size:
            width = layer.size[1]
            return _WIDTHS.get(width, f"a Z-Image of width {width}")
    return "Z-Image"


def _unet(contents: Contents) -> str:
    if any(layer.name.startswith(("lora_te2_", "text_encoder_2")) for layer in contents.text):
        return "SDXL"
    for layer in contents.layers:
        shape = layer.shapes.get("down", ())
        if "attn2_to_k" in layer.plain and len(shape) > 1 and shape[1] in _UNETS:
            return _UNETS[shape[1]]
    return "Stable Diffusion"
