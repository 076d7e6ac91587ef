"""Sections on time and memory: single pictures, prompts, sizes, steps, batches."""

from __future__ import annotations

from ..result import Estimate
from .charts import Line, Spread, line_chart, stacked_bars, strip_chart
from .judge_sections import share_columns, share_of, spelled_share
from .likeness_tables import likeness_to_first
from .pictures import matrix_of
from .table import (
    NONE,
    Loaded,
    Section,
    Table,
    figure,
    memory_name,
    memory_of,
    percent,
    short,
    spelled,
    status_of,
    words,
)

PHASES = ("queue", "text_encoder", "transformer", "vae", "save")


def latency(loaded: Loaded) -> Section:
    """Return run by run, phases and distribution at the model's own size."""
    names = loaded.names
    memory = memory_of(loaded.result.rows)
    return Section(
        "latency",
        "One picture, run by run",
        "Every run after the warm-up, in rounds whose order is random. Outliers are marked and "
        "stay in the median.",
        ("Seconds of five runs, and their spread", "Where the time of a picture goes",
         "How like two models' pictures are (PSNR, SSIM)"),
        [*_run_tables(loaded, memory), _phase_table(loaded), _resource_table(loaded),
         *_likeness(loaded)],
        [
            strip_chart("Seconds of each run", "seconds", _spreads(loaded)),
            stacked_bars("Where the time of a picture goes", "seconds", [
                (name, _phases(loaded, name)) for name in names]),
        ],
        [matrix_of(loaded, "The last round's pictures")],
    )  # fmt: skip


def _run_tables(loaded: Loaded, memory: str | None) -> list[Table]:
    tables = []
    for case in loaded.cases:
        columns = []
        for name in loaded.names:
            runs = loaded.runs(name, case)
            columns.append([
                short(run.times.get("total")) + (" (outlier)" if run.outlier else "")
                + (f" · {short(run.resources[memory])}" if memory in run.resources else "")
                for run in runs])  # fmt: skip
        most = max(map(len, columns), default=0)
        rows = [[f"run {n + 1}", *(c[n] if n < len(c) else NONE for c in columns)]
                for n in range(most)]  # fmt: skip
        rows.append(["median (95 %)", *(
            figure(loaded.row(name, case), "total") for name in loaded.names)])  # fmt: skip
        unit = "Seconds · " + memory_name(memory) if memory else "Seconds"
        prompt = _prompt(loaded, case)
        tables.append(Table(f"{unit}; case {case}", ["", *loaded.names], rows,
                            [f"Prompt: {prompt}"] if prompt else []))  # fmt: skip
    return tables


def _prompt(loaded: Loaded, case: str) -> str:
    found = (one.params.get("prompt") for one in loaded.result.cases if one.name == case)
    return str(next(found, None) or "")


def _spreads(loaded: Loaded) -> list[Spread]:
    found = []
    several = len(loaded.cases) > 1
    for name in loaded.names:
        for case in loaded.cases:
            runs = loaded.runs(name, case)
            row = loaded.row(name, case)
            found.append(Spread(
                f"{name}, {case}" if several else name,
                [run.times["total"] for run in runs if "total" in run.times],
                [run.outlier for run in runs if "total" in run.times],
                row.figures.get("total") if row else None))  # fmt: skip
    return found


def _phases(loaded: Loaded, name: str) -> dict[str, float]:
    row = next(iter(loaded.rows(name)), None)
    if row is None:
        return {}
    known = {phase: row.figures[phase].median for phase in PHASES if phase in row.figures}
    known = {words(phase): value for phase, value in known.items() if value > 0}
    total = row.figures.get("total")
    if total is not None and total.median > sum(known.values()):
        known["rest"] = total.median - sum(known.values())
    return known


def _phase_table(loaded: Loaded) -> Table:
    rows = loaded.result.rows
    several = len(loaded.cases) > 1
    heads = ["", *(f"{row.competitor}, {row.case}" if several else row.competitor for row in rows)]
    lines = [[words(name), *(figure(row, name) for row in rows)] for name in (*PHASES, "total")]
    lines.insert(-1, ["one step", *(figure(row, "step") for row in rows)])
    return Table("Seconds by phase: median (95 % interval)", heads, lines)


def _resource_table(loaded: Loaded) -> Table:
    columns = {
        "CPU share": "cpu_share", "RAM peak, GB": "ram_peak", "tensors, GB": "torch_peak",
        "reserved, GB": "torch_reserved", "card, GB": "gpu_memory_peak", "power, W": "power_mean",
        "energy of the card, J": "energy_gpu", "energy of the CPU, J": "energy_cpu",
        "temperature, °C": "temperature", "clock, MHz": "clock_sm",
    }  # fmt: skip
    there = {head: name for head, name in columns.items()
             if any(name in row.figures for row in loaded.result.rows)}  # fmt: skip
    rows = []
    for row in loaded.result.rows:
        cells = [percent(_median(row.figures.get(name))) if name == "cpu_share"
                 else figure(row, name) for name in there.values()]  # fmt: skip
        rows.append([row.competitor, row.case, *cells])
    return Table("Resources of a picture", ["", "case", *there], rows,
                 ["What this machine cannot tell has no column."])  # fmt: skip


def _likeness(loaded: Loaded) -> list[Table]:
    found = likeness_to_first(loaded)
    return [] if found is None else [found]


def _median(found: Estimate | None) -> float | None:
    return None if found is None else found.median


