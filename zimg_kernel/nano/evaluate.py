"""Measures how well a model follows prompts: ``python -m zimg_kernel.nano.evaluate --n 200``.

Prompts come from scenes sampled with a seed of their own; the judge reads each picture back.
A prompt says only what the judge tests.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from zimg_kernel.nano import TURBO
from zimg_kernel.nano.captions import LANGUAGES, caption
from zimg_kernel.nano.judge import score
from zimg_kernel.nano.world import Scene, sample_scene

Draw = Callable[[list[str], list[int], int, int], list[Image.Image]]
"""draw(prompts, seeds, width, height) gives one picture for each prompt."""

MIX: dict[str, tuple[float, dict[str, Any]]] = {
    "single": (0.25, {"kind": "single", "placed": False}),
    "placed": (0.2, {"kind": "single", "placed": True}),
    "two": (0.3, {"kind": "two"}),
    "count": (0.15, {"kind": "count"}),
    "unseen": (0.1, {"kind": "single", "placed": False, "unseen": True}),
}
ROWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "single: colour and shape": (("single", "placed"), ("count", "colour", "shape")),
    "single: colour, shape and place": (("placed",), ("count", "colour", "shape", "place")),
    "two: relation right": (("two",), ("relation",)),
    "two: all right": (("two",), ("all",)),
    "count 1-5: all right": (("count",), ("all",)),
    "unseen pairs: colour and shape": (("unseen",), ("count", "colour", "shape")),
}
"""Each row: the groups of prompts it is taken over, and the checks that must all hold."""


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def prompts(n: int, seed: int) -> list[tuple[str, str, Scene, str]]:
    """``n`` items (group, language, scene, prompt), half in each language."""
    rng = random.Random(f"evaluate {seed}")
    items = []
    for group, (share, options) in MIX.items():
        for i in range(max(2, round(n * share))):
            lang = LANGUAGES[i % 2]
            scene = sample_scene(rng, details=False, **options)
            items.append((group, lang, scene, caption(scene, rng, lang, extras=False)))
    return items


def table(results: Iterable[tuple[str, str, dict[str, bool]]]) -> dict[str, dict[str, Any]]:
    """Figures by row and language from (group, language, checks)."""
    results = list(results)
    rows: dict[str, dict[str, Any]] = {}
    for row, (groups, checks) in ROWS.items():
        rows[row] = {}
        for lang in (*LANGUAGES, "all"):
            chosen = [r for g, where, r in results if g in groups and lang in (where, "all")]
            hits = sum(all(r[c] for c in checks) for r in chosen)
            low, high = wilson(hits, len(chosen))
            rows[row][lang] = {
                "hits": hits,
                "n": len(chosen),
                "rate": round(hits / max(1, len(chosen)), 4),
                "interval": [round(low, 4), round(high, 4)],
            }
    return rows


def evaluate(
    draw: Draw, n: int = 200, seed: int = 1, *, size: int = 256, batch: int = 1
) -> dict[str, Any]:
    """Measure a model.

    Parameters
    ----------
    draw : callable
        Makes pictures, see ``Draw``.
    n : int
        Number of prompts in all.
    seed : int
        Chooses scenes, wordings and noise.
    size : int
        Width and height in pixels.
    batch : int
        Prompts given to ``draw`` at once.

    Returns
    -------
    dict
        ``rows``: hits, n, rate and 95 % interval by row and language (zh, en, all);
        ``misses``: prompts whose picture failed; ``seconds_per_picture``.
    """
    items = prompts(n, seed)
    results, misses, spent = [], [], 0.0
    for start in range(0, len(items), batch):
        part = items[start : start + batch]
        seeds = [seed * 1_000_003 + start + k for k in range(len(part))]
        before = time.perf_counter()
        pictures = draw([p for *_, p in part], seeds, size, size)
        spent += time.perf_counter() - before
        for (group, lang, scene, prompt), picture, s in zip(part, pictures, seeds, strict=True):
            checks = score(picture, scene)
            results.append((group, lang, checks))
            if not checks["all"]:
                wrong = [name for name, right in checks.items() if not right and name != "all"]
                misses.append({"prompt": prompt, "seed": s, "group": group, "wrong": wrong})
    return {
        "n": len(items),
        "seed": seed,
        "size": size,
        "rows": table(results),
        "seconds_per_picture": round(spent / len(items), 4),
        "misses": misses,
    }


def as_text(report: dict[str, Any]) -> str:
    """The report as a table of percentages with intervals."""
    lines = [f"| {'figure':<32} | zh | en | all |", "|---|---|---|---|"]
    for row, by in report["rows"].items():
        cells = [
            f"{100 * c['rate']:.1f} % ({100 * c['interval'][0]:.1f}-{100 * c['interval'][1]:.1f})"
            for c in (by[lang] for lang in (*LANGUAGES, "all"))
        ]
        lines.append(f"| {row:<32} | {' | '.join(cells)} |")
    return "\n".join(lines)


def stock_draw(folder: Path, device: str = "cpu", steps: int = 8) -> Draw:
    """A ``draw`` that uses diffusers' own ``ZImagePipeline`` on a folder."""
    import torch
    from diffusers import ZImagePipeline

    pipe = ZImagePipeline.from_pretrained(folder, dtype=torch.float32).to(device)
    pipe.set_progress_bar_config(disable=True)

    def draw(texts: list[str], seeds: list[int], width: int, height: int) -> list[Image.Image]:
        images: list[Image.Image] = pipe(
            prompt=list(texts),
            width=width,
            height=height,
            num_inference_steps=steps,
            guidance_scale=0.0,
            generator=[torch.Generator().manual_seed(s) for s in seeds],
        ).images
        return images

    return draw


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, print the table and write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=TURBO, help="a diffusers folder")
    parser.add_argument("--n", type=int, default=200, help="number of prompts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path, help="where to write the report")
    args = parser.parse_args(arguments)
    draw = stock_draw(args.folder, args.device, args.steps)
    draw(["warm up"], [0], args.size, args.size)
    report = evaluate(draw, args.n, args.seed, size=args.size, batch=args.batch)
    print(as_text(report))
    print(f"{report['seconds_per_picture']:.2f} s a picture")
    if args.json:
        text = json.dumps(report, ensure_ascii=False, indent=1)
        args.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
