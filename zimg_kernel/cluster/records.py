"""Records of a service: its metrics and its audit log, of the same events."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil

from zimg_kernel import settings
from zimg_kernel.engine.events import Cancelled, Done, Event, Failed, Finished
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.models.weights import free_disk

from .audit import Audit
from .metrics import Metrics, State
from .problems import note_problem
from .processes import roles_left
from .starts import restarts

if TYPE_CHECKING:
    from .dispatch import Dispatcher
    from .place import Place
    from .tasks import Work

_log = logging.getLogger(__name__)
_NOTED = ("submit", "cancel", "move", "resume", "dismiss", "unload")


class Records:
    """What a service writes down about itself.

    Parameters
    ----------
    place : Place
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._dispatcher: Dispatcher | None = None
        self.audit = Audit(place.folder / "logs")
        self.metrics = Metrics(self._state)
        self._ends: list[Callable[[], None]] = []

    def begin(self, dispatcher: Dispatcher) -> None:
        """Note that the service begins; serve and write the metrics where that was asked for.

        Parameters
        ----------
        dispatcher : Dispatcher
            Whose state the metrics tell from now on.
        """
        self._dispatcher = dispatcher
        self.audit.note("", "start", "done")
        options = self._place.options
        problem = ""
        if options.metrics_port:
            try:
                self._ends.append(self.metrics.serve(options.metrics_port))
            except OSError:  # another program's since zimg up looked; pictures matter more
                _log.exception("port %s cannot serve the metrics", options.metrics_port)
                problem = (
                    f"Port {options.metrics_port} is another program's, so the metrics are not "
                    "served: run zimg down and choose another --metrics-port."
                )
        note_problem(self._place.folder, "metrics", problem)
        if options.metrics_file:
            self._ends.append(self.metrics.keep_file(settings.expanded(options.metrics_file)))

    def end(self) -> None:
        """Note that the service ends."""
        for end in self._ends:
            end()
        self.audit.note("", "stop", "done")
        self.audit.close()

    def follow(self, work: Work) -> None:
        """Note what becomes of a job from now on."""
        work.job.on_event(partial(self._on_event, work, time.monotonic()))

    def asked(
        self, user: str, method: str, message: dict[str, Any], error: Exception | None = None
    ) -> None:
        """Note what a client asked for, and whether it was refused."""
        code = getattr(error, "code", "internal-error") if error else None
        if code:
            self.metrics.failed(code)
        if method not in _NOTED and not error:
            return
        refused = isinstance(error, BadInput | ZimgError)
        outcome = "refused" if refused else "failed" if error else "accepted"
        params = message.get("params")
        told = params if method == "submit" and isinstance(params, dict) else {}
        user = user or str(message.get("user", ""))
        self.audit.note(
            user, method, outcome, job=message.get("job"), code=code,
            gallery=message.get("gallery"), origin=message.get("origin") or None,
            priority=message.get("priority") or None, model=told.get("model"),
            pictures=told.get("count"), width=told.get("width"), height=told.get("height"),
            edit=bool(told.get("edit")) or None,
        )  # fmt: skip

    def _on_event(self, work: Work, accepted: float, event: Event) -> None:
        match event:
            case Finished():
                self.metrics.drawn(event.image)
            case Done():
                self._ended(work, accepted, "done")
            case Cancelled():
                self._ended(work, accepted, "cancelled")
            case Failed():
                code = getattr(event.error, "code", "drawing-failed")
                self.metrics.failed(code)
                self._ended(work, accepted, "failed", code)

    def _ended(self, work: Work, accepted: float, outcome: str, code: str | None = None) -> None:
        self.metrics.ended(outcome)
        seconds = round(time.monotonic() - accepted, 3)
        self.audit.note(
            work.user, "end", outcome, job=work.job.id, code=code, pictures=len(work.job.images),
            seconds=seconds,
        )  # fmt: skip

    def _state(self) -> State:
        known = self._dispatcher
        works = [work for work in list(known.works.values()) if not work.over] if known else []
        seats = list(known.seats.values()) if known else []
        waiting = [work for work in works if not work.job.started]
        ages = [time.time() - work.job.accepted.timestamp() for work in waiting]
        free = None
        with contextlib.suppress(OSError):
            free = free_disk(settings.gallery_folder())
        return State(
            waiting=sum(work.waiting for work in works),
            drawing=sum(len(work.runs) for work in works),
            jobs=len(works),
            oldest=max(ages, default=0.0),
            workers=len(seats),
            loaded=dict(Counter(model for seat in seats for model in seat.warm)),
            memory=_memory(self._place),
            restarts=restarts(self._place.folder),
            disk_free=free,
        )


def _memory(place: Place) -> dict[str, int]:
    found = {}
    for role, owner in sorted(roles_left(place).items()):
        with contextlib.suppress(psutil.Error):
            found[role] = psutil.Process(owner.pid).memory_info().rss
    return found
