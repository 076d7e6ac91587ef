"""Comparison of methods: the same prompts drawn by each, and the diversity measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.api import as_params
from zimg_kernel.engine.batch import BatchRunner, Result
from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.progress import ProgressBar
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, JobCancelled, ZimgError
from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.experiments.batch.checks import ParamsChecker
from zimg_kernel.experiments.batch.manifest import Manifest
from zimg_kernel.experiments.batch.paths import batch_folder
from zimg_kernel.params import GenerationParams

from .cache import ChoiceCache
from .measure import Features
from .methods import METHODS, get_method, vary
from .report import VarietyReport
from .results import make_report

if TYPE_CHECKING:
    from zimg_kernel.nano.world.scenes import Scene

    from .rewording import Wordings

BASELINE = "seeds"
_AT_ONCE = 3


def compare_variety(
    prompts: str | GenerationParams | Mapping[str, Any] | Iterable[Any],
    methods: Sequence[str] | None = None,
    n: int = 8,
    *,
    engine: Engine | None = None,
    features: Features = "layout",
    wordings: Wordings | Mapping[str, Wordings] | None = None,
    scenes: Mapping[str, Scene] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    folder: str | Path | None = None,
    progress: bool | None = None,
    **params: Any,
) -> VarietyReport:
    """Draw ``n`` pictures of each prompt by each method, and compare them.

    Pictures go to the engine's gallery like any other. Called again after it was stopped or
    killed, it has the pictures that are there and draws those that are missing.

    Parameters
    ----------
    prompts : str, GenerationParams, mapping, or several of them
        What to draw.
    methods : sequence of str, optional
        Names in :data:`~zimg_kernel.variety.METHODS`, all by default. ``seeds``, the baseline,
        is always among them.
    n : int
        Pictures of a prompt by a method, 2 to 1000. Fewer than 6 say little.
    engine : Engine, optional
        What draws; the default engine of this process otherwise.
    features : {"layout", "clip"}
        What diversity is measured by, see :func:`~zimg_kernel.variety.diversity`.
    wordings : iterable of str, callable, or mapping from prompts to them, optional
        For ``rewording``; a function is called with a prompt and ``n``. A prompt that a mapping
        does not have is reworded as without.
    scenes : mapping from prompts to scenes, optional
        What the miniature's judge is to look for.
    options : mapping from methods to their options, optional
        Such as ``{"embedding_noise": {"amount": 0.3}}``, see :func:`vary`.
    folder : str or Path, optional
        Of what is kept for going on. By default one below ``variety`` in the user's home of
        zimg that is the same for the same prompts.
    progress : bool, optional
        Show how far it is; by default in notebooks and terminals.
    **params
        Fields for all pictures: model, seed, steps, width ...

    Returns
    -------
    VarietyReport
        A table that shows itself in a notebook; ``.rows``, ``.to_json()``.

    Raises
    ------
    BadInput
        Something that cannot be drawn, or an unknown method; nothing was drawn.
    ZimgError
        Not one picture could be drawn, or it was cancelled.
    """
    engine = engine or default_engine()
    names = [get_method(name).name for name in (methods or METHODS)]
    names = list(dict.fromkeys([BASELINE, *names]))
    wanted = _prompts(prompts, params)
    if not isinstance(n, int) or not 2 <= n <= 1000:
        raise BadInput(
            f"n is how many pictures are compared, 2 to 1000, not {n!r}.",
            code="out-of-range",
            field="n",
        )
    unknown = sorted(set(options or {}) - set(names))
    if unknown:
        raise BadInput(
            f"There are options for {unknown[0]}, which is not among the methods.",
            code="unknown-method",
            field="options",
        )
    own_wordings = _wordings_by_prompt([one.prompt for one in wanted], wordings)
    manifest = Manifest.read(batch_folder(folder, "variety", [[one.hash for one in wanted], n]))
    checker = ParamsChecker(engine)
    bases = [_with_seed(checker.complete(one), manifest) for one in wanted]
    manifest.facts = {"prompts": [base.prompt for base in bases]}
    cache = ChoiceCache(manifest.folder)
    cells: list[Cell] = []
    refused: dict[tuple[int, int], str] = {}
    choosing_seconds: dict[tuple[int, int], float] = {}
    with ProgressBar(len(bases) * len(names) * n, "Variety", progress) as bar:
        for layer, base in enumerate(bases):
            for row, name in enumerate(names):
                texts = own_wordings.get(base.prompt) if name == "rewording" else None
                own = dict((options or {}).get(name, {}))
                make = partial(vary, base, n, name, engine=engine, wordings=texts, **own)
                try:
                    choice = cache.get((name, base, n, own, texts), make)
                    made = [checker.complete(one) for one in choice.params]
                except BadInput as error:
                    if name == BASELINE:
                        raise
                    refused[layer, row] = str(error)
                    continue
                choosing_seconds[layer, row] = choice.seconds
                cells += [Cell(i, row, layer, one, one.hash) for i, one in enumerate(made)]
        manifest.fill(cells, engine.gallery)
        _draw(cells, engine, manifest, bar)
    return make_report(
        [base.prompt for base in bases],
        names,
        n,
        cells,
        choosing_seconds,
        refused,
        features=features,
        scenes=scenes or {},
        warnings=checker.warnings,
        model=str(bases[0].model),
    )


def _draw(cells: list[Cell], engine: Engine, manifest: Manifest, bar: ProgressBar) -> None:
    """Draw what is missing, methods in turn, so that a busy hour slows all of them alike."""

    def on_result(alike: list[Cell], result: Result) -> None:
        manifest.record(alike, result)
        bar.show(sum(cell.status != "waiting" for cell in cells))

    bar.show(sum(cell.status == "done" for cell in cells))
    waiting = [cell for cell in cells if cell.status == "waiting"]
    waiting.sort(key=lambda cell: (cell.layer, cell.column, cell.row))
    try:
        BatchRunner(engine, _AT_ONCE, cells, on_result).draw(waiting)
    finally:
        manifest.write(now=True)
    if all(cell.status == "failed" for cell in cells):
        raise ZimgError(cells[0].error, code="drawing-failed")
    if any(cell.status == "waiting" for cell in cells):
        raise JobCancelled(
            "The comparison was cancelled; called again, it goes on.", code="cancelled"
        )


def _prompts(prompts: Any, params: Mapping[str, Any]) -> list[GenerationParams]:
    several = not isinstance(prompts, str | GenerationParams | Mapping)
    if several and not isinstance(prompts, Iterable):
        raise BadInput(
            f"A prompt is text, not {type(prompts).__name__}.", code="wrong-type", field="prompts"
        )
    wanted = [as_params(one, params) for one in (prompts if several else [prompts])]
    if not wanted:
        raise BadInput(
            "There is no prompt: give one, or a list.", code="empty-prompt", field="prompts"
        )
    if any(one.count != 1 for one in wanted):
        raise BadInput(
            "Say how many pictures with n: leave count out.", code="count-not-one", field="count"
        )
    return wanted


def _wordings_by_prompt(prompts: Sequence[str], given: Any) -> dict[str, Any]:
    """Return the caller's wordings by prompt."""
    if given is None:
        return {}
    if callable(given):
        return dict.fromkeys(prompts, given)
    if isinstance(given, Mapping):
        strange = sorted(set(given) - set(prompts))
        if strange:
            raise BadInput(
                f"There are wordings for “{strange[0]}”, which is not among the prompts.",
                code="unknown-prompt",
                field="wordings",
            )
        return {name: one if callable(one) else list(one) for name, one in given.items()}
    if len(set(prompts)) > 1:
        raise BadInput(
            "One list of wordings fits one prompt: give a mapping, or a function.",
            code="several-prompts",
            field="wordings",
        )
    return {prompts[0]: given if isinstance(given, str) else list(given)}


def _with_seed(params: GenerationParams, manifest: Manifest) -> GenerationParams:
    """Return the parameters with a seed of -1 drawn, once for the comparison."""
    return params if params.seed >= 0 else params.replace(seed=manifest.draw_seed("params"))
