"""Measures what rounding to fp8 does to the miniature's steps, block by block, on any machine.

    python tests/benchmarks/fp8_error.py --json notebooks/reports/fp8_error.json

For each block that computes in fp8 under ``speed=fast``: the relative error of a step's prediction
against float32 where that block alone is in fp8 and all else in bf16, beside bf16 alone and all
blocks in fp8; medians over prompts and times. The torch versions of the kernels are used on a CPU.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
from pathlib import Path
from typing import Any

import torch

PROMPTS = (
    "一个红色的圆",
    "左边一个蓝色的方块，右边一棵树",
    "a green triangle above a yellow circle",
    "夜晚的山和月亮",
    "a sign that says 欢迎",
)
TIMES = (0.1, 0.4, 0.8)


def main() -> None:
    """Measure and print a table; write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="nano-turbo")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(given.model)
    for name, error in found["relative error of a step"].items():
        print(f"{name:18} {error:.4f}")
    if given.json:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


@torch.inference_mode()
def measure(name: str) -> dict[str, Any]:
    """Return errors by what is in fp8."""
    from zimg_kernel import get_card
    from zimg_kernel.models.load_profile import LoadProfile
    from zimg_kernel.models.loading import load_model
    from zimg_kernel.models.weights import require_weights
    from zimg_kernel.z_image.embeddings import encode

    card, cpu = get_card(name), torch.device("cpu")
    profile = LoadProfile("float32")
    model = load_model(card, require_weights(card), cpu, {}, offload=False, profile=profile)
    stock = model.pipe.transformer
    width, height = card.default_size
    asked = []
    for number, text in enumerate(PROMPTS):
        noise = torch.Generator().manual_seed(number)
        size = (stock.config.in_channels, 1, height // 8, width // 8)
        asked.append((torch.randn(size, generator=noise), encode(model, text)))
    true = [
        stock([x], torch.tensor([time]), [words], return_dict=False)[0][0]
        for x, words in asked
        for time in TIMES
    ]
    blocks = [("noise_refiner", i) for i in range(len(stock.noise_refiner))]
    blocks += [("layers", i) for i in range(len(stock.layers))]
    errors = {
        "bf16": _error(stock, blocks, asked, true),
        "all in fp8": _error(stock, [], asked, true),
    }
    for block in blocks:
        kept = [other for other in blocks if other != block]
        errors[f"{block[0]} {block[1]}"] = _error(stock, kept, asked, true)
    command = f"python tests/benchmarks/fp8_error.py --model {name}"
    return {"command": command, "model": name, "relative error of a step": errors}


def _error(
    stock: Any, kept: list[tuple[str, int]], asked: list[Any], true: list[torch.Tensor]
) -> float:
    from zimg_kernel.speed.forward import FastForward

    module = copy.deepcopy(stock).to(torch.bfloat16)
    FastForward(module, torch.device("cpu"), fp8=True, kept=kept)
    errors, right = [], iter(true)
    for x, words in asked:
        for time in TIMES:
            given = [x.bfloat16()], torch.tensor([time]), [words.bfloat16()]
            found, expected = module(*given, return_dict=False)[0][0].float(), next(right)
            errors.append(float((found - expected).norm() / expected.norm()))
    return round(statistics.median(errors), 5)


if __name__ == "__main__":
    main()
