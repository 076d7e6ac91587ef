"""Jobs that a client of the shared engine follows, also over lost connections."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.events import Cancelled, Done, Failed, Finished, Queued, Started, Step
from zimg_kernel.engine.events_json import event_from_dict
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.job_json import job_from_dict
from zimg_kernel.errors import ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.open_file import open_image

from .following import Link
from .place import Place
from .wire import Message

if TYPE_CHECKING:
    from PIL import Image


@dataclass
class Followed:
    """A job that the engine draws.

    Attributes
    ----------
    job : Job
    gallery : str or None
        Folder of its gallery.
    first : int
        Index of the job's first picture in the whole request.
    request : dict
        The message that asked for it, to be sent again; empty where somebody else did.
    own : bool
        Whether this client asked for it.
    """

    job: Job
    gallery: str | None
    first: int
    request: dict[str, Any] = field(default_factory=dict)
    own: bool = False


class FollowedJobs:
    """The jobs, and the connection that tells of them; safe from several threads.

    Parameters
    ----------
    place : Place
        Of the shared engine.
    user : str
        Who asks.
    """

    def __init__(self, place: Place, user: str) -> None:
        self.link = Link(place, user, self._on_event, self._on_return, self._on_loss)
        self.link.watching = lambda: bool(self.open())
        self._lock = threading.Lock()
        self._jobs: dict[str, Followed] = {}

    def find(self, job_id: str) -> Job | None:
        """Return a job that is followed."""
        with self._lock:
            found = self._jobs.get(job_id)
        return found.job if found else None

    def open(self, own: bool = False) -> list[Job]:
        """Return the jobs that have not ended; only this client's where wanted."""
        with self._lock:
            found = list(self._jobs.values())
        return [one.job for one in found if not one.job.finished and (one.own or not own)]

    def follow(
        self, accepted: Mapping[str, Any], gallery: str | None, *, own: bool = False,
        request: dict[str, Any] | None = None, listeners: Iterable[Callable[[Job], None]] = (),
    ) -> Job:  # fmt: skip
        """Follow a job from its first event on.

        Parameters
        ----------
        accepted : mapping
            The job as the service tells it.
        listeners : iterable of callable
            Called with the job before its first event.
        """
        job = job_from_dict(accepted)
        one = Followed(job, gallery, accepted["first"], request or {}, own)
        job.on_cancel(lambda: self.link.post("cancel", job=job.id, gallery=gallery))
        with self._lock:
            known = self._jobs.get(job.id)
            if known is not None and not own:
                return known.job
            self._jobs[job.id] = one
        for listener in listeners:
            listener(job)
        self.link.post("follow", job=job.id, gallery=gallery)
        if not self.link.connected:
            self.link.reconnect()
        return job

    def _on_event(self, message: Message) -> None:
        """Take what the engine tells of a job; what is known already is dropped."""
        one = self._jobs.get(message["job"])
        if one is None or one.job.finished:
            return
        job = one.job
        event = event_from_dict(message["event"], job.images, _pixels)
        if isinstance(event, Finished | Step):
            # The engine may draw the whole request by now, and this job be a part of it.
            index = message["first"] + event.index - one.first
            if index < len(job.images):
                return
            event = replace(event, index=index, count=job.params.count)
        elif (isinstance(event, Queued) and job.queued) or (
            isinstance(event, Started) and job.started
        ):
            return
        job.report(event)
        if isinstance(event, Done | Failed | Cancelled):
            with self._lock:
                self._jobs.pop(job.id, None)

    def _on_return(self) -> None:
        """Follow the jobs again after a lost connection; ask again for those that are not known."""
        for job in self.open():
            one = self._jobs.get(job.id)
            if one is None:
                continue
            try:
                known = self.link.ask("find", job=job.id, gallery=one.gallery)
                if known is None and not one.request:
                    raise ZimgError(
                        "The shared engine was restarted and does not know this job any more: it "
                        "was not to be saved, so ask for it again.",
                        code="job-gone",
                    )
                if known is None:
                    self.link.ask("submit", **one.request)
                self.link.post("follow", job=job.id, gallery=one.gallery)
                if job.cancel_requested:
                    self.link.post("cancel", job=job.id, gallery=one.gallery)
            except Exception as error:
                job.report(Failed(error))

    def _on_loss(self, reason: Exception) -> None:
        for job in self.open():
            job.report(Failed(reason))


def _pixels(picture: Mapping[str, Any]) -> Image.Image:
    """Return the pixels of a picture: from the message if it has no file."""
    if "png" in picture:
        return open_image(io.BytesIO(base64.b64decode(picture["png"]))).copy()
    return GeneratedImage.open(picture["path"]).image
