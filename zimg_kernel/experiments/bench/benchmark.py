"""Run of a suite by its name: ``run_bench("latency", ["nano-turbo"])``."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.paths import content_hash
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import get_card
from zimg_kernel.params import GenerationParams

from .between_steps import between_steps
from .card_memory import card_memory
from .competitors.competitor import Competitor
from .progress import Progress
from .reference import Reference
from .result import BenchResult, Case, Run
from .result_file import read_result, write_result
from .runner import FILE, Runner
from .suites import Suite, get_suite, warm_cases
from .summary import summarise


def run_bench(
    suite: str,
    models: Sequence[str | Competitor] | str | None = None,
    *,
    out: str | Path | None = None,
    rounds: int | None = None,
    pause: float | None = None,
    seed: int = 42,
    time_limit: float = 600,
    params: dict[str, Any] | None = None,
    cases: Sequence[str] | None = None,
    gpu_memory: float | None = None,
    engine: Engine | None = None,
    progress: bool | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_run: Callable[[Run, Path], None] | None = None,
    stop: threading.Event | None = None,
) -> BenchResult:
    """Measure competitors by a suite, and write ``result.json`` with the pictures beside it.

    Parameters
    ----------
    suite : str
        latency, complexity, sizes, steps, batch, stability, cold, papermill, quality, checklist
        or gpu.
    models : sequence of str or Competitor, optional
        Competitors: a model's id (``MODEL@fp32``, ``MODEL@fast+8GB``, ``MODEL@onnx``),
        ``cluster:MODEL`` (the shared engine), ``stock:MODEL``, ``comfyui:URL[,workflow=FILE]``,
        ``sd-cpp:FILE[,llm=FILE,vae=FILE]``, or a :class:`.Competitor`. By default the model that
        draws where none is named.
    out : str or Path, optional
        The folder. A benchmark that was stopped goes on in it. By default one in the home of zimg.
    rounds : int, optional
        How often each competitor draws each case; the suite's own number by default.
    pause : float, optional
        Seconds after each run; the suite's own by default.
    seed : int
        Of the pictures, and of the order of the runs.
    time_limit : float
        Seconds that a run may take.
    params : dict, optional
        Parameters for all cases, such as ``{"width": 1024, "height": 1024, "steps": 9}``.
    cases : sequence of str, optional
        Only the cases of these names.
    gpu_memory : float, optional
        10**9 bytes of the card that torch may use, to measure as on a smaller one.
    engine : Engine, optional
        What draws models of the catalogue; a new engine with a gallery in the folder otherwise.
    progress : bool, optional
        Show a bar; by default in notebooks and terminals.
    on_progress, on_run : callable, optional
        Called after each run with a :class:`.Progress`; with each finished :class:`.Run` and
        the folder, to judge its picture into ``run.values``.
    stop : threading.Event, optional
        Set it from another thread to end early.

    Returns
    -------
    BenchResult
        With rows and findings.

    Raises
    ------
    BadInput
        No such suite, model or case, or a folder with another benchmark; nothing was drawn.
    JobCancelled
        It was stopped; the same call goes on.

    Examples
    --------
    >>> result = run_bench("latency", ["nano-turbo", "stock:nano-turbo"], rounds=5)
    >>> result.rows[0].figures["total"].median < 60
    True
    """
    chosen = get_suite(suite)
    own_engine = None
    if engine is None:
        engine = own_engine = LocalEngine()
    named = [models] if isinstance(models, str) else list(models or [engine.default_model()])
    competitors, cards = _competitors(chosen, named, engine)
    if cards:  # what no model could draw is refused before anything is begun
        GenerationParams.from_dict({"prompt": "any", **(params or {})})
    asked = _cases(chosen, cards, cases, {"seed": seed, **(params or {})})
    values = {
        "rounds": _positive(chosen.rounds if rounds is None else rounds, "rounds"),
        "seed": seed,
        "pause": chosen.settings.get("pause", 0.0) if pause is None else pause,
        "time_limit": _positive(time_limit, "time_limit"),
        "in_order": chosen.settings.get("in_order", False),
        "warm_cases": warm_cases(asked, chosen.warmup),
        "params": params or {},
        **({} if gpu_memory is None else {"gpu_memory": gpu_memory}),
    }
    folder = _folder(out, suite, [one.name for one in competitors], values)
    if own_engine is not None:
        own_engine.gallery = Gallery(folder / "gallery")
    runner = Runner(
        suite, competitors, asked, folder, values,
        command=_command(suite, competitors, values), reference=Reference(),
        between=between_steps(values["rounds"]),
        on_progress=on_progress, on_run=on_run, stop=stop, progress=progress,
    )  # fmt: skip
    try:
        with card_memory(gpu_memory):
            result = runner.run()
    finally:
        if own_engine is not None:
            own_engine.close()
    return add_verdicts(result, folder)


def add_verdicts(result: BenchResult, folder: Path) -> BenchResult:
    """Judge the pictures of a suite that is judged, where it was not done yet, and write it."""
    from .judge.prompts import GRADED, JUDGED
    from .judge.result import judge_result

    if result.suite in (*JUDGED, *GRADED) and not any("score" in run.values for run in result.runs):
        judge_result(result, folder)
        summarise(result)
        write_result(result, folder / FILE)
    return result


def _competitors(
    suite: Suite, named: Sequence[str | Competitor], engine: Engine
) -> tuple[list[Competitor], list[ModelCard]]:
    """Return the competitors, and the cards of those that have one."""
    found: list[Competitor] = []
    for one in named:
        found += suite.competitors(one, engine) if isinstance(one, str) else [one]
    cards = [card for one in found if (card := getattr(one, "card", None)) is not None]
    if not cards and suite.competitors.__name__ == "_device":
        cards = [get_card(one) for one in named if isinstance(one, str)]
    unique = {one.name: one for one in found}  # the device is one, whatever models were named
    return list(unique.values()), cards


def _cases(
    suite: Suite, cards: list[ModelCard], only: Sequence[str] | None, params: dict[str, Any]
) -> list[Case]:
    """Return the cases with the parameters that all of them get; a case's own come first."""
    made = suite.cases(cards)
    known = {case.name for case in made}
    for name in only or ():
        if name not in known:
            raise BadInput(
                f"There is no case {name!r} in this suite: choose {', '.join(sorted(known))}.",
                code="unknown-case",
                field="cases",
            )
    kept = [case for case in made if only is None or case.name in only]
    return [case.model_copy(update={"params": {**params, **case.params}}) for case in kept]


