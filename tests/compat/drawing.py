"""The pictures that every version must draw alike: how they are drawn and compared."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image, ImageDraw

import zimg_kernel as zimg
from zimg_kernel import GeneratedImage, edit
from zimg_kernel.grid import Grid, swap
from zimg_kernel.nano import TURBO

DATA = Path(__file__).with_name("data")
PIXELS = DATA / "pixels"
HOME = "{home}"  # stands in stored files for the folder that they were written in
# On another machine: how far channel values may be apart, of 255; see differences().
NEAR_MEAN = 0.03
NEAR = 2
NEAR_SHARE = 0.999


def all_cases() -> list[dict[str, Any]]:
    """Return the cases of ``cases.yaml``."""
    return yaml.safe_load((DATA / "cases.yaml").read_text(encoding="utf-8"))


def draw(case: dict[str, Any], folder: Path) -> list[GeneratedImage]:
    """Draw a case by the default engine; what is written beside the gallery goes into a folder."""
    how = case["how"]
    if how == "generate":
        drawn = zimg.generate(case["params"], progress=False)
        return list(drawn) if isinstance(drawn, list) else [drawn]
    if how == "batch":
        results = zimg.batch_generate(case["prompts"], folder, **case["params"])
        assert not results.failures
        return [result.image for result in results if result.image is not None]
    if how == "grid":
        y = swap(case["y"]["swap"], case["y"]["words"])
        return list(
            Grid(case["params"], x=case["x"], y=y, folder=folder).run(progress=False).images
        )
    given = dict(case["given"])
    source = PIXELS / f"{case['source']}.png"
    if "mask" in case:
        given["mask"] = rectangle(Image.open(source).size, tuple(case["mask"]))
    if how == "control":
        write_control_network(Path(os.environ["ZIMG_HOME"]) / "nets" / "lines")
    return list(getattr(edit, how)(source, **given).results())


def rectangle(size: tuple[int, int], corners: tuple[int, ...]) -> Image.Image:
    """Return a mask that is white in a rectangle."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rectangle(corners, fill=255)
    return mask


def write_control_network(folder: Path) -> None:
    """Write an untrained ControlNet that fits nano-turbo, too large to be kept as a file.

    Its numbers come from numpy's old generator, which never changes.
    """
    import torch
    from diffusers import ZImageControlNetModel

    config = json.loads((TURBO / "transformer" / "config.json").read_text(encoding="utf-8"))
    net = ZImageControlNetModel(
        control_layers_places=[0, 2, 4],
        control_refiner_layers_places=list(range(config["n_refiner_layers"])),
        control_in_dim=33,
        add_control_noise_refiner="control_noise_refiner",
        **{name: config[name] for name in ("dim", "n_refiner_layers", "n_heads", "n_kv_heads")},
    )
    numbers = np.random.RandomState(0)
    with torch.no_grad():
        for name, values in sorted(net.named_parameters()):
            if values.ndim == 1:
                values.fill_(1.0 if "norm" in name else 0.0)
                continue
            spread = 0.01 if "_proj." in name else values.shape[-1] ** -0.5
            drawn = numbers.standard_normal(tuple(values.shape)) * spread
            values.copy_(torch.from_numpy(drawn.astype(np.float32)))
    net.save_pretrained(folder)


def sha256(image: Image.Image) -> str:
    """Return the SHA-256 of the raw RGB pixels."""
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def machine() -> dict[str, Any]:
    """Return what decides the last bit of a picture: processor, threads and libraries."""
    import torch

    return {
        "capability": torch.backends.cpu.get_cpu_capability(),
        "processor": processor(),
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in ("torch", "diffusers", "transformers")},
    }


def processor() -> str:
    """Return maker, family, model and name of the processor."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    facts = {name.strip(): value.strip() for name, _, value in lines}
    wanted = ("vendor_id", "cpu family", "model", "model name")
    return ", ".join(facts[name] for name in wanted if name in facts) or platform.machine()


def recorded() -> dict[str, Any]:
    """Return ``pixels.json``: the machine that drew the pictures, and their hashes."""
    return json.loads((DATA / "pixels.json").read_text(encoding="utf-8"))


def differences(found: Image.Image, wanted: Image.Image) -> str:
    """Return in words how two pictures differ; an empty text if they do not more than they may.

    Processors add and multiply in different orders and widths: which kernels torch takes, and
    so the last bits of a sum, depend on the processor, its instructions, the number of threads
    and the versions of the libraries. Only where all these are as they were, pixels must be
    the same; elsewhere a picture must be nearly the same. With AVX2 or SSE instead of AVX-512,
    or two threads instead of one, channel values of these pictures are apart by 0.003 on average
    and by 1 at most. The bounds leave ten times as much, and no more: the miniature draws a
    scene much alike with every seed, so another seed may move the mean by no more than 0.036.
    """
    if found.size != wanted.size:
        return f"{found.size} instead of {wanted.size} px"
    a, b = (np.asarray(image.convert("RGB"), dtype=int) for image in (found, wanted))
    apart = np.abs(a - b)
    mean, near = float(apart.mean()), float((apart <= NEAR).mean())
    said = (
        f"apart by {mean:.4f} on average, {100 * near:.2f} % within {NEAR}, {apart.max()} at most"
    )
    if machine() == recorded()["machine"]:
        return said if apart.any() else ""
    return said if mean > NEAR_MEAN or near < NEAR_SHARE else ""
