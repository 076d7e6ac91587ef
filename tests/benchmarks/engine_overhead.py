"""Times pictures of the shared engine against the same ones drawn in this process.

    python tests/benchmarks/engine_overhead.py --json notebooks/reports/engine_overhead_cpu.json

Two figures. The overhead: each request is drawn by a ``LocalEngine`` here and by the shared engine
(service, scheduler behind TLS, one worker), in pairs of random order, both warm, both saving; what
is compared is the time from ``submit`` to the picture. The busy share: with many requests waiting,
the part of the time, from the first start to the last end, in which the worker draws; it tells of
each picture when it began and ended it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.control import start_engine, stop_engine
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.status import ask
from zimg_kernel.engine.protocol import Engine

_OVERHEAD_BAR, _BUSY_BAR = 20.0, 0.95  # ms, share


def main() -> None:
    """Measure both, print them, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--queue", type=int, default=60, help="requests that wait at once")
    parser.add_argument("--model", default="nano-turbo")
    parser.add_argument("--size", type=int, help="side in px")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--preview", default="latent", choices=("latent", "none"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ["ZIMG_HOME"] = tempfile.mkdtemp(prefix="zimg-overhead-")
    folder = Path(tempfile.mkdtemp(prefix="zimg-overhead-"))
    params = GenerationParams(
        prompt="a red circle", model=given.model, width=given.size, height=given.size,
        steps=given.steps,
    )  # fmt: skip
    local = LocalEngine(Gallery(folder / "local"))
    shared = ClusterEngine(start_engine(Options(workers=1)), Gallery(folder / "shared"))
    try:
        report = compare(local, shared, params, given.pairs, given.preview)
        report |= fill(shared, params, given.queue, given.preview)
    finally:
        shared.close()
        local.close()
        stop_engine()
    report["load_average"] = os.getloadavg()[0]
    report["cores"] = os.cpu_count()
    report["holds"] = report["overhead_ms"] <= _OVERHEAD_BAR and report["busy"] >= _BUSY_BAR
    for name, value in report.items():
        print(f"{name}: {value}")
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(report, indent=2) + "\n")


def compare(
    local: Engine, shared: Engine, params: GenerationParams, pairs: int, preview: Any
) -> dict[str, Any]:
    """Let both draw the same requests; return their times and the difference, in ms."""
    order = random.Random(1)
    seconds: dict[str, list[float]] = {"local": [], "shared": []}
    engines = {"local": local, "shared": shared}
    for number in range(-3, pairs):  # the first ones warm up
        names = ["local", "shared"]
        order.shuffle(names)
        for name in names:
            begun = time.perf_counter()
            engines[name].submit(params.replace(seed=number + 3), preview=preview).result(120)
            if number >= 0:
                seconds[name].append(time.perf_counter() - begun)
    differences = sorted(
        1000 * (s - one) for s, one in zip(seconds["shared"], seconds["local"], strict=True)
    )
    return {
        "model": params.model,
        "size": params.width,
        "steps": params.steps,
        "pairs": pairs,
        "local_ms": round(1000 * statistics.median(seconds["local"]), 2),
        "shared_ms": round(1000 * statistics.median(seconds["shared"]), 2),
        "overhead_ms": round(statistics.median(differences), 2),
        "overhead_quartiles_ms": [round(q, 2) for q in statistics.quantiles(differences)],
    }


def fill(
    shared: ClusterEngine, params: GenerationParams, count: int, preview: Any
) -> dict[str, Any]:
    """Let many requests wait; return the share of the time in which the worker drew."""
    before = ask(shared.place, "spans")
    begun = time.perf_counter()
    jobs = [shared.submit(params.replace(seed=seed), preview=preview) for seed in range(count)]
    drawn = sum(job.result(600).timings["total"] for job in jobs)
    seconds = time.perf_counter() - begun
    after = ask(shared.place, "spans")
    spans = [span for name, told in after.items() for span in told if span not in before[name]]
    whole = max(end for _, end in spans) - min(start for start, _ in spans)
    return {
        "queue": count,
        "pictures_per_second": round(count / seconds, 2),
        "busy": round(covered(spans) / whole, 4),
        "in_the_model": round(drawn / whole, 4),
    }


def covered(spans: list[list[float]]) -> float:
    """Return the seconds that lie in at least one of the spans."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


if __name__ == "__main__":
    main()
