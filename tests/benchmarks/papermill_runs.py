"""Times runs of notebook 01 by a warm shared engine against a plain notebook, in turn.

    python tests/benchmarks/papermill_runs.py --json notebooks/reports/papermill_runs_cpu.json

The plain notebook loads the stock ``ZImagePipeline`` itself and draws the same nine pictures with
the miniature; papermill's own command runs it. Ours is ``notebooks/01_generate.ipynb`` as it is,
by ``zimg run``, with ``zimg up`` beforehand. ``in turn``: one run at a time, plain and ours
alternating; ``at once``: all runs of a side, so many at a time as there are cores. All of ours draw
into one gallery, as runs with the same parameters do by default: what the engine drew before, it
need not draw again. ``other seeds`` gives each run seeds of its own, so that every picture is new.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "01_generate.ipynb"
PARAMETERS = """
folder = ""
out = ""
seed = 42
"""
LOAD = """
from pathlib import Path
import torch
from diffusers import ZImagePipeline
pipe = ZImagePipeline.from_pretrained(folder, torch_dtype=torch.float32)
pipe.set_progress_bar_config(disable=True)
Path(out).mkdir(parents=True, exist_ok=True)
"""
DRAW = """
def draw(prompt, seed, number):
    image = pipe(
        prompt, height=256, width=256, num_inference_steps=8, guidance_scale=0.0,
        generator=torch.Generator("cpu").manual_seed(seed),
    ).images[0]
    image.save(Path(out) / f"{number}.png")
    return image
"""
PROMPT = "左边一个红色的圆，右边一个蓝色的方块"
CELLS = [
    f'draw("{PROMPT}", seed, 0)',
    f'draw("{PROMPT}", seed, 1)',
    f'for i, words in enumerate(["{PROMPT}", "上面一颗黄色的星星，下面一个绿色的三角形", '
    '"a purple heart in the middle"]):\n    display(draw(words, seed, 2 + i))',
    'for i in range(4):\n    display(draw("剪纸风格的夜景：宝塔、灯笼和月亮", seed + i, 5 + i))',
]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--runs", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimg-papermill-") as name:
        found = measure(Path(name), given.runs)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def measure(work: Path, runs: int) -> dict[str, Any]:
    """Return all figures."""
    os.environ["ZIMG_HOME"] = str(work / "home")
    plain = write_plain(work / "plain.ipynb")
    folder = miniature()
    cores = os.cpu_count() or 1
    load = os.getloadavg()

    def stock(number: int, seed: int) -> None:
        given = ["-p", "folder", folder, "-p", "out", str(work / f"plain-{number}")]
        command = [sys.executable, "-m", "papermill", str(plain), str(work / f"p{number}.ipynb")]
        call([*command, *given, "-p", "seed", str(seed)])

    def ours(number: int, seed: int) -> None:
        given = ["-p", "model", "nano-turbo", "-p", "seed", str(seed)]
        call([*zimg(), "run", str(NOTEBOOK), *given, "-o", str(work / f"z{number}.ipynb")])

    began = time.perf_counter()
    call([*zimg(), "up"])
    start = time.perf_counter() - began
    try:
        sides = {"plain": stock, "ours": ours}
        times: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(runs):
            for name, run in sides.items():
                times[name].append(timed(lambda run=run: run(number, 42)))  # noqa: B023
        at_once: dict[str, float] = {}
        for name, run in sides.items():
            at_once[name] = timed(lambda run=run: pool(run, runs, cores, lambda _: 1042))
        new: dict[str, float] = {}
        for name, run in sides.items():
            new[name] = timed(lambda run=run: pool(run, runs, cores, lambda i: 5000 + 100 * i))
    finally:
        call([*zimg(), "down"])
    return {
        "command": "python " + " ".join(["tests/benchmarks/papermill_runs.py", *sys.argv[1:]]),
        "processor": platform.processor() or platform.machine(),
        "cores": cores,
        "load before": load,
        "runs": runs,
        "zimg up, s": round(start, 2),
        "in turn, s": {name: [round(s, 2) for s in each] for name, each in times.items()},
        "in turn, medians, s": {n: round(statistics.median(each), 2) for n, each in times.items()},
        "in turn, ours / plain": round(sum(times["ours"]) / sum(times["plain"]), 3),
        "at once, s": {name: round(s, 2) for name, s in at_once.items()},
        "at once, ours / plain": round(at_once["ours"] / at_once["plain"], 3),
        "at once, ours / plain in turn": round(at_once["ours"] / sum(times["plain"]), 3),
        "at once, other seeds, s": {name: round(s, 2) for name, s in new.items()},
        "at once, other seeds, ours / plain": round(new["ours"] / new["plain"], 3),
    }


def pool(run: Any, runs: int, cores: int, seed: Any) -> None:
    """Run so many at a time as there are cores."""
    with ThreadPoolExecutor(cores) as threads:
        for _ in threads.map(lambda number: run(number, seed(number)), range(runs)):
            pass


def timed(work: Any) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def zimg() -> list[str]:
    """Return the command of this environment."""
    return [sys.executable, "-m", "zimg_kernel"]


def call(command: list[str]) -> None:
    """Run a program; end with what it said where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:5])} failed: {done.stderr[-1000:]}")


def miniature() -> str:
    """Return the folder of the miniature's weights."""
    from zimg_kernel.models.catalog import get_card
    from zimg_kernel.models.weights import require_weights

    return str(require_weights(get_card("nano-turbo")))


def write_plain(path: Path) -> Path:
    """Write the plain notebook."""
    cells = [new_code_cell(text.strip()) for text in (PARAMETERS, LOAD, DRAW, *CELLS)]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


if __name__ == "__main__":
    main()
