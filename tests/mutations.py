"""Random damage to picture files with parameters of many tools."""

from __future__ import annotations

import json
import random
from pathlib import Path

from PIL import Image

from foreign_files import A1111, png, turbo, with_exif
from zimg_kernel import GeneratedImage, GenerationParams


def originals(folder: Path) -> list[Path]:
    """Write whole pictures of many formats and tools; return their paths."""
    graph = json.dumps(turbo())
    comment = b"UNICODE\0" + A1111.encode("utf-16-be")
    params = GenerationParams(prompt="a red circle", width=64, height=64, seed=1)
    ours = [
        GeneratedImage(Image.new("RGB", (64, 64)), params).save(folder / f"ours.{ending}")
        for ending in ("png", "jpg", "webp")
    ]
    swarm = {"sui_image_params": {"prompt": "a", "seed": 1, "steps": 8, "loras": ["x"]}}
    invoke = {"positive_prompt": "a", "seed": 1, "steps": 8, "loras": [{"weight": 1}]}
    xmp = '<exif:UserComment>{"c": "a", "seed": 1, "steps": 8}</exif:UserComment>'
    return [
        *ours,
        png(folder / "a1111.png", parameters=A1111),
        png(folder / "comfy.png", prompt=graph, workflow={"nodes": []}),
        png(folder / "workflow.png", workflow=graph),
        png(folder / "packed.png", packed=True, prompt=graph, workflow={"nodes": []}),
        png(folder / "invoke.png", invokeai_metadata=invoke),
        png(folder / "swarm.png", parameters=swarm),
        png(folder / "things.png", **{"XML:com.adobe.xmp": xmp}),
        png(folder / "nai.png", Comment={"uc": "b", "seed": 1, "steps": 8}, Description="a"),
        with_exif(folder / "a1111.jpg", comment),
        with_exif(folder / "a1111.webp", comment),
        with_exif(folder / "a1111.avif", comment),
        with_exif(folder / "comfy.webp", tags={0x0110: f"prompt:{graph}"}),
        with_exif(folder / "exif.png", comment),
    ]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return the file with some bytes changed, cut out, doubled, or its end cut off."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(data))
        length = chance.choice((1, 1, 2, 4, 16, 64))
        kind = chance.randrange(7)
        if kind <= 2:
            data[at : at + length] = chance.randbytes(len(data[at : at + length]))
        elif kind == 3:
            data[at] = chance.choice((0, 1, 0x22, 0x5B, 0x7B, 0x7F, 0x80, 0xFF))
        elif kind == 4:
            del data[at : at + length]
        elif kind == 5:
            data[at:at] = data[at : at + length] * chance.choice((1, 3))
        else:
            del data[max(8, at) :]
        if not data:
            return b""
    return bytes(data)
