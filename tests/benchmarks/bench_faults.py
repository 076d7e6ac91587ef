"""Real faults put into the real engine, and pairs of equal runs: what zimg bench says of them.

    python tests/benchmarks/bench_faults.py --json notebooks/reports/bench_faults_cpu.json

Every result is measured by a process of its own, as two results on two days are, on as many
threads as torch takes by itself, unless ``OMP_NUM_THREADS`` says otherwise.
Equal pairs may give one false alarm among twenty. The faults: steps that sleep, and others
that compute, for a tenth of the time that they had a core, 1 MB kept for each picture, memory that
ends amid the sizes, a black picture, and a competitor that never answers. ``--keep FOLDER`` keeps
the results and goes on with those that are there.
Beside the pairs that were measured one after the other, all others that can be made of the results
are compared, which tells of machines that are busier on one day than on another.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any

MODEL = "nano-turbo"
SMALL = {"width": 128, "height": 128}


def main() -> None:
    """Measure all, print what was found, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--slow-pairs", type=int, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--only", choices=("pairs", "slow", "busy", "others"),
                        help="keep the other parts of the file")  # fmt: skip
    parser.add_argument("--one", nargs=3, metavar=("FAULT", "FOLDER", "ROUNDS"))
    given = parser.parse_args()
    if given.one:
        measure(given.one[0], Path(given.one[1]), int(given.one[2]))
        return
    report: dict[str, Any] = {}
    if given.only and given.json and given.json.exists():
        report = json.loads(given.json.read_text())
    report |= {"model": MODEL, **SMALL, "cores": os.cpu_count(),
               "threads": os.environ.get("OMP_NUM_THREADS", "torch's own number")}  # fmt: skip
    folder = (given.keep or Path(tempfile.mkdtemp())).absolute()
    if given.only in (None, "pairs"):
        report["equal_pairs"] = pairs("none", "none", given.pairs, folder / "equal", given.rounds)
    if given.only in (None, "slow"):
        report["slow_step"] = pairs("none", "slow", given.slow_pairs, folder / "slow", given.rounds)
    if given.only in (None, "busy"):
        report["busy_step"] = pairs("none", "busy", given.slow_pairs, folder / "busy", given.rounds)
    if given.only in (None, "others"):
        report["findings"] = {fault: findings(fault, folder / fault)
                              for fault in ("leak", "memory", "black", "asleep")}  # fmt: skip
    print(json.dumps(report, indent=1, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def pairs(first: str, second: str, number: int, folder: Path, rounds: int) -> dict[str, Any]:
    """Compare pairs of results; return how many differ, and the ratios."""
    from zimg_kernel.experiments.bench import read_result
    from zimg_kernel.experiments.bench.compare import compare_results

    ratios, alarms, alarmed, load = [], [], 0, []
    sides: tuple[list[Any], list[Any]] = [], []
    for pair in range(number):
        results = []
        for side, fault in enumerate((first, second)):
            place = folder / f"{pair}-{side}"
            process(fault, place, rounds)
            results.append(read_result(place / "result.json"))
            load.append(results[-1].environment["load_before"])
            sides[side].append(results[-1])
        comparison = compare_results(*results)
        total = next(change for change in comparison.changes if change.figure == "total")
        ratios.append([total.ratio, total.corrected, total.probability])
        alarms += [change.text for change in comparison.changed]
        alarmed += bool(comparison.changed)
        print(pair, ratios[-1], [change.text for change in comparison.changed], file=sys.stderr)
    if first == second:
        others = list(combinations([*sides[0], *sides[1]], 2))
    else:
        others = list(product(*sides))
    changed = sum(bool(compare_results(*pair).changed) for pair in others)
    return {"pairs": number, "rounds": rounds, "load_average": [min(load), max(load)],
            "changed": alarmed, "alarms": alarms, "ratios": ratios,
            "all_pairs": {"pairs": len(others), "changed": changed}}  # fmt: skip


def findings(fault: str, folder: Path) -> list[str]:
    """Return the sentences of a result with a fault in it."""
    from zimg_kernel.experiments.bench import read_result

    process(fault, folder, 1)
    return [one.text for one in read_result(folder / "result.json").findings
            if one.level != "warning"]  # fmt: skip


def process(fault: str, folder: Path, rounds: int) -> None:
    """Measure in a process of its own, unless it is there already."""
    if (folder / "result.json").exists():
        if json.loads((folder / "result.json").read_text())["complete"]:
            return
        shutil.rmtree(folder)
    command = [sys.executable, __file__, "--one", fault, str(folder), str(rounds)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def measure(fault: str, folder: Path, rounds: int) -> None:
    """Measure the miniature with a fault in the engine."""
    from zimg_kernel.experiments.bench import run_bench
    from zimg_kernel.sampling.sampler import Sampler

    suite, more = "latency", {}
    models: list[Any] = [MODEL]
    true_draw = Sampler.draw
    FAULTS.get(fault, lambda draw: None)(true_draw)
    match fault:
        case "leak":
            suite, more = "stability", {"pause": 0.0}
        case "memory":
            suite = "sizes"
        case "asleep":
            models.append(sleeper())
            more = {"time_limit": 20.0}
    params = {} if suite == "sizes" else SMALL
    run_bench(suite, models, out=folder, rounds=rounds, params=params, progress=False, **more)


def slow(draw: Callable[..., Any]) -> None:
    """Let each step sleep a tenth of the time that it had a core."""
    from zimg_kernel.sampling.sampler import Sampler

    def slower(self: Any, params: Any, report: Any, *more: Any, **named: Any) -> Any:
        last = time.thread_time()

        def late(*step: Any) -> None:
            nonlocal last
            time.sleep(0.1 * (time.thread_time() - last))
            report(*step)
            last = time.thread_time()

        return draw(self, params, late, *more, **named)

    Sampler.draw = slower  # type: ignore[method-assign]


_kept = []


def busy(draw: Callable[..., Any]) -> None:
    """Let each step compute a tenth of the time that it had a core, and drop what comes out."""
    from zimg_kernel.sampling.sampler import Sampler

    def slower(self: Any, params: Any, report: Any, *more: Any, **named: Any) -> Any:
        last = time.thread_time()

        def late(*step: Any) -> None:
            nonlocal last
            end = time.thread_time() + 0.1 * (time.thread_time() - last)
            while time.thread_time() < end:
                pass
            report(*step)
            last = time.thread_time()

        return draw(self, params, late, *more, **named)

    Sampler.draw = slower  # type: ignore[method-assign]


def leak(draw: Callable[..., Any]) -> None:
    """Keep a megabyte of each picture."""
    from zimg_kernel.sampling.sampler import Sampler

    def keeping(self: Any, *given: Any, **named: Any) -> Any:
        _kept.append(bytearray(b"x" * 1_000_000))
        return draw(self, *given, **named)

    Sampler.draw = keeping  # type: ignore[method-assign]


def memory(draw: Callable[..., Any]) -> None:
    """Let memory end at 192 x 256 and 320 x 320, and nowhere else."""
    import torch

    from zimg_kernel.sampling.sampler import Sampler

    def full(self: Any, params: Any, *given: Any, **named: Any) -> Any:
        if (params.width, params.height) in ((192, 256), (320, 320)):
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return draw(self, params, *given, **named)

    Sampler.draw = full  # type: ignore[method-assign]


def black(draw: Callable[..., Any]) -> None:
    """Paint every picture black."""
    from zimg_kernel.sampling.sampler import Sampler

    def dark(self: Any, *given: Any, **named: Any) -> Any:
        drawn = draw(self, *given, **named)
        if drawn is not None:
            drawn.image.paste((0, 0, 0), (0, 0, *drawn.image.size))
        return drawn

    Sampler.draw = dark  # type: ignore[method-assign]


def sleeper() -> Any:
    """Return a competitor that never answers."""
    from zimg_kernel.experiments.bench import Answer, Competitor

    class Sleeper(Competitor):
        kind, name = "engine", "sleeper"

        def draw(self, request: Any) -> Answer:
            time.sleep(100_000)
            return Answer()

    return Sleeper()


FAULTS = {"slow": slow, "busy": busy, "leak": leak, "memory": memory, "black": black}

if __name__ == "__main__":
    main()
