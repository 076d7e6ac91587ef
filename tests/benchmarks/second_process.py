"""Times a second process from its start to its first picture, and the parts of that time.

On a machine with a CUDA GPU of 40 GB or more (random weights, on which speed does not depend):

    python tests/benchmarks/second_process.py --speed fast --json second_process.json

``--folder`` names a model in diffusers' form; ``--miniature`` draws with the miniature, on a CPU
too. A process draws once, so that everything is compiled and cached; then ``--rounds`` processes
in turn do the same anew, and their medians are told: until the interpreter runs, torch, diffusers
with transformers, the package's loading, the first picture. No shared engine takes part. Where
``PYTHONDONTWRITEBYTECODE`` is set and libraries were installed without their bytecode, each process
compiles them again: the benchmark says so.
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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "左边一个红色的圆，右边一个蓝色的方块"
CHILD = """
import json, sys, time
marks = {"begun": time.time()}
from zimg_kernel.cli.cold_start import collect_seldom, leave_out_unused
from zimg_kernel import GenerationParams
params = GenerationParams(**json.loads(sys.argv[1]))
collect_seldom()
leave_out_unused(params)
marks["package"] = time.time()
import torch
marks["torch"] = time.time()
from zimg_kernel.models.libraries import import_libraries
import_libraries()
from diffusers import ZImagePipeline
from transformers import AutoTokenizer, Qwen3Model
marks["diffusers and transformers"] = time.time()
from zimg_kernel.engine.local import LocalEngine
engine = LocalEngine()
engine.pipeline(params.model)
marks["model loaded"] = time.time()
engine.submit(params, preview="none").result(600)
marks["picture"] = time.time()
card = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
print("MARKS" + json.dumps([marks, card]))
"""


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a diffusers folder; random weights otherwise")
    parser.add_argument("--miniature", action="store_true", help="draw with nano-turbo")
    parser.add_argument("--speed", default="fast", help="load profile")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        params: dict[str, Any] = {"prompt": PROMPT, "seed": 1, "model": "nano-turbo"}
        if not given.miniature:
            params |= {"model": "full-size", "width": 1024, "height": 1024, "steps": 8}
            card(work, given.folder)
        os.environ |= {"ZIMG_HOME": str(work / "home"), "ZIMG_ENGINE": "local"}
        os.environ["ZIMG_SPEED"] = given.speed
        first, _ = process(params)
        rounds = [process(params) for _ in range(given.rounds)]
    found = {
        "command": "python tests/benchmarks/second_process.py " + " ".join(sys.argv[1:]),
        "machine": rounds[0][1] or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "bytecode is kept": not sys.dont_write_bytecode,
        "first process, s": first,
        "later processes, medians, s": {
            part: round(statistics.median(each[part] for each, _ in rounds), 2) for part in first
        },
        "rounds": [each for each, _ in rounds],
    }
    print(json.dumps(found, indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


def card(work: Path, folder: Path | None) -> None:
    """Make the full-size model known under a name of its own."""
    if folder is None:
        folder = work / "model"
        script = str(Path(__file__).with_name("full_size_model.py"))
        subprocess.run([sys.executable, script, str(folder)], check=True)
    told = {"full-size": {"like": "z-image-turbo", "source": {"folder": str(folder.resolve())}}}
    (work / "models.yaml").write_text(json.dumps(told))  # JSON is YAML
    os.environ["ZIMG_MODELS"] = str(work / "models.yaml")


def process(params: dict[str, Any]) -> tuple[dict[str, float], str]:
    """Return the seconds of a process by part, and the card's name."""
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(params)],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths()},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The process failed: {done.stderr[-2000:]}")
    told = next(line for line in done.stdout.splitlines() if line.startswith("MARKS"))
    marks, name = json.loads(told.removeprefix("MARKS"))
    parts, before = {}, begun
    for part, moment in marks.items():
        parts["interpreter" if part == "begun" else part] = round(moment - before, 2)
        before = moment
    return {**parts, "whole": round(before - begun, 2)}, name


def paths() -> str:
    """Return where a child finds the package and what this process finds."""
    return os.pathsep.join([str(ROOT), str(ROOT / "widgets"), os.environ.get("PYTHONPATH", "")])


if __name__ == "__main__":
    main()
