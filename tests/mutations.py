"""Random damage to bytes, to chunks of PNG files and to trees of values."""

from __future__ import annotations

import copy
import json
import random
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from foreign_files import A1111, png, turbo, with_exif
from zimg_kernel import GeneratedImage, GenerationParams

JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "16:9", [], {}, [[]], {"a": 1}, [1, "b", None],
    {"name": {"name": {}}}, "{a|b}", "__x__", "a\nb", float("nan"), "\ud800",
]  # fmt: skip


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


def mutated_png(content: bytes, chance: random.Random) -> bytes:
    """Return a PNG in which one chunk's data is damaged, or changed as JSON, with a right CRC."""
    chunks, at = [], 8
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    texts = [i for i, (kind, _) in enumerate(chunks) if kind in (b"tEXt", b"iTXt", b"eXIf")]
    number = chance.choice(texts) if texts and chance.random() < 0.8 else None
    number = chance.randrange(len(chunks)) if number is None else number
    kind, data = chunks[number]
    key, nul, text = data.partition(b"\0")
    try:
        tree = json.loads(text) if kind == b"tEXt" and chance.random() < 0.7 else None
        changed_data = key + nul + json.dumps(changed(tree, chance)).encode() if tree else b""
    except ValueError:
        changed_data = b""
    chunks[number] = kind, changed_data or (mutated(data, chance) if data else chance.randbytes(9))
    parts = [content[:8]]
    for kind, data in chunks:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        parts += [len(data).to_bytes(4, "big"), kind, data, crc]
    return b"".join(parts)


def changed(tree: Any, chance: random.Random) -> Any:
    """Return a copy in which one to three values or keys are replaced, left out or doubled."""
    tree = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = []
        todo = [tree]
        while todo:
            node = todo.pop()
            keys = range(len(node)) if isinstance(node, list) else node
            if isinstance(node, dict | list):
                places += [(node, key) for key in keys]
                todo += [node[key] for key in keys]
        if not places:
            return chance.choice(JUNK)
        node, key = chance.choice(places)
        kind = chance.random()
        if kind < 0.7:
            node[key] = copy.deepcopy(chance.choice(JUNK))
        elif kind < 0.85:
            del node[key]
        elif isinstance(node, dict):
            node[chance.choice(("x", "id", "", "like", "0"))] = node[key]
        else:
            node.append(node[key])
    return tree
