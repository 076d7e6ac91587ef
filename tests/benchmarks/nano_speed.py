"""Times a picture of each miniature by its parts, warm, from the request to the saved PNG.

    python tests/benchmarks/nano_speed.py --json notebooks/reports/nano_speed_cpu.json

Every picture has a prompt of its own, so that the text encoder works each time. Its parts are
what the picture's own record says; "rest" is what the whole takes beyond them: checking, the
PNG, the index. An edit goes through diffusers' own pipeline, which encodes the source and the
instruction in the part that is called transformer here. What stock diffusers takes for the same
picture is measured by engine_vs_stock.py.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

import torch

from zimg_kernel import Gallery, GenerationParams, Job, LocalEngine
from zimg_kernel.edit import instruct
from zimg_kernel.engine.versions import software_versions

COLOURS = ("red", "blue", "green", "yellow", "purple", "orange")
THINGS = ("circle", "square", "star", "heart", "triangle", "house")
MODELS = ("nano-turbo", "nano-base", "nano-edit")
PARTS = ("text_encoder", "transformer", "vae")


def requests() -> Iterator[dict[str, str]]:
    """What each model is asked for; no two are alike (base and turbo share a text encoder)."""
    for (colour, thing), other in zip(
        product(COLOURS, THINGS), product(THINGS, COLOURS), strict=True
    ):
        if (thing, colour) == other:
            continue
        new = COLOURS[COLOURS.index(colour) - 1]
        yield {
            "nano-turbo": f"a {colour} {thing} beside a {other[1]} {other[0]}",
            "nano-base": f"a {colour} {thing} and a {other[1]} {other[0]}",
            "nano-edit": f"make the {thing} {new}",
        }


def measure(rounds: int) -> dict[str, Any]:
    """Draw with each member in turn; return medians and spreads in seconds."""
    engine = LocalEngine(Gallery(tempfile.mkdtemp()))

    def request(model: str, asked: dict[str, str]) -> Job:
        if model != "nano-edit":
            return engine.submit(GenerationParams(model=model, prompt=asked[model]))
        return instruct(source, asked[model], model=model, engine=engine)

    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in MODELS}
    for number, asked in enumerate(islice(requests(), rounds + 1)):  # the first round warms up
        for name in MODELS:
            start = time.perf_counter()
            image = request(name, asked).result()
            whole = time.perf_counter() - start
            if name == "nano-turbo":
                source = image
            parts = {part: image.timings[part] for part in PARTS if part in image.timings}
            parts |= {"rest": whole - sum(parts.values()), "whole": whole}
            for part, value in parts.items() if number else ():
                seconds[name].setdefault(part, []).append(value)
    engine.close()
    return {
        name: {
            part: {
                "median": round(statistics.median(values), 4),
                "spread": [round(min(values), 4), round(max(values), 4)],
            }
            for part, values in parts.items()
        }
        for name, parts in seconds.items()
    }


def main() -> None:
    """Measure, print a line for each model, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="1 to 29 pictures of each model")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ["ZIMG_HOME"] = tempfile.mkdtemp()
    seconds = measure(given.rounds)
    report = {
        "what": "256x256, default steps and guidance of each model, one picture at a time",
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load_average": round(os.getloadavg()[0], 2),
        "versions": software_versions(),
        "rounds": given.rounds,
        "seconds": seconds,
    }
    for name, parts in seconds.items():
        split = ", ".join(f"{part} {times['median']:.3f}" for part, times in parts.items())
        print(f"{name}: {split} s (medians of {given.rounds})")
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