def complexity(loaded: Loaded) -> Section:
    """Return time and memory by the complexity of the prompt."""
    memory = memory_of(loaded.result.rows)
    known = [row.facts["complexity"] for row in loaded.result.rows if "complexity" in row.facts]
    levels = list(dict.fromkeys(map(str, known)))
    judged = ["items right"] if share_columns(loaded, loaded.cases) else []
    rows = []
    for level in levels:
        for name in loaded.names:
            for row in loaded.rows(name):
                if row.facts.get("complexity") == level:
                    rows.append([level, str(row.facts.get("language", "")), name,
                                 figure(row, "total"), figure(row, memory),
                                 *(spelled_share(share_of(loaded.runs(name, row.case)))
                                   for _ in judged)])  # fmt: skip
    spreads = [
        Spread(f"{name}, {level}", [
            run.times["total"] for case in loaded.cases for run in loaded.runs(name, case)
            if _level(loaded, case) == level and "total" in run.times])
        for name in loaded.names for level in levels
    ]  # fmt: skip
    heads = ["prompt", "language", "", "seconds", memory_name(memory), *judged]
    return Section(
        "complexity",
        "Simple, medium and complex prompts",
        "The same size and seed; the prompts ask for one thing, for several, and for many.",
        ("Seconds, memory and score by the complexity of the prompt",),
        [
            Table("By complexity: median (95 % interval)", heads, rows),
            *_likeness(loaded),
        ],
        [strip_chart("Seconds by complexity", "seconds", spreads)],
        [matrix_of(loaded, "Pictures of the three complexities")],
    )


def _level(loaded: Loaded, case: str) -> str | None:
    return next((c.facts.get("complexity") for c in loaded.result.cases if c.name == case), None)


def sizes(loaded: Loaded) -> Section:
    """Return the ladder of sizes up to where memory ends."""
    memory = memory_of(loaded.result.rows)
    table = _by_case(loaded, "size", memory)
    names = dict(_places(loaded))
    charts = []
    for figure_name, title, label in (
        ("total", "Seconds by size", "seconds"),
        (memory, "Memory by size", memory_name(memory)),
    ):
        if figure_name is None:
            continue
        lines = [_line(loaded, name, figure_name) for name in loaded.names]
        charts.append(line_chart(title, "width x height, px", label, lines, names))
    return Section(
        "sizes",
        "A ladder of sizes",
        "From small to large, wide and tall ones too, until memory ends; then the first size "
        "again, which shows that the engine goes on.",
        (
            "Seconds, memory and score by size",
            "Which size runs out of memory, and what happens then",
        ),
        [table],
        charts,
        [matrix_of(loaded, "The same prompt and seed at each size")],
    )


def _line(loaded: Loaded, name: str, figure_name: str) -> Line:
    points, ends, failed = [], [], []
    for place, case in _places(loaded):
        row = loaded.row(name, case)
        found = row.figures.get(figure_name) if row else None
        if found is not None:
            points.append((place, found.median))
            whole = found.low is not None and found.high is not None
            ends.append((found.low or 0.0, found.high or 0.0) if whole else None)
        elif row is not None and status_of(row) != NONE:
            failed.append((place, status_of(row)))
    return Line(name, points, ends, failed)


def _places(loaded: Loaded) -> list[tuple[float, str]]:
    """Return the cases along an axis; what is drawn a second time is left out."""
    again = {case.name for case in loaded.result.cases if case.facts.get("again")}
    return [(float(n), case) for n, case in enumerate(loaded.cases) if case not in again]


def _by_case(loaded: Loaded, what: str, memory: str | None) -> Table:
    heads = [what]
    judged = share_columns(loaded, loaded.cases)
    for name in loaded.names:
        heads += [f"{name}: seconds", f"{name}: {memory_name(memory)}"]
        heads += [f"{name}: items right"] if judged else []
    rows = []
    for place, case in enumerate(loaded.cases):
        cells = [case]
        for column, name in enumerate(loaded.names):
            row = loaded.row(name, case)
            time = figure(row, "total")
            cells += [status_of(row) if time == NONE else time, figure(row, memory)]
            cells += [judged[column][place]] if judged else []
        rows.append(cells)
    return Table(f"By {what}: median (95 % interval)", heads, rows)


def batch(loaded: Loaded) -> Section:
    """Return what several pictures in one request gain."""
    heads = ["pictures in a request"]
    for name in loaded.names:
        heads += [f"{name}: seconds a picture", "against one by one"]
    rows = []
    for case in loaded.cases:
        cells = [case]
        for name in loaded.names:
            first, row = loaded.row(name, loaded.cases[0]), loaded.row(name, case)
            one = first.figures.get("picture") if first else None
            many = row.figures.get("picture") if row else None
            gain = f"{many.median / one.median:.2f}×" if one and many and one.median else NONE
            cells += [spelled(many) if many else status_of(row), gain]
        rows.append(cells)
    return Section(
        "batch",
        "Several pictures in one request",
        "Seconds a picture: the time of the request by the number of its pictures.",
        ("What drawing several pictures at once gains over one by one",),
        [Table("Seconds a picture: median (95 % interval)", heads, rows)],
        [line_chart("Seconds a picture", "pictures in a request", "seconds",
                    [_line(loaded, name, "picture") for name in loaded.names],
                    dict(_places(loaded)))],
    )  # fmt: skip
