"""Session of an engine: requests waiting, running, finished and interrupted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from zimg_kernel import GeneratedImage, GenerationParams, Job, ZimgError

from .events import Event, Finished, Step
from .protocol import Engine
from .queue_entry import Interrupted
from .session_entries import Request, Result

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery

_RESULTS = 48  # kept at hand; all others are in the gallery
_EARLIER = 12  # results of earlier runs that are shown at the start
_PAUSE = 0.03  # seconds between two rounds of news: previews come no faster than eyes follow
_ENDING = 2.0  # seconds between two looks at what other kernels leave
_log = logging.getLogger(__name__)


class JobSession:
    """All requests that this process makes to one engine by hand.

    Every Studio on the same engine shows the same session, so closing one loses nothing.

    Parameters
    ----------
    engine : Engine
        Where requests go.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.results: list[Result] = []
        """Finished pictures, the newest first."""
        self.current: Request | None = None
        """Job that runs, or ran last."""
        self._requests: dict[str, Request] = {}
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._changed = threading.Event()
        self._notify_thread: threading.Thread | None = None
        self.interrupted: list[Interrupted] = engine.interrupted()
        """Requests whose kernel ended before they were finished."""
        self._load_earlier()
        for job in engine.jobs():  # asked for without a session
            self._follow(job)
        engine.on_submit(self._collect)

    @property
    def gallery(self) -> Gallery | None:
        """The engine's gallery, or None."""
        return self.engine.gallery

    @property
    def requests(self) -> list[Request]:
        """Jobs that wait and run, in order."""
        try:
            order = {job.id: place for place, job in enumerate(self.engine.jobs())}
        except ZimgError:  # its processes are gone: what they told before is still shown
            order = {}
        with self._lock:
            found = list(self._requests.values())
        return sorted(found, key=lambda request: order.get(request.job.id, -1))

    def submit(self, params: GenerationParams) -> Job:
        """Hand a request to the engine and return its job at once.

        Raises
        ------
        BadInput, ZimgError
            It was not accepted; one sentence.
        """
        job = self.engine.submit(params, origin="studio")
        self._follow(job)
        return job

    def follow(self, job: Job) -> None:
        """Take note of a job that somebody has asked the engine for, such as an edit."""
        self._follow(job)

    def request_of(self, job: Job) -> Request | None:
        """Return where a job is, also when it has ended and nothing has begun since."""
        current = self.current
        if current is not None and current.job is job:
            return current
        return self._requests.get(job.id)

    def cancel(self, job_id: str | None = None) -> None:
        """Cancel a job that waits or runs; without an id, the one that is on."""
        requests = self.requests[:1] if job_id is None else [self._requests.get(job_id)]
        for request in filter(None, requests):
            request.job.cancel()
        self._changed.set()

    def move(self, job_id: str, position: int) -> None:
        """Let a waiting job be drawn in another order: at this position, from 0."""
        self.engine.move(job_id, position)
        self._changed.set()

    def draw_again(self, request_id: str) -> Job | None:
        """Draw what is missing of an interrupted request; None if another kernel took it.

        Raises
        ------
        BadInput, ZimgError
            The engine does not accept it; it stays on request.
        """
        job = self.engine.resume(request_id)
        if job is not None:
            self._follow(job)
        self.refresh_interrupted()
        return job

    def dismiss(self, request_id: str) -> None:
        """Forget an interrupted request."""
        self.engine.dismiss(request_id)
        self.refresh_interrupted()

    def _find_interrupted(self) -> None:
        try:
            found = self.engine.interrupted()
        except ZimgError:  # its processes are gone: whoever asks it for something is told
            return
        if found != self.interrupted:
            self.interrupted = found
            self._changed.set()

    def refresh_interrupted(self) -> None:
        """Read again which requests were interrupted."""
        self.interrupted = self.engine.interrupted()
        self._changed.set()

    def result(self, result_id: str) -> Result | None:
        """Return a result by its id."""
        return next((r for r in list(self.results) if r.id == result_id), None)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call a function after every change, in a thread of the session.

        Changes that follow each other closely are told of once. The thread ends with the last
        listener.
        """
        with self._lock:
            self._listeners.append(listener)
            if self._notify_thread is None:
                self._notify_thread = threading.Thread(
                    target=self._notify, name="zimg-session", daemon=True
                )
                self._notify_thread.start()
        self._changed.set()

    def unlisten(self, listener: Callable[[], None]) -> None:
        """Call it no more."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
        self._changed.set()

    def _follow(self, job: Job) -> None:
        request = Request(job)
        with self._lock:
            if job.id in self._requests:
                return
            self._requests[job.id] = request
        job.on_event(lambda event: self._on_message(request, event))
        if job.status != "queued":  # it began before anybody listened
            self._begin(request)
        for image in list(job.images):
            self._add_result(image, job)
        if job.finished:  # before anybody listened
            self._end(request)
        self._changed.set()

    def _on_message(self, request: Request, event: Event) -> None:
        """Take note of an event; in the engine's thread, so the work is left to the teller."""
        if request.job.status != "queued":
            self._begin(request)
        if isinstance(event, Step):
            request.step = event
        elif isinstance(event, Finished):
            self._add_result(event.image, request.job)
        if request.began is not None:
            request.seconds = time.monotonic() - request.began
        if request.job.finished:
            self._end(request)
        self._changed.set()

    def _begin(self, request: Request) -> None:
        # A request that is cancelled while it waits never begins.
        if request.began is None and request.job.status != "cancelled":
            request.began = time.monotonic()
            self.current = request

    def _end(self, request: Request) -> None:
        with self._lock:
            self._requests.pop(request.job.id, None)
        if request.began is not None or self.current is None:
            self.current = request

    def _collect(self, job: Job) -> None:
        """Take the pictures of any job into the results, such as those that cells ask for."""

        def take(event: Event) -> None:
            # One that the gallery was not to keep is a step of somebody's calculation.
            if isinstance(event, Finished) and (event.image.path or self.gallery is None):
                self._add_result(event.image, job)
                self._changed.set()

        job.on_event(take)

    def _add_result(self, image: GeneratedImage, job: Job) -> None:
        with self._lock:
            if any(r.image is image or (r.path and r.path == image.path) for r in self.results):
                return
            self.results.insert(0, Result(image.path, image, image.params.prompt, job.id))
            for old in self.results[4:]:
                if old.path is not None:  # its pixels are in the file
                    old.image = None
            del self.results[_RESULTS:]

    def _load_earlier(self) -> None:
        if self.gallery is None:
            return
        try:
            found = self.gallery.search(limit=_EARLIER)
        except Exception:  # a broken index must not keep anybody from drawing
            _log.exception("the gallery could not be read")
            return
        self.results = [Result(entry.path, None, entry.prompt) for entry in found]

    def _notify(self) -> None:
        self._find_interrupted()  # while nobody listened, nobody looked
        while True:
            # A kernel that is ending, as after a page's reload, leaves its requests a little later.
            while not self._changed.wait(_ENDING):
                self._find_interrupted()
            self._changed.clear()
            with self._lock:
                listeners = list(self._listeners)
                if not listeners:
                    self._notify_thread = None
                    return
            for listener in listeners:
                try:
                    listener()
                except Exception:  # a page that is gone must not silence the others
                    _log.exception("a listener of the session failed")
            time.sleep(_PAUSE)


_sessions: dict[int, JobSession] = {}
_sessions_lock = threading.Lock()


def session_of(engine: Engine) -> JobSession:
    """Return the session of an engine: one for each, for as long as the process runs."""
    with _sessions_lock:
        session = _sessions.get(id(engine))
        if session is None or session.engine is not engine:
            session = _sessions[id(engine)] = JobSession(engine)
        return session
