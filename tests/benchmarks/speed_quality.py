"""Measures what 8 bits do to pictures of the miniature, on any CPU.

    python tests/benchmarks/speed_quality.py --json notebooks/reports/speed_quality_nano_cpu.json

Nano-turbo draws fresh prompts of the evaluation (``zimg nano eval``) at 256 px in 8 steps with the
same noise: in float32, in bfloat16 by stock modules and by the exact forward, and by the fast one,
whose products take rows and columns in fp8 (torch's, as cards round them; attention stays in
bfloat16). Told are PSNR against stock bfloat16 and against float32, medians with their extremes,
and how many pictures are right in everything as the miniature's judge reads them.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from zimg_kernel import GenerationParams, get_card
from zimg_kernel.engine.versions import software_versions
from zimg_kernel.models.load_profile import LoadProfile
from zimg_kernel.models.loading import load_model
from zimg_kernel.models.weights import require_weights
from zimg_kernel.nano.evaluate.cases import check, share, text_cases
from zimg_kernel.sampling.prompt_embeddings import PromptCache
from zimg_kernel.sampling.sampler import Sampler
from zimg_kernel.speed.forward import FastForward

CPU = torch.device("cpu")
WAYS = {
    "float32": ("float32", None),
    "stock": ("bfloat16", None),
    "exact": ("bfloat16", False),
    "fast": ("bfloat16", True),
}
"""Number format, and whether the fast forward takes fp8; None is the stock forward."""


def drawer(dtype: str, fp8: bool | None) -> Callable[[str], np.ndarray]:
    """Return what draws a prompt in one way."""
    card = get_card("nano-turbo")
    folder = require_weights(card)
    model = load_model(card, folder, CPU, {}, offload=False, profile=LoadProfile(dtype))
    if fp8 is not None:
        FastForward(model.pipe.transformer, CPU, fp8=fp8)
    sampler = Sampler(model, PromptCache())

    def draw(prompt: str) -> np.ndarray:
        params = card.fill(GenerationParams(prompt=prompt, seed=1))
        made = sampler.draw(params, lambda *_: None, lambda: False, "none")
        assert made is not None
        return np.asarray(made.image)

    return draw


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return the peak signal to noise ratio in dB."""
    error = float(((one.astype(float) - other) ** 2).mean())
    return 10 * float(np.log10(255**2 / error)) if error else 99.0


def spread(values: list[float]) -> dict[str, float]:
    """Return the median with the least and the most."""
    found = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return {name: round(value, 1) for name, value in found.items()}


def main() -> None:
    """Draw, compare, judge, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=20, help="how many prompts")
    parser.add_argument("--seed", type=int, default=20264)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cases = text_cases(given.n, given.seed)
    pictures = {}
    for name, way in WAYS.items():
        draw = drawer(*way)
        pictures[name] = [draw(case.prompt) for case in cases]
        print(name, flush=True)
    found: dict[str, Any] = {
        "command": f"python tests/benchmarks/speed_quality.py --n {given.n} --seed {given.seed}",
        "n": given.n,
        "versions": software_versions(),
    }
    for name, drawn in pictures.items():
        right = [passes(case, picture) for case, picture in zip(cases, drawn, strict=True)]
        found[name] = {"right": share(sum(right), len(right))}
        for other in ("stock", "float32"):
            if name not in ("float32", other):
                pairs = zip(drawn, pictures[other], strict=True)
                found[name][f"PSNR dB against {other}"] = spread([psnr(*pair) for pair in pairs])
    print(json.dumps(found, ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def passes(case: Any, picture: np.ndarray) -> bool:
    """Whether everything that is judged holds."""
    checks = check(case, Image.fromarray(picture))
    return bool(checks["word"] if case.scene.sign is not None else checks["all"])


if __name__ == "__main__":
    main()
