"""Times what the benchmarks' meter adds to a picture.

    python tests/benchmarks/meter_overhead.py --size 128 --seconds 240 --json FILE

What it adds to the time that it tells has two parts. A picture's own, its thread with the time
limit and its listener, is measured on a competitor that draws nothing. The sampler's, which looks
ten times a second, is measured on real pictures: each is drawn without it, with it, and with one
that looks twenty times as often, in random order right after each other. A twentieth of what the
last one costs is what the true one costs, told twenty times as sharply as by the true one itself.
``overhead`` is the sum of both parts by the time of a picture. ``ratio`` is the plain comparison of
pictures with and without the meter. What is beside the clock, such as reading the counters before
and after, is told in ``beside_ms``.
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
from zimg_kernel.experiments.bench import Answer, Competitor
from zimg_kernel.experiments.bench.competitors.engine import EngineCompetitor
from zimg_kernel.experiments.bench.measure import Meter
from zimg_kernel.experiments.bench.nvml import open_card
from zimg_kernel.experiments.bench.result import Case, Run
from zimg_kernel.experiments.bench.sampler import ResourceSampler
from zimg_kernel.experiments.bench.statistics import bootstrap_interval

PARAMS = {"prompt": "a red circle", "seed": 1}
DENSE = 20  # times as many looks as usual
INTERVAL = 0.1  # seconds between two looks, as in benchmarks
LEAST = 20  # pictures each way, however long they take


class Idle(Competitor):
    """A competitor that draws nothing."""

    kind, name = "engine", "idle"

    def draw(self, request: Any) -> Answer:
        return Answer()


def main() -> None:
    """Measure, print the figures, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120, help="of drawing, after the warm-up")
    parser.add_argument("--model", default="nano-turbo")
    parser.add_argument("--size", type=int, help="side in px")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ.setdefault("ZIMG_HOME", tempfile.mkdtemp())
    size = {"width": given.size, "height": given.size} if given.size else {}
    report = compare(given.model, {**PARAMS, **size}, given.seconds)
    for name, value in report.items():
        print(f"{name}: {value}")
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n")


def compare(model: str, params: dict[str, Any], limit: float) -> dict[str, Any]:
    """Return both parts, their sum, and the plain comparison."""
    folder = Path(tempfile.mkdtemp())
    engine = LocalEngine(Gallery(folder / "gallery"))
    competitor = EngineCompetitor(model, engine, knows_prompts=True)
    case, order, card = Case(name="one", params=params), random.Random(1), open_card()
    wanted = GenerationParams.from_dict({**params, "model": model})

    def plain() -> float:
        began = time.perf_counter()
        engine.submit(wanted, preview="none").result()
        return time.perf_counter() - began

    def looked_at(interval: float) -> float:
        with ResourceSampler(card, interval):
            return plain()

    def measured() -> float:
        with ResourceSampler(card, INTERVAL) as sampler:
            run = one_run(sampler, competitor, case, folder)
        assert run.status == "ok", run.error
        return run.times["total"]

    ways = {"plain": plain, "measured": measured, "dense": lambda: looked_at(INTERVAL / DENSE)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for name in [*ways, "plain"]:
        ways[name]()
    began, cpu = time.perf_counter(), time.process_time()
    while len(seconds["plain"]) < LEAST or time.perf_counter() - began < limit:
        for name in order.sample(sorted(ways), len(ways)):
            seconds[name].append(ways[name]())
    cpu = (time.process_time() - cpu) / sum(map(len, seconds.values()))
    engine.close()
    own, beside = cost_of_a_run(card, case, folder)
    picture = statistics.median(seconds["plain"])
    dense = ratios(seconds["dense"], seconds["plain"])
    looks = [(one - 1) / DENSE for one in (statistics.median(dense), *bootstrap_interval(dense))]
    ratio = ratios(seconds["measured"], seconds["plain"])
    return {
        "model": model,
        "pictures_each_way": len(ratio),
        "seconds": round(time.perf_counter() - began, 1),
        "plain_s": round(picture, 4),
        "picture_cpu_s": round(cpu, 4),
        "own_ms": round(own * 1e3, 3),
        "looks_share": round(looks[0], 5),
        "looks_share_95": [round(end, 5) for end in looks[1:]],
        "overhead": round(own / picture + looks[0], 5),
        "overhead_95": [round(own / picture + end, 5) for end in looks[1:]],
        "ratio": round(statistics.median(ratio), 4),
        "ratio_95": [round(end, 4) for end in bootstrap_interval(ratio)],
        "beside_ms": round(beside * 1e3, 3),
        "look_cpu_us": round(cost_of_look(card) * 1e6, 1),
        "nvml": card is not None,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def one_run(sampler: ResourceSampler, competitor: Competitor, case: Case, folder: Path) -> Run:
    """Measure one picture as a benchmark does, without the reference workload beside the clock."""
    run = Run(number=0, competitor=competitor.name, case="one", round=0,
              started=datetime.now(UTC), params=dict(case.params))  # fmt: skip
    return Meter(sampler, None, folder, 600).measure(competitor, case, run)[0]


def ratios(some: list[float], plain: list[float]) -> list[float]:
    """Return the ratios of pictures that were drawn right after each other."""
    return [one / other for one, other in zip(some, plain, strict=True)]


def cost_of_a_run(card: Any, case: Case, folder: Path) -> tuple[float, float]:
    """Return the seconds that a run without a picture takes by the meter's clock and beside it."""
    own, beside = [], []
    with ResourceSampler(card, INTERVAL) as sampler:
        for _ in range(300):
            began = time.perf_counter()
            run = one_run(sampler, Idle(), case, folder)
            own.append(run.times["total"])
            beside.append(time.perf_counter() - began - own[-1])
    return statistics.median(own), statistics.median(beside)


def cost_of_look(card: Any) -> float:
    """Return the CPU seconds of one look."""
    sampler = ResourceSampler(card)
    began = time.process_time()
    for _ in range(300):
        sampler.look()
    return (time.process_time() - began) / 300


if __name__ == "__main__":
    main()
