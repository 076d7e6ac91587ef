"""Sections on series: numbers of steps, fifty prompts, cold starts, jobs, the device."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..statistics import slope
from .charts import (
    Chart,
    Line,
    Spread,
    Tradeoff,
    front_chart,
    line_chart,
    stacked_bars,
    strip_chart,
)
from .judge_sections import share_columns
from .likeness_tables import likeness_to_last, measures, missing
from .pictures import matrix_of
from .table import (
    NONE,
    Loaded,
    Section,
    Table,
    figure,
    memory_name,
    memory_of,
    short,
    spelled,
    status_of,
    words,
)

_START = ("start", "imports", "model_load", "first", "second")


def steps(loaded: Loaded) -> Section:
    """Return time and likeness to the last step count, by the number of steps."""
    alike = likeness_to_last(loaded)
    known = measures(alike.values())
    judged = share_columns(loaded, loaded.cases)
    heads = ["steps"]
    for name in loaded.names:
        heads += [f"{name}: seconds", *known.values(), *(["items right"] if judged else [])]
    rows = []
    for place, case in enumerate(loaded.cases):
        cells = [case]
        for column, name in enumerate(loaded.names):
            row = loaded.row(name, case)
            time, found = figure(row, "total"), alike.get((name, case), {})
            cells += [status_of(row) if time == NONE else time,
                      *(short(found.get(one)) for one in known)]  # fmt: skip
            cells += [judged[column][place]] if judged else []
        rows.append(cells)
    last = loaded.cases[-1] if loaded.cases else ""
    tradeoff = f"Time against likeness to the picture of {last}"
    counts = {case: _steps(loaded, case) for case in loaded.cases}
    lines = []
    for name in loaded.names:
        points = [(counts[case], row.figures["total"].median) for case in loaded.cases
                  if (row := loaded.row(name, case)) and "total" in row.figures]  # fmt: skip
        lines.append(Line(name, points))
    several = len(loaded.names) > 1
    worths = [
        Tradeoff(f"{name}, {case}" if several else case, row.figures["total"].median, found["psnr"])
        for (name, case), found in alike.items()
        if "psnr" in found and (row := loaded.row(name, case)) and "total" in row.figures
    ]
    return Section(
        "steps",
        "Numbers of steps",
        f"The same prompt and seed. Likeness is to the picture of {last}: PSNR over RGB, SSIM of "
        "luma (1 for equal pictures), and LPIPS (0 for equal ones) where it can be measured.",
        ("Seconds by steps", "How many steps are enough: time against quality"),
        [Table(f"Time, and likeness to {last}", heads, rows, missing(known))],
        [line_chart("Seconds by steps", "steps", "seconds", lines),
         front_chart(tradeoff, "seconds", "PSNR, dB", worths)],
        [matrix_of(loaded, "The same seed at each number of steps")],
    )  # fmt: skip


def _steps(loaded: Loaded, case: str) -> float:
    found = next(one for one in loaded.result.cases if one.name == case)
    return float(found.facts.get("steps") or found.params.get("steps") or 0)


def stability(loaded: Loaded) -> Section:
    """Return the slope of time and memory over many different prompts."""
    memory = memory_of(loaded.result.rows)
    watched = [name for name in ("ram_end", "torch_peak", "gpu_memory_peak")
               if any(name in row.figures for row in loaded.result.rows)]  # fmt: skip
    heads = ["", "pictures", "seconds: median", "range", "slope, ms a picture (95 %)",
             *(f"{name.replace('_', ' ')}, MB a picture (95 %)" for name in watched),
             "verdict"]  # fmt: skip
    rows = []
    for name in loaded.names:
        runs = loaded.runs(name)
        times = [run.times["total"] for run in runs if "total" in run.times]
        grows = [[run.resources[one] for run in runs if one in run.resources] for one in watched]
        spread = f"{short(min(times))}–{short(max(times))}" if times else NONE
        middle = sorted(times)[len(times) // 2] if times else None
        drifts = [_slope(values, 1e3) for values in (times, *grows)]
        rows.append([name, str(len(times)), short(middle), spread, *drifts, _verdict(loaded, name)])
    charts = [
        line_chart("Seconds, picture by picture", "picture", "seconds",
                   [_series(loaded, name, None) for name in loaded.names]),
        line_chart("Memory, picture by picture", "picture", memory_name(memory),
                   [_series(loaded, name, memory) for name in loaded.names], from_zero=False),
        _over_time(loaded),
    ]  # fmt: skip
    pause = loaded.result.settings.get("pause")
    waits = f" {pause:g} s apart" if isinstance(pause, int | float) and pause else ""
    return Section(
        "stability",
        "Many different prompts in a row",
        f"Different prompts{waits}: does a picture take longer, or memory grow? The slope is "
        "Theil and Sen's, which single outliers do not move; the dashed line shows it.",
        ("Fifty pictures without drift or leak",),
        [Table("Drift of time and memory", heads, rows)],
        charts,
    )


def _slope(values: Sequence[float], factor: float) -> str:
    found = slope(values)
    if found is None:
        return NONE
    value, low, high = (factor * one for one in (found.value, found.low, found.high))
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"


def _verdict(loaded: Loaded, name: str) -> str:
    kinds = {"steady": "steady", "memory-leak": "memory grows", "slower-with-time": "gets slower"}
    found = [kinds[one.kind] for one in loaded.result.findings
             if one.kind in kinds and one.competitor == name]  # fmt: skip
    return ", ".join(dict.fromkeys(found)) or NONE


def _series(loaded: Loaded, name: str, memory: str | None) -> Line:
    runs = loaded.runs(name)
    values = [run.times.get("total") if memory is None else run.resources.get(memory)
              for run in runs]  # fmt: skip
    points = [(n + 1.0, value) for n, value in enumerate(values) if value is not None]
    found = slope([value for _, value in points])
    trend = None
    if found is not None:
        middle = sorted(value for _, value in points)[len(points) // 2]
        half = (len(points) - 1) / 2 * found.value
        trend = ((points[0][0], middle - half), (points[-1][0], middle + half))
    return Line(name, points, trend=trend)


def _over_time(loaded: Loaded) -> Chart:
    known = {"ram": "RAM", "gpu_memory": "memory of the card"}
    lines = [
        Line(words, [(one.at, one.values[name]) for one in loaded.result.samples
                     if name in one.values], dots=False)
        for name, words in known.items()
    ]  # fmt: skip
    lines = [line for line in lines if line.points]
    return line_chart("Memory over time", "seconds since the beginning", "GB", lines)


def cold(loaded: Loaded) -> Section:
    """Return what a new process takes until its first and second picture."""
    rows = [[row.competitor, *(figure(row, name) for name in (*_START, "total")),
             figure(row, memory_of(loaded.result.rows))] for row in loaded.result.rows]  # fmt: skip
    heads = ["", "process", "imports", "loading", "first picture", "second picture", "total",
             memory_name(memory_of(loaded.result.rows))]  # fmt: skip
    bars = [(row.competitor, {words(name): row.figures[name].median for name in _START
                              if name in row.figures}) for row in loaded.result.rows]  # fmt: skip
    return Section(
        "cold",
        "A new process",
        "From the start of Python to the second picture. The files are in the system's cache, "
        "unless the machine has just started.",
        ("Loading time, and the first picture against a warm one",),
        [Table("Seconds: median (95 % interval)", heads, rows)],
        [stacked_bars("From the start to the second picture", "seconds", bars)],
    )


def papermill(loaded: Loaded) -> Section:
    """Return the time of jobs in new kernels and in a warm one."""
    heads = ["", "seconds a job", "of which drawing", "jobs"]
    rows = [[row.competitor, figure(row, "total"), figure(row, "draw"),
             str(sum(row.statuses.values()))] for row in loaded.result.rows]  # fmt: skip
    medians = [row.figures["total"].median for row in loaded.result.rows if "total" in row.figures]
    notes = [f"{max(a, b) / min(a, b):.1f} times as long in a new kernel."
             for a, b in pairwise(medians[:2]) if min(a, b) > 0]  # fmt: skip
    spreads = [Spread(name, [run.times["total"] for run in loaded.runs(name)])
               for name in loaded.names]  # fmt: skip
    return Section(
        "papermill",
        "Notebooks as jobs",
        "The same notebook as a job of papermill: in a kernel of its own each time, and in one "
        "whose engine stays warm.",
        ("What a warm engine gains for jobs",),
        [Table("Seconds a job: median (95 % interval)", heads, rows, notes)],
        [strip_chart("Seconds of each job", "seconds", spreads)],
    )


def device(loaded: Loaded) -> Section:
    """Return what arithmetic and memory of the device reach."""
    units = {"tflop_per_s": "TFLOP/s", "tb_per_s": "TB/s"}
    rows = [
        [row.case, *(spelled(row.figures.get(unit)) for unit in units), figure(row, "total")]
        for row in loaded.result.rows
    ]
    title = loaded.result.competitors[0].facts.get("title", "") if loaded.result.competitors else ""
    return Section(
        "gpu",
        "The device itself",
        "Operations of one layer at the model's own shapes, repeated for half a second each: what "
        "no program that draws with this device can go beyond.",
        ("What the device itself can do",),
        [Table(f"Rates of {title}".strip(), ["", *units.values(), "seconds each"], rows)],
    )
