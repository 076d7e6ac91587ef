"""Times a suite against the same pictures from ``engine.submit`` in a loop.

    python tests/benchmarks/suite_overhead.py --json notebooks/reports/suite_overhead_cpu.json

All draw the same prompts at the same seeds on one warm engine, each into a gallery of its own,
and take turns in rounds. The loop keeps as many requests waiting as the suite does. "plain" has
checks of size and colour: what it costs beyond the loop is the suite itself, from laying out to
the report. "judge" (the miniature's judge of objects and its reader of signs) and "text"
(rapidocr) show what these cost besides. Seconds hide what is done while the engine draws, as far
as there are cores for both; the CPU time of the whole process does not.
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
from zimg_kernel.experiments.suite import Suite, run_suite

_WORDS = ["red", "blue", "green"]
_PROMPT = 'a {} sign that says "OPEN"'
_AT_ONCE = 3
_CHECKS: dict[str, dict[str, Any]] = {
    "plain": {"size": [256, 256], "colour": {"name": "white", "min_share": 0.01}},
    "judge": {"objects": {"each": ["white"], "only": False}, "sign": "OPEN"},
    "text": {"text": "OPEN"},
}


def main() -> None:
    """Run the rounds, print the ratios, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=4, help="pictures are three times as many")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--only", default=",".join(_CHECKS), help="which kinds of checks")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ["ZIMG_HOME"] = tempfile.mkdtemp()
    report = compare(given.rounds, given.seeds, given.steps, given.only.split(","))
    print(f"{report['pictures']} pictures of 256 px, {given.steps} steps, {given.rounds} rounds")
    for name, row in report["kinds"].items():
        print(
            f"{name}: {row['seconds_a_picture']:.3f} s and {row['cpu_a_picture']:.3f} s of CPU a "
            f"picture; over the loop {row['overhead_seconds']:+.1%} in seconds, "
            f"{row['overhead_cpu']:+.1%} in CPU time (medians of paired rounds)"
        )
    print(f"load {report['load_average']:.1f} on {os.cpu_count()} cores")
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(report, indent=2) + "\n")


def compare(rounds: int, seeds: int, steps: int, kinds: list[str]) -> dict[str, Any]:
    """Let all take turns; return seconds and CPU time of each round, and their ratios."""
    engine = LocalEngine()
    folder = Path(tempfile.mkdtemp())
    names = ["loop", *kinds]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):  # the first round warms up
        first = (number + 1) * seeds
        chosen = list(range(first, first + seeds))
        turn = (number + 1) % len(names)
        for name in names[turn:] + names[:turn]:
            engine.gallery = Gallery(folder / name)
            started, used = time.perf_counter(), time.process_time()
            if name == "loop":
                loop(engine, chosen, steps)
            else:
                suite(engine, name, chosen, steps, folder / f"{name}-cache")
            if number >= 0:
                seconds[name].append(time.perf_counter() - started)
                cpu[name].append(time.process_time() - used)
    engine.close()
    pictures = seeds * len(_WORDS)
    return {
        "pictures": pictures,
        "steps": steps,
        "rounds": rounds,
        "load_average": os.getloadavg()[0],
        "kinds": {
            name: {
                "seconds_a_picture": statistics.median(seconds[name]) / pictures,
                "cpu_a_picture": statistics.median(cpu[name]) / pictures,
                "overhead_seconds": _over(seconds[name], seconds["loop"]),
                "overhead_cpu": _over(cpu[name], cpu["loop"]),
                "seconds": seconds[name],
                "cpu": cpu[name],
            }
            for name in names
        },
    }


def _over(these: list[float], those: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(these, those, strict=True)) - 1


def loop(engine: LocalEngine, seeds: list[int], steps: int) -> None:
    """Submit one picture after the other, a few ahead."""
    waiting: deque[Job] = deque()
    for word in _WORDS:
        for seed in seeds:
            if len(waiting) == _AT_ONCE:
                waiting.popleft().result()
            wanted = GenerationParams(
                prompt=_PROMPT.format(word), model="nano-turbo", steps=steps, seed=seed
            )
            waiting.append(engine.submit(wanted, preview="none"))
    for job in waiting:
        job.result()


def suite(engine: LocalEngine, kind: str, seeds: list[int], steps: int, cache: Path) -> None:
    """Draw and check the same pictures, from making the suite to its report."""
    cases = [
        {"id": word, "prompt": _PROMPT.format(word), "checks": _CHECKS[kind]} for word in _WORDS
    ]
    defaults = {"model": "nano-turbo", "steps": steps, "seeds": seeds}
    made = Suite(name=kind, defaults=defaults, cases=cases)
    report = run_suite(made, engine=engine, cache=cache, at_once=_AT_ONCE)
    assert report.drawn == len(seeds) * len(_WORDS)


if __name__ == "__main__":
    main()
