"""Client of the shared engine: an engine whose queue, models and files are in other processes."""

from __future__ import annotations

import base64
import getpass
import io
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.checks import CheckedRequest
from zimg_kernel.engine.events import Cancelled, Done, Failed, Finished, Queued, Started, Step
from zimg_kernel.engine.events_json import event_from_dict
from zimg_kernel.engine.job import Job, new_job_id
from zimg_kernel.engine.job_json import job_from_dict
from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.engine.plan import Plan
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.resources import Reading, Resources
from zimg_kernel.errors import BadInput
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.open_file import open_image
from zimg_kernel.models.card import ModelCard
from zimg_kernel.params import GenerationParams

from .following import Link
from .place import Place
from .wire import Message

if TYPE_CHECKING:
    from PIL import Image

    from zimg_kernel.engine.local import LocalEngine
    from zimg_kernel.engine.task import ModelTask
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.sampling.sampler import PreviewKind


class ClusterEngine:
    """Engine that hands everything to the shared engine of this user's processes.

    It connects when first asked for something, and again when the connection was lost; the jobs
    go on meanwhile, and also when this process ends.

    Parameters
    ----------
    place : Place
        Of the shared engine.
    gallery : Gallery or None, optional
        Where pictures are written; another one may be set at any time.
    user : str, optional
        Whose share of the engine is used; the login name otherwise.
    """

    def __init__(self, place: Place, gallery: Gallery | None = None, user: str = "") -> None:
        self.place = place
        self.gallery = gallery
        self.user = user or _login_name()
        self._link = Link(place, self.user, self._on_event, self._on_return, self._on_loss)
        self._link.watching = lambda: bool(self._open_jobs())
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._requests: dict[str, dict[str, Any]] = {}
        self._submit_listeners: list[Callable[[Job], None]] = []
        self._local: LocalEngine | None = None

    def connect(self, patience: float = 0.0) -> None:
        """Connect now.

        Raises
        ------
        ZimgError
            The engine does not answer within so many seconds.
        """
        self._link.open(patience)

    def models(self) -> list[ModelStatus]:
        """Return the models of the shared engine, and whether their files are there."""
        found = []
        for status in self._link.ask("models"):
            folder = status.pop("folder")
            card = ModelCard.model_validate(status.pop("card"))
            found.append(ModelStatus(card, **status, folder=Path(folder) if folder else None))
        return found

    def default_model(self) -> str:
        """Return the id of the model that draws where none is named."""
        return str(self._link.ask("default_model"))

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        """Return what :meth:`submit` would accept; see :meth:`Engine.check`."""
        found = self._link.ask("check", params=params.model_dump(mode="json"))
        return CheckedRequest(GenerationParams.from_dict(found["params"]), tuple(found["warnings"]))

    def submit(
        self,
        params: GenerationParams,
        *,
        preview: PreviewKind = "latent",
        save: bool = True,
        plan: Plan | None = None,
        notes: tuple[str, ...] = (),
        origin: str = "",
        priority: int = 0,
    ) -> Job:
        """Check and accept a request; return its job at once; see :meth:`Engine.submit`."""
        if plan is not None:
            self._keep(plan, params)
        request = {
            "job": new_job_id(),
            "params": params.model_dump(mode="json"),
            "gallery": self._folder,
            "preview": preview,
            "save": save,
            "notes": list(notes),
            "origin": origin,
            "priority": priority,
        }
        accepted = self._link.ask("submit", **request)
        # Sent again, it is to be the same request.
        request["params"] = accepted["params"]
        return self._follow(accepted, request)

    def _follow(self, accepted: Mapping[str, Any], request: dict[str, Any]) -> Job:
        job = job_from_dict(accepted)
        gallery = request["gallery"]
        request["first"] = accepted["first"]  # index of the job's first picture in the request
        job.on_cancel(lambda: self._link.post("cancel", job=job.id, gallery=gallery))
        with self._lock:
            known = self._jobs.setdefault(job.id, job)
            if known is not job:
                return known
            self._requests[job.id] = request
        for listener in self._submit_listeners if "params" in request else ():
            listener(job)
        self._link.post("follow", job=job.id, gallery=gallery)
        if not self._link.connected:
            self._link.reconnect()
        return job

    def job(self, job_id: str) -> Job | None:
        """Return a job by its id, also one that another process has asked for or that has ended.

        None if the shared engine does not know it in this gallery.
        """
        with self._lock:
            if job_id in self._jobs:
                return self._jobs[job_id]
        found = self._link.ask("find", job=job_id, gallery=self._folder)
        if found is None:
            return None
        return self._follow(found, {"job": job_id, "gallery": self._folder})

    def jobs(self) -> list[Job]:
        """Return the jobs of this gallery that wait or run, whoever asked, in their order."""
        found = [self.job(name) for name in self._link.ask("jobs", gallery=self._folder)]
        return [job for job in found if job is not None and not job.finished]

    def move(self, job_id: str, position: int) -> None:
        """Let a waiting job be drawn in another order; see :meth:`Engine.move`."""
        self._link.ask("move", job=job_id, position=position, gallery=self._folder)

    def cancel(self, job_id: str) -> bool:
        """Cancel a job, whoever draws it; return whether it had not ended."""
        return bool(self._link.ask("cancel", job=job_id, gallery=self._folder))

    def interrupted(self) -> list[Interrupted]:
        """Return requests of processes that ended before they were finished."""
        return [
            Interrupted(
                found["id"],
                GenerationParams.from_dict(found["params"]),
                datetime.fromisoformat(found["accepted"]),
            )
            for found in self._link.ask("interrupted", gallery=self._folder)
        ]

    def resume(self, job_id: str) -> Job | None:
        """Draw what is missing of an interrupted request; see :meth:`Engine.resume`."""
        found = self._link.ask("resume", job=job_id, gallery=self._folder, again=False)
        if found is None:
            return None
        with self._lock:
            self._jobs.pop(job_id, None)  # as far as another engine had drawn it
        return self._follow(found, {"job": job_id, "gallery": self._folder})

    def dismiss(self, job_id: str) -> None:
        """Offer an interrupted request no more."""
        self._link.ask("dismiss", job=job_id, gallery=self._folder)

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        """Call a function with every job accepted from now on, before it begins."""
        self._submit_listeners.append(listener)

    def run(
        self, work: Callable[[LoadedModel, Callable[[], bool]], Any], model: str | None = None
    ) -> ModelTask:
        """Run a function on a model of this process, which is loaded for it."""
        return self.local.run(work, model)

    @property
    def local(self) -> LocalEngine:
        """An engine of this process, for what needs a model here; made when first asked for."""
        from zimg_kernel.engine.local import LocalEngine

        with self._lock:
            if self._local is None:
                self._local = LocalEngine(self.gallery)
            return self._local

    def pipeline(self, model: str | None = None) -> Any:
        """Return the diffusers pipeline of a model of this process."""
        return self.local.pipeline(model)

    def prepare(self) -> None:
        """Connect in the background, so that the first request waits less."""
        self._link.reconnect()

    @property
    def loaded(self) -> list[str]:
        """Ids of the models in the workers' memory."""
        return list(self.resources().loaded)

    def resources(self) -> Resources:
        """Return the device, the memory and what is loaded, of all workers."""
        found = self._link.ask("resources")
        memory = tuple(Reading(**reading) for reading in found["memory"])
        return Resources(found["device"], tuple(found["loaded"]), memory)

    def forget_prompts(self) -> None:
        """Let the next request encode its prompt again, on all workers."""
        self._link.ask("forget_prompts")

    def unload(self, model: str | None = None) -> None:
        """Give back the memory of one model, or of all, on all workers."""
        self._link.ask("unload", model=model)

    def close(self) -> None:
        """Cancel what was asked for here and has not ended, and end the connection."""
        if self._link.closed:
            return
        jobs = [job for job in self._open_jobs() if "params" in self._requests.get(job.id, {})]
        for job in jobs:
            job.cancel()
        for job in jobs:
            job.wait(60)
        self._link.close()
        if self._local is not None:
            self._local.close()

    @property
    def _folder(self) -> str | None:
        return str(self.gallery.folder) if self.gallery is not None else None

    def _open_jobs(self) -> list[Job]:
        with self._lock:
            return [job for job in self._jobs.values() if not job.finished]

    def _keep(self, plan: Plan, params: GenerationParams) -> None:
        if self.gallery is None:
            raise BadInput(
                "Through the shared engine an edit needs a gallery, where its pictures are found: "
                "choose one with use_gallery, or draw with ZIMG_ENGINE=local.",
                code="no-gallery",
                field="gallery",
            )
        edit = params.edit
        self.gallery.keep_inputs(plan.inputs(), plan.painted, edit.mask if edit else None)

    def _on_event(self, message: Message) -> None:
        """Take what the engine tells of a job; what is known already is dropped."""
        job = self._jobs.get(message["job"])
        if job is None or job.finished:
            return
        event = event_from_dict(message["event"], job.images, _pixels)
        if isinstance(event, Finished | Step):
            # The engine may draw the whole request by now, and this job be a part of it.
            index = message["first"] + event.index - self._requests[job.id]["first"]
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
                self._requests.pop(job.id, None)

    def _on_return(self) -> None:
        """Follow the jobs again after a lost connection; ask again for those that are not known."""
        for job in self._open_jobs():
            request = self._requests.get(job.id)
            if request is None:
                continue
            gallery = request["gallery"]
            try:
                found = self._link.ask("find", job=job.id, gallery=gallery)
                if found is None and "params" in request:
                    self._link.ask("submit", **{k: v for k, v in request.items() if k != "first"})
                self._link.post("follow", job=job.id, gallery=gallery)
                if job.cancel_requested:
                    self._link.post("cancel", job=job.id, gallery=gallery)
            except Exception as error:
                job.report(Failed(error))

    def _on_loss(self, reason: Exception) -> None:
        for job in self._open_jobs():
            job.report(Failed(reason))


def _pixels(picture: Mapping[str, Any]) -> Image.Image:
    """Return the pixels of a picture: from the message if it has no file."""
    if "png" in picture:
        return open_image(io.BytesIO(base64.b64decode(picture["png"]))).copy()
    from zimg_kernel.images.image import GeneratedImage

    return GeneratedImage.open(picture["path"]).image


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id that is in no list of users
        return str(os.getuid())
