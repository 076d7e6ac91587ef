"""Measurement of one run: times, resources, the picture, and what went wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from zimg_kernel.engine.batch import describe_error
from zimg_kernel.errors import BadInput, OutOfMemory
from zimg_kernel.images.pixels import digest

from .between_steps import BetweenSteps
from .competitors.competitor import Answer, Competitor, Request
from .memory_shares import MemoryShares, held_now
from .picture_check import why_broken, why_unreadable
from .result import Case, Run
from .sampler import ResourceSampler
from .time_limit import NoAnswerError, within

_log = logging.getLogger(__name__)
_OF_PROCESS = ("ram_peak", "ram_mean", "ram_end", "cpu_share", "wait",
               "torch_peak", "torch_reserved")  # fmt: skip
_PACE_LEAST, _PACE_MOST = 0.02, 0.5  # seconds of the reference workload, each side
_LOADED = 0.01  # seconds: what takes less was ready


class Meter:
    """Measures single runs of competitors.

    Parameters
    ----------
    sampler : ResourceSampler
        Looks at resources meanwhile.
    reference : callable or None
        Repeats the reference workload for so many seconds (:class:`.Reference`); called just
        before and after each run, for a twentieth of the last one's time.
    folder : Path
        Of the result file; pictures go into ``pictures`` below it.
    time_limit : float
        Seconds that a run may take; loading may take as long again.
    clock : callable
        Returns seconds.
    between : BetweenSteps, optional
        Reference workload between the steps that competitors in this process draw once more after
        each run, on one thread.
    """

    def __init__(
        self,
        sampler: ResourceSampler,
        reference: Callable[[float], tuple[float, int]] | None,
        folder: Path,
        time_limit: float,
        clock: Callable[[], float] = time.perf_counter,
        between: BetweenSteps | None = None,
    ) -> None:
        self._sampler, self._reference, self._folder = sampler, reference, folder
        self._limit, self._clock, self._between = time_limit, clock, between
        self._took: dict[tuple[str, str], float] = {}
        self._shares = MemoryShares(lambda: held_now(sampler))
        self.pictures = folder / "pictures"
        self.pictures.mkdir(parents=True, exist_ok=True)

    def measure(self, competitor: Competitor, case: Case, run: Run) -> tuple[Run, bool]:
        """Fill in a run.

        Returns
        -------
        Run, bool
            The run, and whether the competitor can be asked again: not so where its last call
            never came back.
        """
        name = f"{run.number:04d}-{_file_name(run.competitor)}-{_file_name(run.case)}"
        request = Request(run.params, self.pictures, name)
        run.started = datetime.now(UTC)
        before = self._shares.now()
        try:
            self._ready(competitor, run)
            self._draw(competitor, request, run)
            if run.status == "ok" and not run.warmup:
                self._steps_alone(competitor, request, run)
            if "load" in run.times and competitor.in_process:
                self._shares.loaded(competitor.name, before)
        except NoAnswerError as error:
            run.status, run.error = "timeout", str(error)
            return run, not error.gone
        except (OutOfMemory, MemoryError) as error:
            run.status, run.error = "out-of-memory", describe_error(error)
            self._recover(competitor)
        except BadInput as error:
            run.status, run.error = "skipped", str(error)
        except Exception as error:
            if _ran_out(error):
                run.status, run.error = "out-of-memory", describe_error(error)
                self._recover(competitor)
            else:
                run.status, run.error = "failed", describe_error(error)
        return run, True

    def _ready(self, competitor: Competitor, run: Run) -> None:
        began = self._clock()
        within(2 * self._limit, competitor.ready, competitor.cancel)
        loading = self._clock() - began
        if loading > _LOADED:
            run.times["load"] = round(loading, 4)

    def _draw(self, competitor: Competitor, request: Request, run: Run) -> None:
        before = self._pace(run)
        window, began = self._sampler.window(), self._clock()
        answer = within(self._limit, lambda: competitor.draw(request), competitor.cancel)
        total = self._clock() - began
        resources = window.end()
        after = self._pace(run, total)
        if before and after:
            seconds, times = before[0] + after[0], before[1] + after[1]
            resources["reference"] = seconds / times
        if competitor.in_process:
            resources = self._shares.without_others(competitor.name, resources)
        else:
            resources = {key: value for key, value in resources.items() if key not in _OF_PROCESS}
        run.times |= {"total": total, **answer.times}
        if "wait" in resources and total > 0:  # where what is told is a part of what was watched
            resources["wait"] *= run.times["total"] / total
        run.pictures = max(1, len(answer.images))
        run.times["picture"] = run.times["total"] / run.pictures
        run.times = {key: round(value, 5) for key, value in run.times.items()}
        run.steps, run.values = answer.steps, answer.values
        resources |= answer.resources
        run.resources |= {name: round(value, 6) for name, value in resources.items()}
        run.params = answer.params or run.params
        self._look_at(answer, request, run)

    def _steps_alone(self, competitor: Competitor, request: Request, run: Run) -> None:
        """Have some steps drawn once more on one thread, where that tells something."""
        between = self._between
        if between is None or not competitor.in_process:
            return
        try:
            found = within(
                self._limit, lambda: competitor.steps_alone(request, between), competitor.cancel
            )
        except NoAnswerError:
            raise
        except Exception:  # the picture is there; what it took is known without them
            _log.warning("steps on one thread failed", exc_info=True)
            return
        run.resources |= {name: round(value, 6) for name, value in found.items()}

    def _pace(self, run: Run, took: float | None = None) -> tuple[float, int] | None:
        """Repeat the reference workload, for long enough to see what the run saw."""
        if self._reference is None:
            return None
        key = run.competitor, run.case
        last = self._took.get(key, 0.0) if took is None else took
        self._took[key] = last
        return self._reference(min(_PACE_MOST, max(_PACE_LEAST, last / 20)))

    def _look_at(self, answer: Answer, request: Request, run: Run) -> None:
        """Keep the first picture, and find what is wrong with any of them."""
        if not answer.images:
            return
        first, path = answer.images[0], answer.path
        run.pixels = digest(first)
        unreadable = why_unreadable(path) if path is not None else None
        if path is None:
            path = request.folder / f"{request.name}.png"
            first.save(path)
        inside = path.is_relative_to(self._folder)
        run.picture = path.relative_to(self._folder).as_posix() if inside else str(path)
        reasons = [unreadable] if unreadable else []
        reasons += [why for image in answer.images if (why := why_broken(image, request.params))]
        if reasons:
            run.status, run.error = "broken", f"The picture is broken: {reasons[0]}."

    def _recover(self, competitor: Competitor) -> None:
        self._shares.forget(competitor.name)
        try:
            within(self._limit, competitor.recover, lambda: None)
        except Exception:  # the next run will tell
            return


def _ran_out(error: Exception) -> bool:
    from zimg_kernel.models.device import is_out_of_memory

    return is_out_of_memory(error)


def _file_name(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_.x" else "-" for sign in text)[:40]
