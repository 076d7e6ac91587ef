"""Client of the shared engine: an engine whose queue, models and files are in other processes."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.checks import CheckedRequest
from zimg_kernel.engine.job import Job, new_job_id
from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.engine.plan import Plan
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.resources import Reading, Resources
from zimg_kernel.engine.unattended import unattended
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.card import ModelCard
from zimg_kernel.params import GenerationParams

from .followed import FollowedJobs
from .place import Place

if TYPE_CHECKING:
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
        self._followed = FollowedJobs(place, self.user)
        self._link = self._followed.link
        self._lock = threading.Lock()
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
        if plan is not None and self.gallery is None:  # nowhere to put its pictures
            return self.local.submit(
                params, preview=preview, save=save, plan=plan, notes=notes, origin=origin,
                priority=priority,
            )  # fmt: skip
        if plan is not None:
            self._keep(plan, params)
        folder = self._folder
        request: dict[str, Any] = {
            "job": new_job_id(),
            "params": params.model_dump(mode="json"),
            "gallery": folder,
            "preview": preview,
            "save": save,
            "notes": list(notes),
            "origin": origin,
            "priority": priority,
            "reuse": unattended() and os.environ.get("ZIMG_REUSE") != "0",
        }
        accepted = self._link.ask("submit", **request)
        # Sent again, it is to be the same request.
        request["params"] = accepted["params"]
        return self._followed.follow(
            accepted, folder, own=True, request=request,
            listeners=self._submit_listeners,
        )  # fmt: skip

    def job(self, job_id: str) -> Job | None:
        """Return a job by its id, also one that another process has asked for or that has ended.

        None if the shared engine does not know it in this gallery.
        """
        known = self._followed.find(job_id)
        if known is not None:
            return known
        folder = self._folder
        found = self._link.ask("find", job=job_id, gallery=folder)
        return None if found is None else self._followed.follow(found, folder)

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
        folder = self._folder
        found = self._link.ask("resume", job=job_id, gallery=folder, again=False)
        return None if found is None else self._followed.follow(found, folder, own=True)

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
        jobs = self._followed.open(own=True)
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

    def _keep(self, plan: Plan, params: GenerationParams) -> None:
        """Put the pictures of an edit where the service finds them."""
        assert self.gallery is not None
        edit = params.edit
        self.gallery.keep_inputs(plan.inputs(), plan.painted, edit.mask if edit else None)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id that is in no list of users
        return str(os.getuid())
