"""Times the rebuild of a gallery with pictures of ten tools, some of them broken.

    python tests/benchmarks/gallery_rebuild.py --json notebooks/reports/gallery_rebuild_cpu.json

Pictures of 1024 px by this workbench (PNG, JPEG, WebP), A1111 (PNG), Civitai (JPEG), Forge
(WebP), ComfyUI (PNG with its workflow; WebP), InvokeAI, SwarmUI, Fooocus, NovelAI, Draw Things and
mflux are written; a share of them is broken in one of several ways. The rate counts all files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from foreign_files import A1111, png, turbo, with_exif
from zimg_kernel import Gallery, GeneratedImage, GenerationParams

SIDE = 1024
_WORKFLOW = {"nodes": [{"id": i, "type": "KSampler", "pos": [i, i]} for i in range(200)]}


def main() -> None:
    """Make the gallery, rebuild it, print the rate, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--broken", type=float, default=0.05, help="share of broken files")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "gallery"
        broken = make_gallery(folder, given.count, given.broken)
        start = time.perf_counter()
        gallery = Gallery(folder)
        found = gallery.rebuild()
        seconds = time.perf_counter() - start
        listed = {file.path for file in gallery.unread}
    result = {
        "files": given.count,
        "broken": len(broken),
        "listed": len(listed & broken),
        "listed wrongly": len(listed - broken),
        "found": found,
        "seconds": round(seconds, 3),
        "files per second": round(given.count / seconds, 1),
        "cores": os.cpu_count(),
    }
    for key, value in result.items():
        print(f"{key:18}{value}")
    for file in gallery.unread[:5]:
        print(f"  {file.reason.replace(place, '')}")
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def make_gallery(folder: Path, count: int, share: float) -> set[Path]:
    """Write the pictures, and break some; return the paths of those."""
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as place:
        kinds = make_kinds(Path(place))
        broken = set(chance.sample(range(count), round(count * share)))
        paths = set()
        for number in range(count):
            model = kinds[number % len(kinds)]
            path = folder / f"2026-01-{number % 28 + 1:02}" / f"{number}-{model.name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(model, path)
            if number in broken:
                break_file(path, chance)
                paths.add(path)
    return paths


def break_file(path: Path, chance: random.Random) -> None:
    """Break a file as disks and downloads do."""
    content = path.read_bytes()
    kind = chance.randrange(4)
    if kind == 0:
        path.write_bytes(b"")
    elif kind == 1:
        path.write_bytes(content[: chance.randrange(1, len(content) // 2)])
    elif kind == 2:
        path.write_bytes(bytes(len(content)))
    else:
        path.write_text("<html><body>404 Not Found</body></html>")


def make_kinds(folder: Path) -> list[Path]:
    """Write one picture of each tool."""
    params = GenerationParams(
        prompt="a red circle on a blue ground, studio light", model="z-image-turbo", width=SIDE,
        height=SIDE, steps=8, guidance=0, seed=1,
    )  # fmt: skip
    ours = GeneratedImage(picture(), params)
    comment = b"UNICODE\0" + A1111.encode("utf-16-le")
    swarm = {"sui_image_params": {"prompt": "a red circle", "seed": 1, "steps": 8, "cfgscale": 1}}
    invoke = {"positive_prompt": "a red circle", "negative_prompt": None, "seed": 1, "steps": 8}
    fooocus = {"prompt": "a red fox", "base_model": "x", "seed": "1", "steps": 30, "loras": []}
    nai = {"uc": "blur", "seed": 1, "steps": 28, "scale": 5, "prompt": "a red circle"}
    mflux = {"mflux_version": "0.12", "prompt": "a red circle", "seed": 1, "steps": 8}
    things = '<exif:UserComment>{"c": "a red circle", "seed": 1, "steps": 8}</exif:UserComment>'
    made: list[Path] = [ours.save(folder / f"ours.{ending}") for ending in ("png", "jpg", "webp")]
    chunks: dict[str, dict[str, Any]] = {
        "a1111": {"parameters": A1111},
        "comfyui": {"prompt": turbo(), "workflow": _WORKFLOW},
        "invokeai": {"invokeai_metadata": invoke},
        "swarmui": {"parameters": swarm},
        "fooocus": {"parameters": fooocus},
        "novelai": {"Comment": nai, "Description": "a red circle", "Software": "NovelAI"},
        "draw-things": {"XML:com.adobe.xmp": things},
    }
    made += [
        png(folder / f"{tool}.png", image=picture(), **texts) for tool, texts in chunks.items()
    ]
    made.append(with_exif(folder / "civitai.jpg", comment, image=picture()))
    made.append(with_exif(folder / "forge.webp", comment, image=picture()))
    tags = {0x0110: f"prompt:{json.dumps(turbo())}"}
    made.append(with_exif(folder / "comfyui.webp", tags=tags, image=picture()))
    made.append(with_exif(folder / "mflux.jpg", json.dumps(mflux).encode(), image=picture()))
    return made


def picture() -> Image.Image:
    """Return a picture with the structure of a photograph."""
    noise = Image.effect_noise((SIDE // 8, SIDE // 8), 90).convert("RGB")
    return noise.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


if __name__ == "__main__":
    main()
