"""Times the engine against the stock ZImagePipeline: same weights, same settings, in turn.

On any machine, with the miniature:

    python tests/benchmarks/engine_vs_stock.py --json notebooks/reports/engine_vs_stock_cpu.json

On a GPU, with a full-size model (see full_size_model.py for one with random weights):

    python tests/benchmarks/engine_vs_stock.py --folder FOLDER --size 1024 --json FILE

``stock`` is ``ZImagePipeline.__call__`` as diffusers ships it, up to the PIL picture. ``engine``
is ``submit().result()`` with a prompt it has not seen, step previews and all; ``cached`` the
same with a prompt it has seen. ``saving`` adds the PNG: ``image.save`` for stock, the gallery
(metadata, fsync, index) for the engine. Ratios are against the stock row of the same kind.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROMPT = "左边一个红色的圆，右边一个蓝色的方块"


def main() -> None:
    """Run the comparison and print it as a table; write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a diffusers folder; the miniature otherwise")
    parser.add_argument("--size", type=int, help="side in px; the model's default otherwise")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = compare(options.folder, options.size, options.rounds)
    for name, row in report["seconds"].items():
        low, high = row["spread"]
        ratio = report["stock_over"].get(name)
        faster = f"  stock / this = {ratio:.2f}" if ratio else ""
        print(f"{name:14} median {row['median']:.3f} s  ({low:.3f} to {high:.3f}){faster}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def compare(folder: Path | None, size: int | None, rounds: int) -> dict[str, Any]:
    """Return medians, spreads and ratios; each round runs every contender once."""
    import torch

    from zimg_kernel import Gallery, GenerationParams, LocalEngine
    from zimg_kernel.device import describe
    from zimg_kernel.engine import software_versions

    home = Path(tempfile.mkdtemp())
    os.environ["ZIMG_HOME"] = str(home)
    model = "nano-turbo"
    if folder is not None:
        model = "measured"
        card = {"like": "z-image-turbo", "source": {"folder": str(folder)}}
        (home / "models.yaml").write_text(json.dumps({model: card}))  # JSON is YAML
    engine = LocalEngine(Gallery(home / "gallery"))
    pipe = engine.pipeline(model)
    params = GenerationParams(model=model, prompt=PROMPT, width=size, height=size, seed=1)
    params = engine.submit(params).result().params
    unseen = (f"{PROMPT}，{number}" for number in range(10_000))

    def stock() -> Any:
        pipe.scheduler = fresh_scheduler
        return pipe(
            prompt=next(unseen),
            width=params.width,
            height=params.height,
            num_inference_steps=params.steps,
            guidance_scale=params.guidance,
            generator=torch.Generator("cpu").manual_seed(1),
        ).images[0]

    def ours(prompt: Callable[[], str], save: bool) -> Callable[[], None]:
        return lambda: engine.submit(params.replace(prompt=prompt()), save=save).result() and None

    fresh_scheduler = type(pipe.scheduler).from_config(pipe.scheduler.config)
    contenders = {
        "stock": stock,
        "engine": ours(lambda: next(unseen), save=False),
        "cached": ours(lambda: PROMPT, save=False),
        "stock saving": lambda: stock().save(home / "stock.png"),
        "engine saving": ours(lambda: next(unseen), save=True),
        "cached saving": ours(lambda: PROMPT, save=True),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 2):  # the first two rounds warm up
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            if number >= 2:
                times[name].append(time.perf_counter() - start)
    seconds = {
        name: {"median": statistics.median(values), "spread": [min(values), max(values)]}
        for name, values in times.items()
    }
    device = next(pipe.transformer.parameters()).device
    memory = {}
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        weights = torch.cuda.memory_allocated()
        contenders["engine"]()
        peak = torch.cuda.max_memory_allocated()
        memory = {"weights": round(weights / 1e9, 2), "peak": round(peak / 1e9, 2)}
    return {
        "what": f"{model}, {params.width}x{params.height}, {params.steps} steps, batch 1",
        "device": describe(device, pipe.transformer.dtype),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "seconds": {n: round_all(v) for n, v in seconds.items()},
        "stock_over": {
            name: round(seconds[f"stock{kind}"]["median"] / seconds[name]["median"], 3)
            for kind in ("", " saving")
            for name in (f"engine{kind}", f"cached{kind}")
        },
        "gpu_memory_gb": memory,
        "versions": software_versions(),
    }


def round_all(row: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a row to a tenth of a millisecond."""
    return {"median": round(row["median"], 4), "spread": [round(v, 4) for v in row["spread"]]}


if __name__ == "__main__":
    main()
