"""Engine inside this process: one warm model, one picture at a time."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import OutOfMemory
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.models.libraries import import_libraries
from zimg_kernel.models.weights import ModelFiles, find_files
from zimg_kernel.params import GenerationParams

from .checks import CheckedRequest
from .default_model import default_model, likely_gpu, why_miniature
from .disk import delete_temporary
from .drawing import draw, explain
from .engine_queue import EngineQueue
from .events import Failed, Queued
from .idle import IdleModels, idle_minutes
from .job import Job
from .model_status import ModelStatus, local_models
from .plan import Plan, restore_plan
from .queue_entry import QueueEntry
from .request import Request, make_request
from .resources import Resources, read_memory
from .save_queue import SaveQueue
from .task import ModelTask

if TYPE_CHECKING:
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.models.loading import ModelStore
    from zimg_kernel.sampling.sampler import PreviewKind


class LocalEngine(EngineQueue):
    """Draws in this process, one picture at a time, in a background thread.

    Parameters
    ----------
    gallery : Gallery or None, optional
        Where every picture is written before it is shown; None keeps them in memory only.
    """

    def __init__(self, gallery: Gallery | None = None) -> None:
        super().__init__(gallery)
        self._lock = threading.Lock()
        self._busy = threading.RLock()  # held while a pipeline is used or changed
        self._worker: threading.Thread | None = None
        self._saves: SaveQueue
        self._store: ModelStore | None = None
        self._cache: Any = None
        self._miniature_explained = False
        self._idle = IdleModels(self, self._busy, idle_minutes())
        atexit.register(self._exit)

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        """Return what :meth:`submit` would accept; see :meth:`Engine.check`."""
        request = self._request(params)
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
        request = replace(
            found,
            params=found.params.with_seed(),
            preview=preview,
            save=save,
            notes=notes,
            origin=origin,
            priority=priority,
        )
        with self._lock:
            self._miniature_explained |= params.model is None
        return self._accept(request)

    def _accept(self, request: Request, entry: QueueEntry | None = None) -> Job:
        job = Job(
            request.params, request.warnings, request.notes, origin=request.origin,
            priority=request.priority, job_id=entry.id if entry else None,
        )  # fmt: skip
        gallery = self.gallery  # that of now, whatever is chosen before its turn comes
        self._queue.write_down(job, request, gallery, entry)
        with self._lock:
            job.report(Queued(ahead=self._queue.ahead(job.priority)))
            for listener in self._submit_listeners:
                listener(job)
            self._queue.put(job, request, gallery)
            self._start()
        return job

    def _planned(self, params: GenerationParams, plan: Plan | None = None) -> Request:
        found = self._request(params)
        if params.edit is not None and plan is None:
            plan = restore_plan(found.params, found.card, self.gallery)
        return replace(found, plan=plan)

    def _request(self, params: GenerationParams) -> Request:
        """Return the request that parameters make, with everything found that they name."""
        if params.model is not None:
            return self._request_of(params, get_card(params.model))
        model = self.default_model()
        reasons = () if self._miniature_explained else why_miniature(model, self._has_gpu)
        request = self._request_of(params.replace(model=model), get_card(model))
        return replace(request, warnings=reasons + request.warnings)

    def _request_of(self, params: GenerationParams, card: ModelCard) -> Request:
        return make_request(params, card, self._loaded_files(card) or find_files(card))

    def run(
        self, work: Callable[[LoadedModel, Callable[[], bool]], Any], model: str | None = None
    ) -> ModelTask:
        """Run a function on a loaded model in the thread that draws; see :meth:`Engine.run`."""
        task = ModelTask(get_card(model or self.default_model()), work)
        with self._lock:
            self._queue.put_task(task)
            self._start()
        return task

    do = run  # its former name

    def _start(self) -> None:
        if self._worker is None:
            self._saves = SaveQueue()
            self._worker = threading.Thread(target=self._work, name="zimg", daemon=True)
            self._worker.start()

    def prepare(self) -> None:
        """Import in the background what drawing needs; see :meth:`Engine.prepare`."""

        def load() -> None:
            if self.gallery is not None:
                delete_temporary(self.gallery.folder)
            import_libraries()
            self._models()

        threading.Thread(target=load, name="zimg-prepare", daemon=True).start()

    @property
    def loaded(self) -> list[str]:
        """Ids of the models in memory."""
        return self._store.loaded if self._store else []

    def pipeline(self, model: str | None = None) -> Any:
        """Return the warm diffusers pipeline of a model, loaded if it was not.

        LoRAs are in it only while a request that names them is drawn, never in between.
        """
        card = get_card(model or self.default_model())
        with self._busy:
            return self._load(card).pipe

    def unload(self, model: str | None = None) -> None:
        """Give back the memory of one model, or of all, once the running picture is done."""
        with self._busy:
            if not model and self._cache is not None:
                self._cache.clear()
            if self._store is not None:
                self._store.unload(model)

    def forget_prompts(self) -> None:
        """Let the next request encode its prompt again; see :meth:`Engine.forget_prompts`."""
        with self._busy:
            if self._cache is not None:
                self._cache.clear()

    def close(self) -> None:
        """Cancel what is running and waiting, and give everything back."""
        atexit.unregister(self._exit)
        self._idle.end()
        self._queue.stop()
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            self._queue.close()
            worker.join(timeout=60)
            self._saves.close()
        self.unload()

    def _exit(self) -> None:
        self._queue.end()
        self.close()

    def models(self) -> list[ModelStatus]:
        """Return the models of this machine; loads nothing, and brings no torch."""
        known = self._has_gpu if self._store else likely_gpu
        return local_models(self.loaded, default_model(known))

    def default_model(self) -> str:
        """Return the id of the model that draws where none is named."""
        return default_model(self._has_gpu)

    def resources(self) -> Resources:
        """Return the device, the memory and what is loaded; brings no torch."""
        device = str(self._store.device) if self._store else ""
        return Resources(device, tuple(self.loaded), tuple(read_memory()))

    def _has_gpu(self) -> bool:
        # Where there can be none, torch need not be asked, which takes seconds the first time.
        return likely_gpu() and self._models().device.type != "cpu"

    def _models(self) -> ModelStore:
        from zimg_kernel.models.device import pick_device
        from zimg_kernel.models.loading import ModelStore
        from zimg_kernel.sampling.prompt_embeddings import PromptCache

        with self._lock:
            if self._store is None:
                self._store = ModelStore(pick_device())
                self._cache = PromptCache()
            return self._store

    def _loaded_files(self, card: ModelCard) -> ModelFiles | None:
        """Return where a loaded model's files are, which need not be looked for again."""
        model = self._store.find(card.id) if self._store else None
        return ModelFiles(model.folder) if model and model.card == card else None

    def _load(self, card: ModelCard, files: ModelFiles | None = None) -> LoadedModel:
        # Nothing but the store may keep a model, or unloading it would free nothing.
        self._idle.touch()
        found = self._loaded_files(card) or files
        if found is None or not found.folder.is_dir():  # moved since the request was made
            found = find_files(card)
        return self._models().get(card, found.complete())

    def _work(self) -> None:
        while (turn := self._queue.get()) is not None:
            if isinstance(turn, ModelTask):
                self._run_task(turn)
            else:
                self._run_request(*turn)
            del turn  # an idle engine keeps no pictures
            self._idle.touch()

    def _run_request(self, job: Job, request: Request, gallery: Gallery | None) -> None:
        if job.begin():
            try:
                with self._busy:
                    self._draw(job, request, gallery)
            except Exception as error:
                self._saves.put(partial(job.report, Failed(self._why(error, request))))
        self._saves.put(partial(self._queue.done, job))

    def _draw(self, job: Job, request: Request, gallery: Gallery | None) -> None:
        model = self._load(request.card, request.files)
        draw(job, request, model, self._cache, self._saves, gallery)

    def _run_task(self, task: ModelTask) -> None:
        with self._busy:
            error = task.run(self._load)
        self._queue.done(task)
        if error is not None:
            card = task.card
            no_room = OutOfMemory(
                f"{card.title} ran out of memory; it has been freed. Close other programs that "
                "use the device, or take a smaller model.",
                code="out-of-memory",
                field="model",
            )
            failed = f"{card.title} could not do this"
            task.set_exception(self._explain(error, card, failed, lambda: no_room))

    def _why(self, error: Exception, request: Request) -> Exception:
        from zimg_kernel.models.memory import out_of_memory

        def no_room() -> OutOfMemory:
            # Asked for the device only then: that it cannot be had may be the very error.
            device, folder = self._models().device, request.files.complete()
            return out_of_memory(request.params, request.card, folder, device)

        return self._explain(error, request.card, "The picture could not be drawn", no_room)

    def _explain(
        self, error: Exception, card: ModelCard, failed: str, too_large: Callable[[], OutOfMemory]
    ) -> Exception:
        """Return what to tell the user; after running out of memory, give it back first."""
        from zimg_kernel.models.device import is_out_of_memory

        if is_out_of_memory(error):
            error.__traceback__ = None  # its frames hold the tensors
            self.unload(card.id if len(self.loaded) == 1 else None)
            return too_large()
        return explain(error, failed)
