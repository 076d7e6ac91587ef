"""Measures a model of full size (random weights) by the suites of zimg bench, with a report.

On a CUDA GPU of 40 GB or more, with nvidia-ml-py installed for power, energy and clocks:

    python tests/benchmarks/bench_full_size.py OUT

writes ``OUT/report.html``, a result file for each suite (``OUT/latency.json`` ...) and
``OUT/verdicts.txt`` with the table of each suite and what was found. It takes about eight minutes.
``sizes`` is held to the memory of a card of 24 GB, so that it comes to its end and back.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

MODEL = "full-size"
STOCK = f"stock:{MODEL}"
PLAN: dict[str, dict[str, Any]] = {
    "gpu": {"rounds": 3},
    "latency": {"models": [MODEL, STOCK], "rounds": 10},
    "steps": {"rounds": 2},
    "sizes": {"rounds": 2, "gpu_memory": 24.0},
    "batch": {"rounds": 2},
    "stability": {"pause": 0.0},
    "complexity": {"rounds": 3},
    "cold": {"rounds": 2},
}
"""The suites in their order: what matters most comes first."""


def main() -> None:
    """Measure, and say after each suite where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--folder", type=Path, help="a diffusers folder; random weights otherwise")
    parser.add_argument("--suites", nargs="*", default=list(PLAN), choices=list(PLAN))
    parser.add_argument("--seconds", type=float, default=540, help="no suite begins after these")
    given = parser.parse_args()
    began, work = time.monotonic(), Path(tempfile.mkdtemp())
    os.environ["ZIMG_HOME"] = str(work / "home")
    folder = given.folder
    if folder is None:
        import torch
        from full_size_model import write

        folder = write(work / "model")
        torch.set_default_dtype(torch.float32)  # write() has changed it
        torch.cuda.empty_cache()
    card = {MODEL: {"like": "z-image-turbo", "source": {"folder": str(folder.absolute())}}}
    (work / "home").mkdir(parents=True, exist_ok=True)
    (work / "home" / "models.yaml").write_text(json.dumps(card))  # JSON is YAML
    given.out.mkdir(parents=True, exist_ok=True)
    print(f"model ready after {time.monotonic() - began:.0f} s", flush=True)
    for suite in given.suites:
        if time.monotonic() - began > given.seconds:
            print(f"{suite}: no time left", flush=True)
            continue
        measure(suite, work / "bench", given.out)
        print(f"{suite}: done after {time.monotonic() - began:.0f} s", flush=True)
    report(work / "bench", given.out)


def measure(suite: str, work: Path, out: Path) -> None:
    """Measure one suite; what goes wrong is printed, and the others go on."""
    from zimg_kernel.experiments.bench import run_bench
    from zimg_kernel.experiments.bench.text import as_text

    more = {"models": [MODEL], **PLAN[suite]}
    try:
        result = run_bench(suite, out=work / suite, progress=False, time_limit=120, **more)
    except Exception as error:
        print(f"{suite}: {type(error).__name__}: {error}", flush=True)
        return
    with (out / "verdicts.txt").open("a", encoding="utf-8") as file:
        file.write(f"{result.command}\n{as_text(result)}\n\n")
    shutil.copy(work / suite / "result.json", out / f"{suite}.json")


def report(work: Path, out: Path) -> None:
    """Write the page of all results."""
    from zimg_kernel.experiments.bench import BenchReport

    try:
        BenchReport(work).to_html(out / "report.html")
    except Exception as error:
        print(f"report: {type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main()
