"""Pictures as other tools write them, built from their public formats."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from zimg_kernel.errors import BadInput
from zimg_kernel.images.metadata import read_record, read_sent_record

A1111 = (
    "a red circle\nNegative prompt: blur\nSteps: 8, Sampler: Euler, CFG scale: 1, Seed: 5, "
    "Size: 64x64"
)


def png(path: Path, packed: bool = False, image: Image.Image | None = None, **chunks: Any) -> Path:
    """Write a PNG with text chunks; what is no text is written as JSON."""
    info = PngImagePlugin.PngInfo()
    for name, value in chunks.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if packed or not text.isascii():
            info.add_itxt(name, text, zip=packed)
        else:
            info.add_text(name, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    (image or Image.new("RGB", (64, 64), "red")).save(path, pnginfo=info)
    return path


def with_exif(
    path: Path,
    comment: Any = None,
    tags: dict[int, Any] | None = None,
    image: Image.Image | None = None,
) -> Path:
    """Write a JPEG, WebP or AVIF with EXIF: a UserComment, and tags of the first directory."""
    exif = Image.Exif()
    if comment is not None:
        exif.get_ifd(0x8769)[0x9286] = comment
    for tag, value in (tags or {}).items():
        exif[tag] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    (image or Image.new("RGB", (64, 64), "red")).save(path, exif=exif.tobytes())
    return path


def read(path: Path, *names: str) -> Any:
    """Return the parameters in a picture: all of them, one, or a tuple of several."""
    params = read_record(path)["params"]
    found = tuple(params[name] for name in names)
    return found[0] if len(names) == 1 else found or params


def refusal(content: bytes) -> str | None:
    """Return the code with which a file is refused, or None if it is read."""
    try:
        read_sent_record(io.BytesIO(content), "a picture")
    except BadInput as error:
        if "\n" in str(error):
            raise AssertionError(f"more than one line: {error}") from error
        return error.code
    return None


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """Return a node of ComfyUI's API form."""
    return {"class_type": kind, "inputs": inputs}


_TURBO = {
    "39": node("CLIPLoader", clip_name="qwen_3_4b.safetensors", type="lumina2"),
    "41": node("EmptySD3LatentImage", width=1024, height=1024, batch_size=1),
    "42": node("ConditioningZeroOut", conditioning=["45", 0]),
    "44": node(
        "KSampler", seed=42, steps=8, cfg=1.0, sampler_name="res_multistep", scheduler="simple",
        denoise=1.0, model=["47", 0], positive=["45", 0], negative=["42", 0],
        latent_image=["41", 0],
    ),
    "45": node("CLIPTextEncode", text="a red circle", clip=["39", 0]),
    "46": node("UNETLoader", unet_name="z_image_turbo_bf16.safetensors", weight_dtype="default"),
    "47": node("ModelSamplingAuraFlow", shift=3.0, model=["46", 0]),
    "48": node("VAEDecode", samples=["44", 0], vae=["49", 0]),
    "49": node("VAELoader", vae_name="ae.safetensors"),
    "9": node("SaveImage", filename_prefix="z-image", images=["48", 0]),
}  # fmt: skip


def turbo(**changed: dict[str, Any]) -> dict[str, Any]:
    """Return ComfyUI's graph of Z-Image-Turbo; ``n44={"seed": 7}`` changes inputs of node 44."""
    graph = copy.deepcopy(_TURBO)
    for name, inputs in changed.items():
        graph[name.removeprefix("n")]["inputs"].update(inputs)
    return graph


def in_subgraph(graph: dict[str, Any], name: str = "57") -> dict[str, Any]:
    """Return the graph with the ids that nodes in a subgraph have, such as ``57:3``."""

    def renamed(value: Any) -> Any:
        return [f"{name}:{value[0]}", value[1]] if isinstance(value, list) else value

    return {
        f"{name}:{key}": {**n, "inputs": {k: renamed(v) for k, v in n["inputs"].items()}}
        for key, n in graph.items()
    }
