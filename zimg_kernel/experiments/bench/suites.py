"""Suites: what is asked for, how often, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.models.card import ModelCard

from . import cases as made
from .competitors.choose import competitor
from .competitors.competitor import Competitor
from .result import Case

MakeCompetitors = Callable[[str, Engine], list[Competitor]]


def _as_named(name: str, engine: Engine) -> list[Competitor]:
    return [competitor(name, engine)]


def _cold(name: str, engine: Engine) -> list[Competitor]:
    from .competitors.process import ColdCompetitor

    return [ColdCompetitor(name)]


def _jobs(name: str, engine: Engine) -> list[Competitor]:
    from .competitors.notebook import NotebookCompetitor

    return [NotebookCompetitor(name, warm=False), NotebookCompetitor(name, warm=True)]


def _device(name: str, engine: Engine) -> list[Competitor]:
    from .competitors.device import DeviceCompetitor

    return [DeviceCompetitor()]


def _operations(cards: Sequence[ModelCard]) -> list[Case]:
    from .competitors.device import OPERATIONS

    return [Case(name=name, params={"operation": name}) for name in OPERATIONS]


def _judged(suite: str) -> Callable[[Sequence[ModelCard]], list[Case]]:
    def cases(cards: Sequence[ModelCard]) -> list[Case]:
        from .judge.result import judged_cases

        return judged_cases(suite, "nano" if made.is_miniature(cards) else "full")

    return cases


@dataclass(frozen=True)
class Suite:
    """One kind of benchmark.

    Attributes
    ----------
    about : str
        What it finds out.
    cases : callable
        Gets the cards of the models; returns the cases.
    competitors : callable
        Gets a name and the engine; returns what draws.
    rounds : int
        How often each case is drawn, unless the user says otherwise.
    warmup : int
        Warm-up runs of each competitor; one for each shape of picture is added.
    settings : dict
        ``pause`` (seconds after each run), ``in_order``.
    """

    about: str
    cases: Callable[[Sequence[ModelCard]], list[Case]]
    competitors: MakeCompetitors = _as_named
    rounds: int = 5
    warmup: int = 1
    settings: dict[str, Any] = field(default_factory=dict)


SUITES = {
    "latency": Suite("Time of one picture, phase by phase.", made.latency_cases),
    "complexity": Suite("Simple, medium and complex prompts.", made.complexity_cases),
    "sizes": Suite("A ladder of sizes to where memory ends, and back.", made.size_cases,
                   rounds=3, settings={"in_order": True}),
    "steps": Suite("Numbers of steps.", made.step_cases, rounds=3),
    "batch": Suite("Several pictures in one request.", made.batch_cases, rounds=3),
    "stability": Suite("Fifty prompts: does time or memory grow?", made.stability_cases,
                       rounds=1, warmup=2, settings={"in_order": True, "pause": 2.0}),
    "cold": Suite("A new process: imports, loading, first and second picture.",
                  made.latency_cases, _cold, rounds=3, warmup=0),
    "papermill": Suite("Jobs of papermill in new kernels and in a warm one.",
                       made.latency_cases, _jobs, rounds=5, warmup=1),
    "quality": Suite("Do the pictures show what their prompts ask for?", _judged("quality"),
                     rounds=1),
    "checklist": Suite("Instructions and lettering, item by item.", _judged("checklist"),
                       rounds=1),
    "gpu": Suite("Arithmetic and memory of the device itself.", _operations, _device, rounds=3,
                 warmup=0),
}  # fmt: skip
"""The suites by their names."""


def get_suite(name: str) -> Suite:
    """Return a suite.

    Raises
    ------
    BadInput
        There is none of this name.
    """
    if name not in SUITES:
        raise BadInput(
            f"There is no benchmark {name!r}: choose {', '.join(SUITES)}.",
            code="unknown-suite",
            field="suite",
        )
    return SUITES[name]


def warm_cases(cases: Sequence[Case], warmup: int) -> list[str]:
    """Return the cases to warm up on: the first of each shape, and the very first ``warmup`` times.

    A shape is what kernels are chosen or compiled for: width, height and number of pictures.
    """
    if not warmup or not cases:
        return []
    shapes: dict[tuple[Any, ...], str] = {}
    for case in cases:
        shape = tuple(case.params.get(name) for name in ("width", "height", "count"))
        shapes.setdefault(shape, case.name)
    first, *others = shapes.values()
    return [*[first] * warmup, *others]