def _positive(value: float, name: str) -> Any:
    if value <= 0:
        raise BadInput(f"{name} must be above 0.", code="out-of-range", field=name)
    return value


def _folder(out: str | Path | None, suite: str, names: list[str], values: dict[str, Any]) -> Path:
    """Return the folder that was named, or the next free one for these settings."""
    if out is not None:
        return Path(out).expanduser().absolute()
    base = settings.home() / "bench" / f"{suite}-{content_hash([names, values], 8)}"
    number, folder = 1, base
    while (folder / FILE).exists() and read_result(folder / FILE).complete:
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder.absolute()


def _command(suite: str, competitors: Sequence[Competitor], values: dict[str, Any]) -> str:
    names = dict.fromkeys(_spec(one) for one in competitors if one.kind != "device")
    parts = ["zimg", "bench", suite, *[word for name in names for word in ("--model", name)]]
    parts += ["--rounds", str(values["rounds"]), "--pause", f"{values['pause']:g}"]
    parts += ["--seed", str(values["seed"])]
    if "gpu_memory" in values:
        parts += ["--gpu-memory", f"{values['gpu_memory']:g}"]
    parts += [word for name, value in values["params"].items() for word in ("-p", name, str(value))]
    return shlex.join(parts)


def _spec(competitor: Competitor) -> str:
    """Return what the command names a competitor by."""
    if competitor.kind in ("process", "notebook"):
        return str(competitor.card.id)  # type: ignore[attr-defined]
    return competitor.name
