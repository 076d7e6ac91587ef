"""Run of a suite: each picture is checked while the engine draws the next."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zimg_kernel.engine.batch import BatchRunner, Result, describe_error, group_by_key
from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.progress import ProgressBar
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, JobCancelled, ZimgError, one_sentence_errors
from zimg_kernel.experiments.batch.manifest import Manifest
from zimg_kernel.images.image import GeneratedImage

from .check import Check, CheckResult
from .fingerprint import model_fingerprint
from .plan import Plan, lay_out
from .report import PictureResult, SuiteReport
from .spec import Case, Fields, Suite
from .verdicts import VerdictStore, suite_folder

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
    engine = engine or default_engine()
    folder = suite_folder(suite.name) if cache is None else Path(cache).expanduser().absolute()
    run = _Run(lay_out(suite, override, engine), engine, folder, fresh, at_once, on_result, stop)
    with ProgressBar(len(run.results), "Suite", progress) as run.bar:
        run.reuse(fresh)
        run.draw()
    report = SuiteReport(suite, run.results, run.left_out, drawn=run.drawn, folder=folder)
    report.compare(run.store.last())
    report.seconds = time.perf_counter() - started
    run.store.write_last(
        report.statuses(), {"created": report.created.isoformat(), "suite": suite.name}
    )
    return report


class _Run:
    """One run: its results, and the folder that it reads from and writes to."""

    bar: ProgressBar

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        folder: Path,
        fresh: bool,
        at_once: int,
        on_result: Callable[[PictureResult], None] | None,
        stop: threading.Event | None,
    ) -> None:
        self.results, self.left_out, self.drawn = plan.results, plan.left_out, 0
        self._runner = BatchRunner(engine, at_once, self.results, self._on_drawn)
        self.store = VerdictStore(folder, fresh)
        self._listener, self._stop = on_result, stop
        self._cards = plan.cards
        self._fingerprints = {
            name: model_fingerprint(card, engine) for name, card in plan.cards.items()
        }
        self._manifests = {
            name: Manifest(folder / f"{name}-{found}") for name, found in self._fingerprints.items()
        }
        self._waiting: list[PictureResult] = []
        self._decided = 0

    def reuse(self, fresh: bool) -> None:
        """Take the verdicts and pictures that are there, unless all shall be made afresh."""
        for result in () if fresh else self.results:
            for place, check in enumerate(result.case.checks):
                known = self.store.get(result.key, self._fingerprints[result.model], check.key)
                if known is not None:
                    result.verdicts[place] = known
            self._point_at_picture(result)
        for result in self.results:
            for place, undecided in self._undecided(result):
                if reason := undecided.skip_reason(self._cards[result.model], result.case):
                    result.verdicts[place] = CheckResult("skipped", reason)
        self._waiting = [result for result in self.results if self._undecided(result)]
        for one in {c.kind: c for r in self._waiting for _, c in self._undecided(r)}.values():
            one.prepare()
        if not fresh:
            self._verify_pictures()
        for result in self.results:
            if not self._undecided(result):
                self._report(result)

    def _point_at_picture(self, result: PictureResult) -> None:
        path = self._manifests[result.model].picture(result.key)
        if path.is_file():
            result.path, result.found = path, True

    def _verify_pictures(self) -> None:
        """Look into the files of pictures that will be judged."""
        for alike in group_by_key(self._waiting).values():
            for result in alike:
                result.path, result.found = None, False
            self._manifests[alike[0].model].fill(alike, None)

    def draw(self) -> None:
        """Draw and check; pictures that are there are only checked."""
        for result in self._waiting:
            if result.path is None:
                continue
            if self._stop is not None and self._stop.is_set():
                raise JobCancelled(_STOPPED)
            image = result.image
            if image is None:  # removed a moment ago
                result.path, result.found = None, False
            else:
                self._judge(result, image)
        self._runner.draw([result for result in self._waiting if result.path is None])
        if any(self._undecided(result) for result in self.results):
            raise JobCancelled(_STOPPED)

    def _on_drawn(self, alike: list[PictureResult], drawn: Result) -> None:
        """Take a picture, or the reason why there is none, and check it."""
        if self._stop is not None and self._stop.is_set():
            self._runner.stop()
        waiting = [result for result in alike if self._undecided(result)]
        if isinstance(drawn, Exception):
            for result in waiting:
                result.error = describe_error(drawn)
                for place, _ in self._undecided(result):
                    result.verdicts[place] = CheckResult("error", result.error)
                self._report(result)
            return
        self.drawn += 1
        path = self._keep(drawn, self._manifests[alike[0].model].picture(alike[0].key))
        for result in alike:
            result.path, result.timings = path, drawn.timings
            result.loaded = drawn if path is None else None
        for result in waiting:
            self._judge(result, drawn)

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
        for place, check in self._undecided(result):
            verdict = result.verdicts[place] = _evaluate(check, image, result.case)
            if check.key is not None and verdict.status in ("passed", "failed"):
                made[check.key] = verdict
        self.store.put(result.key, self._fingerprints[result.model], made)
        self._report(result)

    def _undecided(self, result: PictureResult) -> list[tuple[int, Check]]:
        return [(place, check) for place, check in enumerate(result.case.checks)
                if place not in result.verdicts]  # fmt: skip

    def _report(self, result: PictureResult) -> None:
        self._decided += 1
        self.bar.show(self._decided)
        if self._listener is None:
            return
        try:
            self._listener(result)
        except Exception:  # a broken display must not stop the suite
            _log.exception("the listener of a suite failed")


def _evaluate(check: Check, image: GeneratedImage, case: Case) -> CheckResult:
    try:
        return check.evaluate(image, case)
    except Exception as error:
        _log.debug("the check %s broke", check.label, exc_info=True)
        text = str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"
        return CheckResult("error", " ".join(text.split()))


def _listed(given: Sequence[Any] | str | int | None) -> Any:
    """Return a single id as a list, a number as it is, anything else as a list."""
    if given is None or isinstance(given, int):
        return given
    return [given] if isinstance(given, str) else list(given)
