"""Findings: what the figures of one result show, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from zimg_kernel.errors import BadInput

from .own_time import corrections, waiting_share
from .result import BenchResult, Finding, Run
from .statistics import Slope, slope

_LEAK = 0.1e-3  # GB a picture: less is an allocator's noise
_BUSY = 0.05  # share of a run
_DRIFT = 0.02  # of the median time over the whole series
_ROUNDED = 30.0  # dB: pictures further apart differ by more than rounding
_MEMORY = {
    "ram_end": "RAM",
    "torch_peak": "memory of tensors",
    "gpu_memory_peak": "memory of the card",
}


def find(result: BenchResult, folder: Path | None = None) -> list[Finding]:
    """Return all findings of a result.

    Parameters
    ----------
    folder : Path, optional
        Of the result's file, to compare pictures that should be equal.
    """
    return [
        *_no_gpu(result),
        *_given_up(result),
        *_failures(result),
        *_broken(result),
        *_not_repeated(result, folder),
        *_memory_ends(result),
        *_drift(result),
        *_company(result),
        *_outliers(result),
    ]


def _no_gpu(result: BenchResult) -> Iterator[Finding]:
    for one in result.competitors:
        if one.kind == "device" and one.facts.get("device") == "cpu":
            yield Finding(kind="no-gpu", level="warning", competitor=one.name,
                          text="There is no GPU here: these are figures of the CPU, at an eighth "
                          "of each size.")  # fmt: skip


def _given_up(result: BenchResult) -> Iterator[Finding]:
    for one in result.competitors:
        if one.error:
            kind = "no-answer" if "did not answer" in one.error else "competitor-failed"
            yield Finding(kind=kind, level="fault", competitor=one.name,
                          text=f"{one.name} was given up: {one.error}")  # fmt: skip


def _failures(result: BenchResult) -> Iterator[Finding]:
    kinds = {"failed": "run-failed", "timeout": "no-answer", "skipped": "skipped"}
    found: dict[tuple[str, str, str, str], int] = Counter(
        (run.competitor, run.case, run.status, run.error or "")
        for run in result.runs
        if run.status in kinds
    )
    for (competitor, case, status, error), times in found.items():
        yield Finding(kind=kinds[status], level="fact" if status == "skipped" else "fault",
                      competitor=competitor, case=case, values={"runs": times},
                      text=f"{competitor}, {case}: {error}")  # fmt: skip


def _broken(result: BenchResult) -> Iterator[Finding]:
    for run in result.runs:
        if run.status == "broken":
            yield Finding(kind="broken-picture", level="fault", competitor=run.competitor,
                          case=run.case, values={"run": run.number},
                          text=f"{run.competitor}, {run.case}: {run.error}")  # fmt: skip


def _not_repeated(result: BenchResult, folder: Path | None) -> Iterator[Finding]:
    """Look for equal parameters that gave other pixels."""
    seen: dict[tuple[str, str, str], dict[str, Run]] = {}
    for run in result.runs:
        if run.pixels and run.params.get("seed") is not None:
            key = (run.competitor, run.case, repr(sorted(run.params.items())))
            seen.setdefault(key, {}).setdefault(run.pixels, run)
    ended = {run.competitor for run in result.runs if run.status == "out-of-memory"}
    for (competitor, case, _), different in seen.items():
        if len(different) < 2:
            continue
        apart = _apart([run.picture for run in different.values()], folder)
        words = "" if apart is None else f", of {apart:.1f} dB PSNR or more to the first"
        # Where the workspace of one does not fit, torch takes cuDNN's next algorithm
        # (aten/src/ATen/native/cudnn/Conv_v7.cpp, Conv_v8.cpp).
        if competitor in ended and (apart is None or apart > _ROUNDED):
            words += (
                "; memory ran out in this benchmark: short of memory torch may take other "
                "algorithms, which round otherwise"
            )
        yield Finding(kind="not-repeatable", level="warning", competitor=competitor, case=case,
                      values={"pictures": len(different),
                              **({} if apart is None else {"psnr": round(apart, 2)})},
                      text=f"{competitor}, {case}: the same parameters gave {len(different)} "
                      f"different pictures{words}.")  # fmt: skip


def _apart(pictures: Sequence[str | None], folder: Path | None) -> float | None:
    """Return the least PSNR of pictures to the first, or None where one cannot be read."""
    if folder is None:
        return None
    from zimg_kernel.images.open_file import UNREADABLE, open_image

    from .judge.likeness import psnr

    try:
        first, *others = [open_image(folder / str(one)).convert("RGB") for one in pictures]
        return min(psnr(one, first) for one in others)
    except (*UNREADABLE, BadInput):
        return None


def _memory_ends(result: BenchResult) -> Iterator[Finding]:
    for one in result.competitors:
        runs = [run for run in result.runs if run.competitor == one.name]
        full = {run.case for run in runs if run.status == "out-of-memory"}
        if not full:
            continue
        ok = [run for run in runs if run.status == "ok"]
        largest = max((run for run in ok if run.case not in full), key=_pixels, default=None)
        after = [run for run in ok if run.number > max(
            run.number for run in runs if run.status == "out-of-memory")]  # fmt: skip
        fits = f"; {largest.case} is the largest that was always drawn" if largest else ""
        again = "goes on afterwards" if after else "nothing was drawn afterwards"
        yield Finding(kind="memory-ends", competitor=one.name,
                      level="fact" if after or runs[-1].status == "out-of-memory" else "fault",
                      values={"cases": sorted(full), "recovered": bool(after),
                              **({"largest": largest.case} if largest else {})},
                      text=f"{one.name}: memory ends at {', '.join(sorted(full))}{fits}; "
                      f"{again}.")  # fmt: skip


def _pixels(run: Run) -> int:
    return int(run.params.get("width") or 0) * int(run.params.get("height") or 0)


def _drift(result: BenchResult) -> Iterator[Finding]:
    """Look for time and memory that grow from run to run; for suites of one long series."""
    if result.suite != "stability":
        return
    for one in result.competitors:
        mine = [run for run in result.runs if run.competitor == one.name and not run.warmup]
        runs = [run for run in mine if run.status in ("ok", "broken")]
        steady = True
        for found in [*_slower(result, one.name, runs), *_leaks(one.name, runs)]:
            steady = steady and found.level == "fact"
            yield found
        if steady and len(runs) >= 8:
            yield Finding(kind="steady", competitor=one.name, values={"runs": len(runs)},
                          text=f"{one.name}: over {len(runs)} pictures neither time nor memory "
                          "grows.")  # fmt: skip


def _slower(result: BenchResult, name: str, runs: list[Run]) -> Iterator[Finding]:
    times = [run.times["total"] for run in runs]
    found = slope(times)
    if found is None:
        return
    values = {"slope_s": found.value, "low": found.low, "high": found.high}
    growth = found.value * (len(times) - 1) / median(times)
    own = _own_slope(result, runs)
    if found.rises and growth > _DRIFT and (own is None or own.rises):
        yield Finding(kind="slower-with-time", level="fault", competitor=name, values=values,
                      text=f"{name}: a picture takes {growth:.1%} longer at the end than at the "
                      f"beginning of {len(times)}.")  # fmt: skip
    else:
        yield Finding(kind="time-slope", competitor=name, values=values,
                      text=f"{name}: {found.value * 1e3:+.2f} ms a picture "
                      f"({found.low * 1e3:+.2f} to {found.high * 1e3:+.2f}).")  # fmt: skip


def _own_slope(result: BenchResult, runs: list[Run]) -> Slope | None:
    """Return the slope of the times without what other programs took, where that is known."""
    for correct in corrections(result):
        own = [value for run in runs if (value := correct(run, "total")) is not None]
        if len(own) == len(runs):
            return slope(own)
    return None


def _leaks(name: str, runs: list[Run]) -> Iterator[Finding]:
    for figure, words in _MEMORY.items():
        values = [run.resources[figure] for run in runs if figure in run.resources]
        found = slope(values)
        if found is None:
            continue
        # The second half alone as well: what grows only at first is filling caches.
        later = slope(values[len(values) // 2 :])
        grows = found.low > _LEAK and (later is None or later.low > _LEAK)
        yield Finding(
            kind="memory-leak" if grows else "memory-slope",
            level="fault" if grows else "fact",
            competitor=name,
            values={"figure": figure, "slope_gb": found.value, "low": found.low,
                    "high": found.high},
            text=f"{name}: {words} {'grows by' if grows else 'changes by'} "
            f"{found.value * 1e3:+.2f} MB a picture ({found.low * 1e3:+.2f} to "
            f"{found.high * 1e3:+.2f}).",
        )  # fmt: skip


def _company(result: BenchResult) -> Iterator[Finding]:
    others = [run.number for run in result.runs if run.resources.get("gpu_processes", 0) > 0]
    if others:
        yield Finding(kind="other-processes", level="warning", values={"runs": len(others)},
                      text=f"Other processes used the card during {len(others)} of "
                      f"{len(result.runs)} runs.")  # fmt: skip
    share = waiting_share(result)
    if share > _BUSY:
        yield Finding(kind="waited-for-cores", level="warning", values={"share": round(share, 3)},
                      text=f"Other programs had the cores for {share:.0%} of the time of a "
                      "run.")  # fmt: skip
    load, cores = result.environment.get("load_before"), result.environment.get("cores")
    own = result.environment.get("own_load_before", 0.0)
    load = load and max(0.0, round(load - own, 2))  # of other programs
    if load and cores and load > 0.5 * cores:
        yield Finding(kind="busy-machine", level="warning", values={"load": load, "cores": cores},
                      text=f"The machine was busy before the start: a load of {load:g} on {cores} "
                      "cores.")  # fmt: skip


def _outliers(result: BenchResult) -> Iterator[Finding]:
    for row in result.rows:
        if row.outliers:
            yield Finding(kind="outliers", competitor=row.competitor, case=row.case,
                          values={"runs": row.outliers},
                          text=f"{row.competitor}, {row.case}: {row.outliers} of "
                          f"{row.figures['total'].n} runs lie far from the others.")  # fmt: skip
