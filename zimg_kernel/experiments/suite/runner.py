"""Draws a suite's pictures and checks each while the engine draws the next."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.progress import ProgressBar
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, JobCancelled, ZimgError, one_sentence_errors
from zimg_kernel.experiments.batch.cells import Cell, drawing_order
from zimg_kernel.experiments.batch.manifest import Manifest
from zimg_kernel.experiments.batch.runner import Pump, sentence
from zimg_kernel.images.image import GeneratedImage

from .check import Check, CheckResult
from .fingerprint import weights_print
from .plan import lay_out
from .report import PictureResult, SuiteReport
from .spec import Case, Fields, Suite
from .verdicts import Kept, suite_folder

_log = logging.getLogger(__name__)
_STOPPED = "The suite was stopped; what is done is kept: run it again to go on."


def run_suite(
    suite: Suite | str | Path,
    *,
    engine: Engine | None = None,
    models: Sequence[str] | str | None = None,
    seeds: Sequence[int] | int | None = None,
    only: Sequence[str] | str = (),
    cache: str | Path | None = None,
    fresh: bool = False,
    on_result: Callable[[PictureResult], None] | None = None,
    at_once: int = 3,
    stop: threading.Event | None = None,
    progress: bool | None = None,
) -> SuiteReport:
    """Draw what is missing, check what is undecided, and report.

    Pictures and verdicts are kept in a folder: a suite that has not changed costs nothing the
    second time, and one whose process was killed goes on. A verdict counts as long as the
    picture's parameters, the model's files, the software and the check are the same.

    Parameters
    ----------
    suite : Suite, str or Path
        A suite, a YAML file, or a ready suite by name: simple, text, layout.
    engine : Engine, optional
        What draws; the default engine of this process otherwise.
    models : sequence of str, optional
        Instead of those that the suite names. Without either, the engine's own choice.
    seeds : sequence of int, or int, optional
        Instead of those that the suite names; a number n means 0 to n - 1. By default 0.
    only : sequence of str
        Ids or tags of cases; all of them by default.
    cache : str or Path, optional
        The folder; by default one for the suite's name below ``suites`` in the home of zimg.
    fresh : bool
        Draw and check everything again.
    on_result : callable, optional
        Called with every :class:`PictureResult` as soon as all its checks are decided, in
        this thread.
    at_once : int
        How many pictures are handed to the engine at a time. While one is checked the others
        are drawn.
    stop : threading.Event, optional
        Set it from another thread to end early.
    progress : bool, optional
        Show how far it is; by default in notebooks and terminals.

    Returns
    -------
    SuiteReport
        Checks that could not be made are skipped in it, with the reason.

    Raises
    ------
    BadInput
        The suite has a mistake or names an unknown model; nothing was drawn.
    ZimgError
        Something that a check needs is not installed, or the folder cannot be written.
    JobCancelled
        It was stopped. What is done is kept; the same call goes on.

    Examples
    --------
    >>> report = run_suite("layout", seeds=3)
    >>> report.ok(0.9)
    True
    """
    started = time.perf_counter()
    suite = suite if isinstance(suite, Suite) else Suite.load(suite)
    suite = suite.only(*([only] if isinstance(only, str) else only)) if only else suite
    with one_sentence_errors():
        override = Fields.model_validate({"models": _listed(models), "seeds": _listed(seeds)})
    run = _Run(suite, override, engine or default_engine(), cache, fresh, on_result, stop, progress)
    try:
        run.recall()
        run.draw(at_once)
    finally:
        run.bar.close()
    report = SuiteReport(suite, run.results, run.left_out, drawn=run.drawn, folder=run.kept.folder)
    report.compare(run.kept.last())
    report.seconds = time.perf_counter() - started
    run.kept.note_last(
        report.statuses(), {"created": report.created.isoformat(), "suite": suite.name}
    )
    return report


class _Run:
    """One run: its results, and the folder that it reads from and writes to."""

    def __init__(
        self,
        suite: Suite,
        override: Fields,
        engine: Engine,
        cache: str | Path | None,
        fresh: bool,
        on_result: Callable[[PictureResult], None] | None,
        stop: threading.Event | None,
        progress: bool | None,
    ) -> None:
        self.engine, self.fresh, self.drawn = engine, fresh, 0
        self._tell, self._stop = on_result, stop
        self._plan = lay_out(suite, override, engine)
        self.results, self.left_out = self._plan.results, self._plan.left_out
        folder = suite_folder(suite.name) if cache is None else Path(cache).expanduser().absolute()
        self.kept = Kept(folder, fresh)
        self._prints = {
            name: weights_print(card, engine) for name, card in self._plan.cards.items()
        }
        self._manifests = {
            name: Manifest(folder / f"{name}-{found}") for name, found in self._prints.items()
        }
        self._by_key: dict[str, list[PictureResult]] = {}
        for result in self.results:
            self._by_key.setdefault(result.key, []).append(result)
        self._decided = 0
        self.bar = ProgressBar(len(self.results), "Suite", progress)

    def recall(self) -> None:
        """Take the verdicts and pictures that are there; make what can be made of them."""
        if not self.fresh:
            for result in self.results:
                for place, check in enumerate(result.case.checks):
                    known = self.kept.get(result.key, self._prints[result.model], check.key)
                    if known is not None:
                        result.verdicts[place] = known
                self._point_at_picture(result)
        for result in self.results:
            for place, open_check in self._undecided(result):
                if reason := open_check.pardon(self._plan.cards[result.model], result.case):
                    result.verdicts[place] = CheckResult("skipped", reason)
        self._waiting = [result for result in self.results if list(self._undecided(result))]
        for one in {c.kind: c for r in self._waiting for _, c in self._undecided(r)}.values():
            one.prepare()
        cells: dict[str, list[Cell]] = {}
        for result in self._waiting:
            cells.setdefault(result.model, []).append(result)
        if not self.fresh:
            for model, some in cells.items():
                self._verify(self._manifests[model], some)
        ids = {id(result) for result in self._waiting}
        for result in self.results:
            if id(result) not in ids:
                self._heard(result)

    def _point_at_picture(self, result: PictureResult) -> None:
        path = self._manifests[result.model].picture(result.key)
        if path.is_file():
            result.path, result.found = path, True

    def _verify(self, manifest: Manifest, cells: list[Cell]) -> None:
        """Look into the files of pictures that will be judged."""
        for cell in cells:
            cell.path, cell.found = None, False
        for cell in {cell.key: cell for cell in cells}.values():
            manifest.fill([cell], None)
        known = {cell.key: cell.path for cell in cells if cell.path is not None}
        for cell in cells:
            cell.path, cell.found = known.get(cell.key), cell.key in known

    def draw(self, at_once: int) -> None:
        """Draw and check; pictures that are there are only checked."""
        if at_once < 1:
            raise BadInput(f"at_once must be at least 1, not {at_once}.")
        self._pump = Pump(self.engine, at_once, self._note)
        there = [result for result in self._waiting if result.path is not None]
        for result in there:
            self._halt()
            image = result.image
            if image is None:  # removed a moment ago
                result.path, result.found = None, False
            else:
                self._judge(result, image)
        missing: list[Cell] = [result for result in self._waiting if result.path is None]
        requests = {key: self._by_key[key][0].params for key in drawing_order(missing)}
        try:
            self._pump.draw(requests)
        except BaseException:
            self._pump.stop()
            raise
        if any(list(self._undecided(result)) for result in self.results):
            raise JobCancelled(_STOPPED)

    def _note(self, key: str, result: GeneratedImage | Exception) -> None:
        """Take a picture, or the reason why there is none, and check it."""
        if self._stop is not None and self._stop.is_set():
            self._pump.stop()
        waiting = [one for one in self._by_key[key] if list(self._undecided(one))]
        if isinstance(result, Exception):
            for one in waiting:
                one.error = sentence(result)
                for place, _ in self._undecided(one):
                    one.verdicts[place] = CheckResult("error", one.error)
                self._heard(one)
            return
        self.drawn += 1
        path = self._keep(result, self._manifests[str(result.params.model)].picture(key))
        for one in self._by_key[key]:
            one.path, one.timings = path, result.timings
            one.kept = result if path is None else None
        for one in waiting:
            self._judge(one, result)

    def _keep(self, image: GeneratedImage, path: Path) -> Path | None:
        """Put a picture into the folder; one that the gallery has takes no room there."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if image.path is not None:
                os.link(image.path, path)
                return path
        except OSError:  # another disk, or one without links
            _log.debug("no link to %s", image.path, exc_info=True)
        try:
            image.save(path)
        except ZimgError:
            _log.debug("the picture %s stays in memory", path, exc_info=True)
            return image.path
        return path

    def _judge(self, result: PictureResult, image: GeneratedImage) -> None:
        made: dict[str, CheckResult] = {}
        for place, check in list(self._undecided(result)):
            verdict = result.verdicts[place] = _look(check, image, result.case)
            if check.key is not None and verdict.status in ("passed", "failed"):
                made[check.key] = verdict
        self.kept.put(result.key, self._prints[result.model], made)
        self._heard(result)

    def _undecided(self, result: PictureResult) -> list[tuple[int, Check]]:
        return [(place, check) for place, check in enumerate(result.case.checks)
                if place not in result.verdicts]  # fmt: skip

    def _halt(self) -> None:
        if self._stop is not None and self._stop.is_set():
            raise JobCancelled(_STOPPED)

    def _heard(self, result: PictureResult) -> None:
        self._decided += 1
        self.bar.show(self._decided)
        if self._tell is None:
            return
        try:
            self._tell(result)
        except Exception:  # a broken display must not stop the suite
            _log.exception("the listener of a suite failed")


def _look(check: Check, image: GeneratedImage, case: Case) -> CheckResult:
    try:
        return check.look(image, case)
    except Exception as error:
        _log.debug("the check %s broke", check.label, exc_info=True)
        text = str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"
        return CheckResult("error", " ".join(text.split()))


def _listed(given: Sequence[Any] | str | int | None) -> Any:
    """A single id as a list; a number as it is; anything that can be listed as a list."""
    if given is None or isinstance(given, int):
        return given
    return [given] if isinstance(given, str) else list(given)
