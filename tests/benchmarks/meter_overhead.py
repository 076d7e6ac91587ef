"""Times pictures that the benchmarks' meter measures against the same pictures without it.

    python tests/benchmarks/meter_overhead.py --json notebooks/reports/meter_overhead_cpu.json

Both draw the same request on one warm engine, in pairs of random order. ``measured`` is the time
that the meter tells of a picture, with its sampler thread running; ``plain`` a clock around
``submit().result()``, with the sampler stopped. Other programs disturb the seconds of one picture
by more than the meter does, so there are many short pairs, and the cost is also counted directly:
the CPU time of one look of the sampler and of one window, by the CPU time of a picture.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.experiments.bench.competitors.engine import EngineCompetitor
from zimg_kernel.experiments.bench.measure import Meter
from zimg_kernel.experiments.bench.nvml import open_card
from zimg_kernel.experiments.bench.result import Case, Run
from zimg_kernel.experiments.bench.sampler import ResourceSampler
from zimg_kernel.experiments.bench.statistics import bootstrap_interval

PARAMS = {"prompt": "a red circle", "seed": 1}


def main() -> None:
    """Run the pairs, print the ratio, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--model", default="nano-turbo")
    parser.add_argument("--size", type=int, help="side in px")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ.setdefault("ZIMG_HOME", tempfile.mkdtemp())
    size = {"width": given.size, "height": given.size} if given.size else {}
    report = compare(given.model, {**PARAMS, **size}, given.pairs)
    for name, value in report.items():
        print(f"{name}: {value}")
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n")


def compare(model: str, params: dict[str, Any], pairs: int) -> dict[str, Any]:
    """Return the ratio of paired seconds, and the meter's own share of CPU time."""
    folder = Path(tempfile.mkdtemp())
    engine = LocalEngine(Gallery(folder / "gallery"))
    competitor = EngineCompetitor(model, engine, knows_prompts=True)
    case = Case(name="one", params=params)
    order, card = random.Random(1), open_card()

    def plain() -> float:
        began = time.perf_counter()
        wanted = GenerationParams.from_dict({**params, "model": model})
        engine.submit(wanted, preview="none").result()
        return time.perf_counter() - began

    def measured() -> float:
        with ResourceSampler(card) as sampler:
            run = Run(number=0, competitor=model, case="one", round=0, started=datetime.now(UTC),
                      params=dict(params))  # fmt: skip
            meter = Meter(sampler, None, folder, 600)
            run, _ = meter.measure(competitor, case, run)
        assert run.status == "ok", run.error
        return run.times["total"]

    ways = {"plain": plain, "measured": measured}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    cpu = []
    for number in range(-2, pairs):  # the first two pairs warm up
        for name in order.sample(sorted(ways), 2):
            used = time.process_time()
            taken = ways[name]()
            if number >= 0:
                seconds[name].append(taken)
                if name == "plain":
                    cpu.append(time.process_time() - used)
    ratios = [m / p for m, p in zip(seconds["measured"], seconds["plain"], strict=True)]
    picture = statistics.median(cpu)
    look, window = cost_of_sampler(card)
    looks = statistics.median(seconds["plain"]) / 0.1
    engine.close()
    return {
        "model": model,
        "pairs": pairs,
        "plain_s": round(statistics.median(seconds["plain"]), 4),
        "measured_s": round(statistics.median(seconds["measured"]), 4),
        "ratio": round(statistics.median(ratios), 4),
        "ratio_95": [round(end, 4) for end in bootstrap_interval(ratios)],
        "picture_cpu_s": round(picture, 4),
        "look_cpu_us": round(look * 1e6, 1),
        "window_cpu_us": round(window * 1e6, 1),
        "meter_share_of_cpu": round((looks * look + window) / picture, 5),
        "nvml": card is not None,
        "load_average": round(os.getloadavg()[0], 1),
    }


def cost_of_sampler(card: Any) -> tuple[float, float]:
    """Return the CPU seconds of one look and of one window."""
    sampler = ResourceSampler(card)

    def each(work: Any) -> float:
        began = time.process_time()
        for _ in range(300):
            work()
        return (time.process_time() - began) / 300

    return each(sampler.look), each(lambda: sampler.window().end())


if __name__ == "__main__":
    main()
