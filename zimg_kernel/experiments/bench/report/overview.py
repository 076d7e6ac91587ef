"""Sections on the whole: models side by side, deployment, findings, environment, glossary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..result import EXPLAINED, CompetitorFacts, Row
from .charts import Tradeoff, front_chart
from .judge_sections import rated, share_of, spelled_share, tradeoffs
from .table import (
    MEMORY,
    NONE,
    Loaded,
    Section,
    Suites,
    Table,
    figure,
    memory_name,
    memory_of,
    percent,
    short,
)

_CARDS = (4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 80, 96, 141)
"""Memory of cards that are sold, GB (2**30 bytes, as their makers count)."""
_SPARE = 0.6  # GB that the driver and the desktop hold
_MAIN = ("latency", "complexity", "quality", "steps", "stability")
"""Suites whose first rows stand for a competitor's usual time, in this order."""


def models(suites: Suites) -> Section:
    """Return all competitors side by side."""
    stars = rated(suites, "competitor")
    by_name = {row["group"]: row for row in stars.rows} if stars else {}
    memory = memory_of(row for loaded in suites.all for row in loaded.result.rows)
    rows = []
    for name in suites.names:
        loaded, row = _usual(suites, name)
        facts = _facts(suites, name)
        runs = [run for one in suites.of("quality", "checklist") for run in one.runs(name)]
        given = by_name.get(name)
        count = row.figures.get("cpu_share") if row else None
        rows.append([
            name, _steps(facts, loaded, name), figure(row, "total"), figure(row, memory),
            percent(count.median if count else None), _smallest_card(row),
            spelled_share(share_of(runs)),
            f"{given['mean']:.2f} ({given['raters']})" if given else NONE])  # fmt: skip
    heads = ["", "steps", "seconds a picture", memory_name(memory), "CPU share", "smallest card",
             "items right", "stars (ratings)"]  # fmt: skip
    found = [point for loaded in suites.of("quality", "checklist") for point in tradeoffs(loaded)]
    firsts: dict[str, Tradeoff] = {}
    for point in found:
        firsts.setdefault(point.name, point)
    several = len(firsts) > 1
    return Section(
        "models",
        "Models side by side",
        "The usual time is that of the first suite below that has it. The smallest card is the "
        "smallest one sold whose memory holds the peak; on a CPU there is none.",
        ("Time, memory, CPU share and smallest card by model", "Stars and scores by model"),
        [Table("Median (95 % interval)", heads, rows)],
        [front_chart("Time against quality", "seconds a picture", "share of items that are right",
                     list(firsts.values()))] if several else [],
    )  # fmt: skip


def _usual(suites: Suites, name: str) -> tuple[Loaded | None, Row | None]:
    for loaded in (*suites.of(*_MAIN), *suites.all):
        rows = [row for row in loaded.rows(name) if "total" in row.figures]
        if rows:
            return loaded, rows[0]
    return None, None


