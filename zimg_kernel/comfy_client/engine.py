"""Engine whose pictures are drawn by somebody's ComfyUI server."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel import settings
from zimg_kernel.engine.checks import CheckedRequest, check
from zimg_kernel.engine.drawing import explain
from zimg_kernel.engine.engine_queue import EngineQueue
from zimg_kernel.engine.events import Failed, Queued
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.engine.plan import Plan, restore_plan
from zimg_kernel.engine.queue_entry import QueueEntry
from zimg_kernel.engine.request import Request
from zimg_kernel.engine.resources import Resources
from zimg_kernel.engine.save_queue import SaveQueue
from zimg_kernel.errors import BadInput, WeightsMissing, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import get_card, load_catalog
from zimg_kernel.models.weights import ModelFiles, find_files
from zimg_kernel.params import GenerationParams

from .address import Address
from .drawing import Drawing
from .names import ServerNames
from .server import ComfyServer, wanted_timeout
from .system import System
from .workflow import check_fields

if TYPE_CHECKING:
    from zimg_kernel.engine.local import LocalEngine
    from zimg_kernel.engine.task import ModelTask
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.sampling.sampler import PreviewKind

_log = logging.getLogger(__name__)
_REMEDY = "put its files into the folders of that ComfyUI's models"
_START = "start it, or correct its address (ZIMG_COMFY_URL)"
_GLANCE = 2.0  # seconds that a look at its memory may take


class ComfyEngine(EngineQueue):
    """Engine that draws at a ComfyUI server, one picture after the other.

    Its queue is in this process and written down in the gallery; at the server its pictures
    wait among those of others, by workflows of ours of which only named fields change.

    Parameters
    ----------
    url : str, optional
        Such as ``http://127.0.0.1:8188``; ``ZIMG_COMFY_URL`` otherwise.
    token : str, optional
        What the server lets one in for; see :meth:`Address.of`.
    timeout : float, optional
        Seconds that an answer may take, and that the server may be away;
        ``ZIMG_COMFY_TIMEOUT`` otherwise, or 60.
    gallery : Gallery or None, optional
        Where every picture is written before it is shown; None keeps them in memory only.

    Raises
    ------
    BadInput
        The address, the token or the timeout is none.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, timeout: float | None = None,
        gallery: Gallery | None = None,
    ) -> None:  # fmt: skip
        super().__init__(gallery)
        seconds = wanted_timeout() if timeout is None else timeout
        self.server = ComfyServer(Address.of(url, token), seconds)
        # A display that asks again and again shall not wait long.
        self._watched = ComfyServer(self.server.address, min(seconds, _GLANCE))
        self._names = ServerNames(self.server)
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._saves: SaveQueue
        self._loaded: dict[str, None] = {}  # in the order of their use
        self._resumed: set[str] = set()
        self._local: LocalEngine | None = None
        atexit.register(self._exit)

    def __repr__(self) -> str:
        return f"ComfyEngine({self.server.shown!r})"

    def models(self) -> list[ModelStatus]:
        """Return the models of the catalogue, and whether the server has their files.

        While it does not answer, it has none.
        """
        there, default = self._there(), self.default_model()
        lacks = f"is not at the ComfyUI server {self.server.shown}", _REMEDY
        if there is None:
            lacks = f"is at the ComfyUI server {self.server.shown}, which does not answer", _START
        return [
            ModelStatus(
                card, *(("", "") if name in (there or ()) else lacks),
                name in self._loaded, name == default,
            )
            for name, card in load_catalog().items()
        ]  # fmt: skip

    def default_model(self) -> str:
        """Return the id of the model that draws where none is named: the largest one there."""
        named = settings.settings().model
        if named:
            return named
        cards = load_catalog().values()
        order = [card.id for where in ("gpu", "any") for card in cards if card.default_on == where]
        order += [card.id for card in cards if card.id not in order]
        there = self._there() or ()
        return next((name for name in order if name in there), order[0])

    def _there(self) -> list[str] | None:
        """Return the ids of the models that the server has; None while it does not answer."""
        try:
            return [name for name, card in load_catalog().items() if self._names.find(card)]
        except ZimgError as error:
            _log.debug("the server does not tell its models: %s", error)
            return None

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        """Return what :meth:`submit` would accept; see :meth:`Engine.check`."""
        request = self._request(params, plan)
        return CheckedRequest(request.params, request.warnings)

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
        found = self._planned(params, plan)
        return self._accept(
            replace(
                found, params=found.params.with_seed(), preview=preview, save=save, notes=notes,
                origin=origin, priority=priority,
            )
        )  # fmt: skip

    def run(
        self, work: Callable[[LoadedModel, Callable[[], bool]], Any], model: str | None = None
    ) -> ModelTask:
        """Refuse to run a function on a model, which is in the server's process."""
        raise BadInput(
            f"The models of this engine are at the ComfyUI server {self.server.shown}, where only "
            "pictures are drawn: for this, draw on this machine with ZIMG_ENGINE=local.",
            code="tasks-not-supported",
        )

    @property
    def local(self) -> LocalEngine:
        """An engine of this process, for what needs a model here; made when first asked for."""
        from zimg_kernel.engine.local import LocalEngine

        with self._lock:
            if self._local is None:
                self._local = LocalEngine(self.gallery)
            return self._local

    def prepare(self) -> None:
        """Ask the server for its models in the background, so that the first request waits less."""

        threading.Thread(target=self._there, name="zimg-prepare", daemon=True).start()

    @property
    def loaded(self) -> list[str]:
        """Ids of the models that were used and not unloaded since."""
        return list(self._loaded)

    def resources(self) -> Resources:
        """Return the server's device and memory, and what of ours it has likely loaded.

        While it does not answer, there are none.
        """
        try:
            system = System.of(self._watched)
        except ZimgError as error:
            _log.debug("the server does not tell its memory: %s", error)
            return Resources("", tuple(self._loaded), ())
        return Resources(system.device, tuple(self._loaded), system.memory)

    def forget_prompts(self) -> None:
        """Do nothing: a server has no way to forget encoded prompts alone."""

    def unload(self, model: str | None = None) -> None:
        """Have the server unload its models, all of them: it knows no way for a single one."""
        if self._loaded and (model is None or model in self._loaded):
            self.server.free()
            self._loaded.clear()

    def close(self) -> None:
        """Cancel what was asked for here and has not ended."""
        atexit.unregister(self._exit)
        self._queue.stop()
        with self._lock:
            worker, self._worker = self._worker, None
            local, self._local = self._local, None
        if worker is not None:
            self._queue.close()
            worker.join(timeout=60)
            self._saves.close()
        if local is not None:
            local.close()

    def _exit(self) -> None:
        self._queue.end()
        self.close()

    def _planned(self, params: GenerationParams, plan: Plan | None = None) -> Request:
        found = self._request(params, plan)
        if params.edit is not None and plan is None:
            plan = restore_plan(found.params, found.card, self.gallery)
        return replace(found, plan=plan)

    def _request(self, params: GenerationParams, plan: Plan | None) -> Request:
        card = get_card(params.model or self.default_model())
        checked = check(params.replace(model=card.id), card, _tokenizer(card))
        check_fields(checked.params, plan)
        self._names.require(card)
        for name, _ in params.loras:
            self._names.lora(name)
        nowhere = ModelFiles(Path())  # they are at the server
        return Request(checked.params, card, nowhere, checked.texts, warnings=checked.warnings)

    def _accept(self, request: Request, entry: QueueEntry | None = None) -> Job:
        job = Job(
            request.params, request.warnings, request.notes, origin=request.origin,
            priority=request.priority, job_id=entry.id if entry else None,
        )  # fmt: skip
        gallery = self.gallery  # that of now, whatever is chosen before its turn comes
        self._queue.write_down(job, request, gallery, entry)
        if entry is not None:
            self._resumed.add(job.id)
        with self._lock:
            job.report(Queued(ahead=self._queue.ahead(job.priority)))
            for listener in self._submit_listeners:
                listener(job)
            self._queue.put(job, request, gallery)
            if self._worker is None:
                self._saves = SaveQueue()
                self._worker = threading.Thread(target=self._work, name="zimg-comfy", daemon=True)
                self._worker.start()
        return job

    def _work(self) -> None:
        while (turn := self._queue.get()) is not None:
            if isinstance(turn, tuple):  # there are no tasks
                self._run_request(*turn)
            del turn

    def _run_request(self, job: Job, request: Request, gallery: Gallery | None) -> None:
        if job.begin():
            resumed = job.id in self._resumed
            try:
                Drawing(
                    job, request, self.server, self._names, self._saves, gallery, resumed
                ).draw()
                self._loaded[request.card.id] = None
            except Exception as error:
                self._names.forget()  # the server may have been changed
                told = explain(error, "The picture could not be drawn")
                self._saves.put(partial(job.report, Failed(told)))
        self._resumed.discard(job.id)
        self._saves.put(partial(self._queue.done, job))


def _tokenizer(card: ModelCard) -> Path | None:
    """Return a folder with a model's tokenizer, where this machine has one."""
    try:
        return find_files(card).tokenizer()
    except WeightsMissing:
        return None
