"""Times pictures by onnxruntime against the stock ZImagePipeline on a CPU, in turn.

    python tests/benchmarks/onnx_vs_stock.py --json notebooks/reports/onnx_cpu.json

``stock`` is ``ZImagePipeline.__call__`` as diffusers ships it, up to the PIL picture; ``onnx`` and
``onnx-int8`` are the same calls of a model loaded with that runtime. Each has a process of its own
with the same number of threads, and they take turns; each round gives one ratio, of which the
median counts. The processor's time of a picture with one thread is given, too: other programs on
the machine change it little. Differences of pixels and the signal-to-noise ratio are against
stock's picture of the same prompt and seed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MODELS = ("nano-turbo", "nano-base")
SIDES = ("stock", "onnx", "onnx-int8")
PROMPTS = (
    "左边一个红色的圆，右边一个蓝色的方块",
    "a green star",
    "a yellow triangle above a purple circle",
    "一个橙色的菱形",
    "a red square to the left of a blue circle",
)


def main() -> None:
    """Run the comparison and print it; write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--size", type=int, default=256, help="side in px")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("ZIMG_HOME", tempfile.mkdtemp())
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    report: dict[str, Any] = {**facts(options.threads), "size": options.size, "models": {}}
    for model in MODELS:
        found = compare(model, options.size, options.threads, options.rounds)
        report["models"][model] = found
        for side, row in found.items():
            print(model, side, json.dumps(row))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def compare(model: str, size: int, threads: int, rounds: int) -> dict[str, Any]:
    """Return seconds, ratios and differences of each side."""
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    for side in SIDES:
        ours, theirs = context.Pipe()
        context.Process(
            target=serve, args=(side, model, size, threads, theirs), daemon=True
        ).start()
        theirs.close()
        ours.recv()
        pipes[side] = ours
    walls: dict[str, list[float]] = {side: [] for side in SIDES}
    works: dict[str, list[float]] = {side: [] for side in SIDES}
    pixels: dict[str, list[Any]] = {side: [] for side in SIDES}
    for number in range(-2, rounds):  # the first two rounds warm up
        for side in SIDES:
            wall, _, picture = ask(pipes[side], number, threads)
            if number >= 0:
                walls[side].append(wall)
                pixels[side].append(picture)
    for number in range(-1, max(3, rounds // 3)):
        for side in SIDES:
            _, work, _ = ask(pipes[side], number, 1)
            if number >= 0:
                works[side].append(work)
    for pipe in pipes.values():
        pipe.send(None)
    return {side: row(side, walls, works, pixels) for side in SIDES}


def ask(pipe: Connection, number: int, threads: int) -> Any:
    """Have one side draw the picture of a round."""
    pipe.send((number, threads))
    return pipe.recv()


def row(side: str, walls: Any, works: Any, pixels: Any) -> dict[str, Any]:
    """Return the figures of one side against stock."""
    import numpy as np

    ratios = [one / other for one, other in zip(walls["stock"], walls[side], strict=True)]
    quarters = statistics.quantiles(ratios, n=4)
    differences = [
        one.astype(int) - other for one, other in zip(pixels["stock"], pixels[side], strict=True)
    ]
    noise = [float((one**2).mean()) for one in differences]
    known = [10 * float(np.log10(255**2 / value)) for value in noise if value]
    return {
        "seconds": round(statistics.median(walls[side]), 4),
        "seconds_spread": [round(min(walls[side]), 4), round(max(walls[side]), 4)],
        "stock_over": round(statistics.median(ratios), 3),
        "stock_over_quartiles": [round(quarters[0], 3), round(quarters[2], 3)],
        "fastest_over_fastest": round(min(walls["stock"]) / min(walls[side]), 3),
        "processor_seconds_1_thread": round(statistics.median(works[side]), 4),
        "stock_over_in_processor_time": round(
            statistics.median(works["stock"]) / statistics.median(works[side]), 3
        ),
        "largest_difference": max(int(np.abs(one).max()) for one in differences),
        "psnr_db": None
        if not known
        else [round(min(known), 1), round(statistics.median(known), 1)],
    }


def serve(side: str, model: str, size: int, threads: int, pipe: Connection) -> None:
    """Draw in a process of its own what is asked for; answer with seconds and pixels."""
    import numpy as np
    import torch

    import zimg_kernel as zimg

    torch.set_num_threads(threads)
    card = zimg.get_card(model)
    pipelines = {threads: load(side, card)}
    pipe.send(None)
    while (asked := pipe.recv()) is not None:
        number, wanted = asked
        torch.set_num_threads(wanted)
        if wanted not in pipelines:
            pipelines[wanted] = load(side, card)
        generator = torch.Generator("cpu").manual_seed(number + 10)
        start, work = time.perf_counter(), time.process_time()
        image = pipelines[wanted](
            prompt=PROMPTS[number % len(PROMPTS)],
            width=size,
            height=size,
            num_inference_steps=card.steps,
            guidance_scale=card.guidance,
            generator=generator,
        ).images[0]
        seconds = time.perf_counter() - start, time.process_time() - work
        pipe.send((*seconds, np.asarray(image)))


def load(side: str, card: Any) -> Any:
    """Return the stock pipeline, or that of a model loaded with a runtime."""
    import torch
    from diffusers import ZImagePipeline

    from zimg_kernel.models.load_profile import LoadProfile
    from zimg_kernel.models.loading import load_model
    from zimg_kernel.models.weights import require_weights

    folder = require_weights(card)
    if side == "stock":
        pipe = ZImagePipeline.from_pretrained(folder, dtype=torch.float32)
        pipe.set_progress_bar_config(disable=True)
        return pipe
    profile = LoadProfile("float32", runtime=side)  # type: ignore[arg-type]
    return load_model(card, folder, torch.device("cpu"), {}, False, profile).pipe


def facts(threads: int) -> dict[str, Any]:
    """Return what was measured, and on what."""
    from importlib.metadata import version

    names = ("torch", "diffusers", "transformers", "onnxruntime", "onnx", "onnxscript")
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line for line in lines if line.startswith("model name")]
    return {
        "command": "python " + " ".join(sys.argv),
        "what": "whole picture with a new prompt, to the PIL picture; stock is ZImagePipeline",
        "processor": models[0].partition(":")[2].strip() if models else "",
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "load_before": [round(value, 2) for value in os.getloadavg()],
        "versions": {name: version(name) for name in names},
    }


if __name__ == "__main__":
    main()
