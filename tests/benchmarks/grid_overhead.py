"""Times a grid against the same pictures from ``engine.submit`` in a loop.

    python tests/benchmarks/grid_overhead.py --json notebooks/reports/grid_overhead_cpu.json

Both draw the same prompts at the same seeds on one warm engine, each into a gallery of its own,
and take turns in rounds. The loop keeps as many requests waiting as the grid does, so that what
is measured is the grid itself: laying out and checking cells, grid.json, looking into the
gallery, and listening. Beside the seconds, the CPU time of the whole process is compared, which
another program on the same machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from zimg_kernel import Gallery, GenerationParams, Job, LocalEngine
from zimg_kernel.experiments.grid import Grid, swap

_WORDS = ["red", "blue", "green"]
_AT_ONCE = 3


def main() -> None:
    """Run the rounds, print the ratio, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=5, help="pictures are three times as many")
    parser.add_argument("--size", type=int, default=256, help="side in px")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ["ZIMG_HOME"] = tempfile.mkdtemp()
    report = compare(given.rounds, given.seeds, given.size, given.steps)
    for name in ("loop", "grid"):
        print(f"{name}: median {report[name]['median']:.3f} s for {report['pictures']} pictures")
    print(
        f"grid / loop = {report['ratio']:.4f} (median of {given.rounds} paired rounds, "
        f"{report['ratios'][0]:.4f} to {report['ratios'][-1]:.4f})"
    )
    print(
        f"of totals: {report['ratio_of_totals']:.4f} in seconds, "
        f"{report['cpu_ratio_of_totals']:.4f} in CPU time; load {report['load_average']:.1f}"
    )
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(report, indent=2) + "\n")


def compare(rounds: int, seeds: int, size: int, steps: int) -> dict[str, Any]:
    """Let the two take turns; return seconds and the ratios of each round, sorted."""
    engine = LocalEngine()
    params = GenerationParams(
        prompt="a red circle", model="nano-turbo", width=size, height=size, steps=steps
    )
    folder = Path(tempfile.mkdtemp())
    seconds: dict[str, list[float]] = {"loop": [], "grid": []}
    cpu: dict[str, list[float]] = {"loop": [], "grid": []}
    for number in range(-1, rounds):  # the first round warms up
        first = (number + 1) * seeds
        chosen = list(range(first, first + seeds))
        contenders = {"loop": loop, "grid": table}
        for name in ("loop", "grid") if number % 2 else ("grid", "loop"):
            engine.gallery = Gallery(folder / name)
            started, used = time.perf_counter(), time.process_time()
            contenders[name](engine, params, chosen, folder / f"grid-{number}")
            if number >= 0:
                seconds[name].append(time.perf_counter() - started)
                cpu[name].append(time.process_time() - used)
    drawn = {name: len(list((folder / name).rglob("*.png"))) for name in seconds}
    assert drawn["loop"] == drawn["grid"] == (rounds + 1) * seeds * len(_WORDS), drawn
    engine.close()
    ratios = sorted(g / one for g, one in zip(seconds["grid"], seconds["loop"], strict=True))
    return {
        "pictures": seeds * len(_WORDS),
        "size": size,
        "steps": steps,
        "rounds": rounds,
        "ratio": statistics.median(ratios),
        "ratio_of_totals": sum(seconds["grid"]) / sum(seconds["loop"]),
        "ratios": ratios,
        "cpu_ratio_of_totals": sum(cpu["grid"]) / sum(cpu["loop"]),
        "load_average": os.getloadavg()[0],
        **{
            name: {"median": statistics.median(values), "all": values}
            for name, values in seconds.items()
        },
    }


def loop(engine: LocalEngine, params: GenerationParams, seeds: list[int], _: Path) -> None:
    """Submit one picture after the other, a few ahead."""
    waiting: deque[Job] = deque()
    for word in _WORDS:
        for seed in seeds:
            if len(waiting) == _AT_ONCE:
                waiting.popleft().result()
            wanted = params.replace(prompt=params.prompt.replace("red", word), seed=seed)
            waiting.append(engine.submit(wanted, preview="none"))
    for job in waiting:
        job.result()


def table(engine: LocalEngine, params: GenerationParams, seeds: list[int], folder: Path) -> None:
    """Draw the same pictures as a grid, from laying it out to its last picture."""
    Grid(
        params,
        x={"seed": seeds},
        y=swap("red", _WORDS),
        engine=engine,
        folder=folder,
        at_once=_AT_ONCE,
    ).run(progress=False)


if __name__ == "__main__":
    main()