def _facts(suites: Suites, name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for loaded in suites.all:
        for one in loaded.result.competitors:
            if one.name == name:
                found = {**one.facts, **found}
    return found


def _steps(facts: Mapping[str, Any], loaded: Loaded | None, name: str) -> str:
    runs = loaded.runs(name) if loaded else []
    steps = next((run.params["steps"] for run in runs if run.params.get("steps")), None)
    return str(steps or facts.get("steps") or NONE)


def _smallest_card(row: Row | None) -> str:
    gpu = [row.figures[name] for name in MEMORY[:3] if row and name in row.figures]
    if not gpu:
        return NONE
    needed = gpu[0].most * 1e9 / 2**30 + _SPARE
    fits = next((card for card in _CARDS if card >= needed), None)
    return f"{fits} GB" if fits else f"more than {_CARDS[-1]} GB"


def deployment(suites: Suites) -> Section:
    """Return what it takes to run each competitor, and the energy of a picture."""
    heads = ["", *suites.names]
    known = {name: _facts(suites, name) for name in suites.names}
    rows = []
    for words, key, digits in (
        ("model", "title", 0), ("licence", "licence", 0), ("drawn by", "engine", 0),
        ("number format", "dtype", 0), ("way of computing", "speed", 0),
        ("modules run by", "runtime", 0),
        ("memory to keep to, GB", "memory_kept_to_gb", 3),
        ("weights in memory, GB", "weights_gb", 3),
        ("to download, GB", "download_gb", 3), ("loading, seconds", "load_s", 3),
        ("fingerprint of the weights", "fingerprint", 0),
    ):  # fmt: skip
        cells = [_cell(facts.get(key), digits) for facts in known.values()]
        if any(cell != NONE for cell in cells):
            rows.append([words, *cells])
    rows += _measured(suites)
    rows.append(["weights", *(_where(facts) for facts in known.values())])
    kinds = [_kind(suites, name) for name in suites.names]
    rows.append(["used by", *(_USED_BY.get(kind, NONE) for kind in kinds)])
    return Section(
        "deployment",
        "Deployment",
        "What has to be there, and what a picture costs.",
        ("Weights, loading time and memory of each model", "Energy of a picture"),
        [Table("Facts for deployment", heads, rows)],
    )


_USED_BY = {
    "engine": "Python, notebooks, the zimg command, papermill jobs, a web page (make app)",
    "stock": "Python",
    "comfyui": "HTTP",
    "sd-cpp": "Python",
}
"""By the kind of competitor."""


def _kind(suites: Suites, name: str) -> str:
    found = (one.kind for loaded in suites.all for one in loaded.result.competitors
             if one.name == name)  # fmt: skip
    return next(found, "")


def _measured(suites: Suites) -> list[list[str]]:
    rows = []
    for words, name in (
        ("energy of the card, J a picture", "energy_gpu"),
        ("energy of the CPU, J a picture", "energy_cpu"),
        ("power of the card, W", "power_mean"),
    ):
        cells = [figure(_usual(suites, one)[1], name) for one in suites.names]
        if any(cell != NONE for cell in cells):
            rows.append([words, *cells])
    cold = suites.of("cold")
    if cold:
        cells = []
        for one in suites.names:
            mine = [row for row in cold[0].result.rows if row.competitor == f"cold:{one}"]
            cells.append(figure(mine[0], "total") if mine else NONE)
        if any(cell != NONE for cell in cells):
            rows.append(["new process until its second picture, seconds", *cells])
    return rows


def _where(facts: Mapping[str, Any]) -> str:
    if not facts.get("model"):
        return NONE
    if facts.get("download_gb"):
        return "downloaded once, then offline"
    return "inside the package, offline"


def _cell(value: Any, digits: int) -> str:
    if value is None or value == "":
        return NONE
    return short(float(value), digits) if digits else str(value)


def findings(suites: Suites) -> Section:
    """Return what the figures show, faults first."""
    levels = {"fault": 0, "warning": 1, "fact": 2}
    found = [(one, loaded.suite) for loaded in suites.all for one in loaded.result.findings]
    found.sort(key=lambda pair: levels[pair[0].level])
    rows = [[one.level, suite, one.text] for one, suite in found]
    given_up = [_given_up(one) for loaded in suites.all for one in loaded.result.competitors
                if one.error]  # fmt: skip
    return Section(
        "findings",
        "What was found",
        "Faults first, then warnings and facts." if rows else "Nothing out of the ordinary.",
        ("What went wrong, and what a machine noticed by itself",),
        [Table("Findings", ["", "suite", ""], rows, list(dict.fromkeys(given_up)))] if rows else [],
    )


def _given_up(one: CompetitorFacts) -> str:
    return f"{one.name} was given up: {one.error}"


def environment(suites: Suites) -> Section:
    """Return hardware, versions, and the commands that make these results again."""
    machines: dict[str, list[str]] = {}
    known: dict[str, dict[str, str]] = {}
    for loaded in suites.all:
        flat = _flat(loaded.result.environment)
        varying = {"load_before", "own_load_before"}
        key = repr(sorted((k, v) for k, v in flat.items() if k not in varying))
        machines.setdefault(key, []).append(loaded.suite)
        known.setdefault(key, {k: v for k, v in flat.items() if k not in varying})
    tables = []
    for key, facts in known.items():
        caption = f"Machine of {', '.join(dict.fromkeys(machines[key]))}"
        tables.append(Table(caption, ["", ""], [[name, value] for name, value in facts.items()]))
    rows = [
        [one.suite, one.result.created.strftime("%Y-%m-%d %H:%M"), f"{one.result.seconds:.0f} s",
         str(one.result.settings.get("rounds", NONE)),
         str(one.result.environment.get("load_before", NONE)), one.result.command or NONE]
        for one in suites.all
    ]  # fmt: skip
    heads = ["suite", "begun", "took", "rounds", "load before", "command"]
    return Section(
        "environment",
        "Machine and commands",
        "Each result is made again by its command.",
        ("Hardware, driver, versions, and how to repeat this",),
        [Table("Results in this report", heads, rows), *tables],
    )


def _flat(facts: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{name}: ")
        else:
            found[before + name] = str(value)
    return found


def glossary(suites: Suites) -> Section:
    """Return what each figure in this report means, and how it was measured."""
    used = {name for loaded in suites.all for row in loaded.result.rows for name in row.figures}
    rows = [[name, meaning] for name, meaning in EXPLAINED.items() if name in used]
    rows += [
        ["median (95 %)", "the middle one of the runs after the warm-up, and the interval that a "
         "percentile bootstrap gives it (Efron and Tibshirani 1993, section 13.3)"],
        ["outlier", "a run whose modified z-score lies beyond 3.5 (Iglewicz and Hoaglin 1993); it "
         "is marked, and stays in the median"],
        [NONE, "not measured: this machine or this competitor cannot tell it"],
    ]  # fmt: skip
    return Section(
        "glossary",
        "What each figure means",
        "Times are seconds, memory is 10⁹ bytes.",
        ("How each figure was measured",),
        [Table("Figures", ["", "meaning"], rows)],
    )
