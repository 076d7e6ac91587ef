"""Times the engine against the stock ZImagePipeline: same weights, same settings, in turn.

On any machine, with the miniature:

    python tests/benchmarks/engine_vs_stock.py --json notebooks/reports/engine_vs_stock_cpu.json

On a GPU, with a full-size model (see full_size_model.py for one with random weights):

    python tests/benchmarks/engine_vs_stock.py --folder FOLDER --size 1024 --json FILE

``stock`` is ``ZImagePipeline.__call__`` as diffusers ships it, up to the PIL picture. ``engine``
is ``submit().result()`` with a prompt it has not seen, step previews and all; ``cached`` the
same with a prompt it has seen. ``saving`` adds the PNG: ``image.save`` for stock, the gallery
(metadata, fsync, index) for the engine. Ratios are against the stock row of the same kind.

Each of the two has a process of its own and they take turns, one waiting while the other
draws: in one process their OpenMP threads would get in each other's way and slow both down.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

PROMPT = "左边一个红色的圆，右边一个蓝色的方块"
CONTENDERS = {
    "stock": ("stock", "stock saving"),
    "engine": ("engine", "cached", "engine saving", "cached saving"),
}


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
    home = Path(tempfile.mkdtemp())
    model = "nano-turbo"
    if folder is not None:
        model = "measured"
        card = {"like": "z-image-turbo", "source": {"folder": str(folder.absolute())}}
        (home / "models.yaml").write_text(json.dumps({model: card}))  # JSON is YAML
    os.environ["ZIMG_HOME"] = str(home)
    context = multiprocessing.get_context("spawn")
    processes: dict[str, Connection] = {}
    workers: list[Any] = []
    facts: dict[str, Any] = {}
    for side in CONTENDERS:
        ours, theirs = context.Pipe()
        workers.append(context.Process(target=serve, args=(side, model, size, theirs), daemon=True))
        workers[-1].start()
        processes[side] = ours
        facts = ours.recv() or facts
    times: dict[str, list[float]] = {name: [] for names in CONTENDERS.values() for name in names}
    for number in range(rounds + 2):  # the first two rounds warm up
        for side, names in CONTENDERS.items():
            for name in names:
                processes[side].send(name)
                seconds = processes[side].recv()
                if number >= 2:
                    times[name].append(seconds)
    processes["engine"].send("memory")
    memory = processes["engine"].recv()
    for process in processes.values():
        process.send(None)  # the end
    for worker in workers:
        worker.join()
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        **facts,
        "rounds": rounds,
        "seconds": {
            name: {
                "median": round(medians[name], 4),
                "spread": [round(min(values), 4), round(max(values), 4)],
            }
            for name, values in times.items()
        },
        "stock_over": {
            name: round(medians[f"stock{kind}"] / medians[name], 3)
            for kind in ("", " saving")
            for name in (f"engine{kind}", f"cached{kind}")
        },
        "gpu_memory_gb": memory,
    }


def serve(side: str, model: str, size: int | None, pipe: Connection) -> None:
    """Run in a process of its own: draw what is asked for and answer with the seconds."""
    import zimg_kernel as zimg

    engine = zimg.LocalEngine(zimg.Gallery())
    params = zimg.GenerationParams(model=model, prompt=PROMPT, width=size, height=size, seed=1)
    card = zimg.get_card(model)
    params = card.fill(params)
    unseen = (f"{PROMPT}，{number}" for number in itertools.count())
    contenders = stock_side(card, params, unseen) if side == "stock" else {}
    if side == "engine":
        engine.submit(params).result()
        contenders = engine_side(engine, params, unseen)
    pipe.send(facts_of(engine, params) if side == "engine" else None)
    while (name := pipe.recv()) is not None:
        if name == "memory":
            pipe.send(gpu_memory(contenders["engine"]))
            continue
        start = time.perf_counter()
        contenders[name]()
        pipe.send(time.perf_counter() - start)


def stock_side(card: Any, params: Any, unseen: Any) -> dict[str, Callable[[], Any]]:
    """Return what plain diffusers is asked to do."""
    import torch
    from diffusers import ZImagePipeline

    from zimg_kernel.models.device import pick_device, pick_dtype
    from zimg_kernel.models.weights import require_weights

    device = pick_device()
    stock = ZImagePipeline.from_pretrained(require_weights(card), dtype=pick_dtype(card, device))
    stock.to(device)
    stock.set_progress_bar_config(disable=True)
    file = Path(tempfile.mkdtemp()) / "stock.png"

    def draw() -> Any:
        return stock(
            prompt=next(unseen),
            width=params.width,
            height=params.height,
            num_inference_steps=params.steps,
            guidance_scale=params.guidance,
            generator=torch.Generator("cpu").manual_seed(1),
        ).images[0]

    return {"stock": draw, "stock saving": lambda: draw().save(file)}


def engine_side(engine: Any, params: Any, unseen: Any) -> dict[str, Callable[[], Any]]:
    """Return what the engine is asked to do."""

    def drawing(new_prompt: bool, save: bool) -> Callable[[], Any]:
        def draw() -> Any:
            prompt = next(unseen) if new_prompt else PROMPT
            return engine.submit(params.replace(prompt=prompt), save=save).result()

        return draw

    return {
        "engine": drawing(True, False),
        "cached": drawing(False, False),
        "engine saving": drawing(True, True),
        "cached saving": drawing(False, True),
    }


def facts_of(engine: Any, params: Any) -> dict[str, Any]:
    """Return what was measured, and on what."""
    import torch

    from zimg_kernel.engine.versions import software_versions
    from zimg_kernel.models.device import describe

    transformer = engine.pipeline(params.model).transformer
    device = next(transformer.parameters()).device
    return {
        "what": f"{params.model}, {params.width}x{params.height}, {params.steps} steps, batch 1",
        "device": describe(device, transformer.dtype),
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
        "versions": software_versions(),
    }


def gpu_memory(draw: Callable[[], Any]) -> dict[str, float]:
    """Return GB of weights and peak while a picture is drawn; empty without CUDA."""
    import torch

    if not torch.cuda.is_available():
        return {}
    torch.cuda.reset_peak_memory_stats()
    weights = torch.cuda.memory_allocated()
    draw()
    peak = torch.cuda.max_memory_allocated()
    return {"weights": round(weights / 1e9, 2), "peak": round(peak / 1e9, 2)}


if __name__ == "__main__":
    main()
