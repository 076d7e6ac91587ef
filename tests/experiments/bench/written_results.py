"""Results of benchmarks with known figures, written as a benchmark writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from zimg_kernel.experiments.bench.result import BenchResult, Case, CompetitorFacts, Run
from zimg_kernel.experiments.bench.result_file import write_result
from zimg_kernel.experiments.bench.summary import summarise


def made(
    folder: Path,
    suite: str,
    cases: list[Case],
    times: dict[str, list[float]],
    rounds: int = 5,
    **more: Any,
) -> BenchResult:
    """Write a result whose run of a model at a case takes ``times[model][case]`` seconds."""
    place = folder / suite
    (place / "pictures").mkdir(parents=True)
    runs = []
    for round_ in range(rounds):
        for column, case in enumerate(cases):
            for model, seconds in times.items():
                number = len(runs)
                file = f"pictures/{number}.png"
                Image.new("RGB", (32, 32), (column * 20, round_, len(model))).save(place / file)
                total = seconds[column] + 0.001 * round_
                runs.append(Run(
                    number=number, competitor=model, case=case.name, round=round_,
                    started=datetime.now(UTC), params=case.params,
                    times={"total": total, "picture": total, "transformer": total / 2},
                    resources={"ram_peak": 0.5, "ram_end": 0.5, "cpu_share": 0.45},
                    picture=file))  # fmt: skip
    facts = [CompetitorFacts(name=name, kind="engine", facts={"title": name, "steps": 8})
             for name in times]  # fmt: skip
    result = BenchResult(suite=suite, created=datetime.now(UTC), competitors=facts, cases=cases,
                         runs=runs, environment={"cpu": "some CPU"}, complete=True,
                         command=f"zimg bench {suite}", **more)  # fmt: skip
    return written(folder, result)


def written(folder: Path, result: BenchResult) -> BenchResult:
    summarise(result)
    write_result(result, folder / result.suite / "result.json")
    return result
