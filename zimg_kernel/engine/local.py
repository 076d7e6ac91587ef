"""Engine inside this process: one warm model, one picture at a time."""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel import settings
from zimg_kernel.errors import OutOfMemory
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.models.weights import find_weights, require_weights, tokenizer_folder
from zimg_kernel.params import GenerationParams

from .checks import check
from .drawing import Request, draw, explain
from .events import Failed, Queued
from .job import Job
from .plan import Plan, restore_plan
from .save_queue import SaveQueue
from .task import ModelTask

if TYPE_CHECKING:
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.models.loading import ModelStore
    from zimg_kernel.sampling.sampler import PreviewKind

MINIATURE = "nano-turbo"
_FULL_SIZE = "z-image-turbo"


class LocalEngine:
    """Draws in this process, one picture at a time, in a background thread.

    Parameters
    ----------
    gallery : Gallery or None, optional
        Where every picture is written before it is shown; None keeps them in memory only.
    """

    def __init__(self, gallery: Gallery | None = None) -> None:
        self.gallery = gallery
        self._queue: queue.SimpleQueue[Request | ModelTask | None] = queue.SimpleQueue()
        self._jobs: list[Job] = []  # queued and running ones
        self._tasks: list[ModelTask] = []  # these, too
        self._submit_listeners: list[Callable[[Job], None]] = []
        self._lock = threading.Lock()
        self._busy = threading.RLock()  # held while a pipeline is used or changed
        self._worker: threading.Thread | None = None
        self._saves: SaveQueue
        self._store: ModelStore | None = None
        self._cache: Any = None
        self._miniature_explained = False
        atexit.register(self.close)

    def submit(
        self,
        params: GenerationParams,
        *,
        preview: PreviewKind = "latent",
        save: bool = True,
        plan: Plan | None = None,
        notes: tuple[str, ...] = (),
    ) -> Job:
        """Check and accept a request; return its job at once.

        Parameters
        ----------
        params : GenerationParams
            Fields left open take the card's defaults; seed -1 is drawn here.
        preview : {"latent", "vae", "none"}
            What step events carry: a quick sketch, a sharp slow picture, or nothing.
        save : bool
            Write the pictures into the gallery.
        plan : Plan, optional
            The pictures of an edit; looked up in the gallery where the parameters name them.
        notes : tuple of str
            What the user shall be told before anything is drawn.
        """
        messages: tuple[str, ...] = ()
        if params.model is None:
            model, messages = self.choose_model()
            params = params.replace(model=model)
        card = get_card(str(params.model))
        checked = check(params, card, self._loaded_folder(card) or tokenizer_folder(card))
        if params.loras:
            from zimg_kernel.lora.checks import check_loras

            folder = self._loaded_folder(card) or require_weights(card)
            messages += check_loras(checked.params, card, folder)
        if params.edit is not None and plan is None:
            plan = restore_plan(checked.params, card, self.gallery)
        job = Job(checked.params.with_seed(), messages + checked.warnings, notes)
        with self._lock:
            job.report(Queued(ahead=len(self._jobs)))
            self._jobs.append(job)
            for listener in self._submit_listeners:
                listener(job)
            self._queue.put(Request(job, card, preview, save, plan))
            self._start()
        return job

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        """Call a function with every job accepted from now on, before it begins."""
        self._submit_listeners.append(listener)

    def run(
        self, work: Callable[[LoadedModel, Callable[[], bool]], Any], model: str | None = None
    ) -> ModelTask:
        """Run a function on a loaded model in the thread that draws, in its turn.

        Parameters
        ----------
        work : callable
            Gets the loaded model and a function that says whether to stop.
        model : str, optional
            A model's id; the default model otherwise.

        Returns
        -------
        ModelTask
            A future of what the function returns.
        """
        task = ModelTask(get_card(model or self.default_model()), work)
        with self._lock:
            self._tasks.append(task)
            self._queue.put(task)
            self._start()
        return task

    do = run  # its former name

    def _start(self) -> None:
        if self._worker is None:
            self._saves = SaveQueue()
            self._worker = threading.Thread(target=self._work, name="zimg", daemon=True)
            self._worker.start()

    def prepare(self) -> None:
        """Import in the background what drawing needs, so that the first request waits less.

        No model is loaded: that takes memory, and is left to the first request.
        """

        def load() -> None:
            import diffusers  # noqa: F401
            import transformers  # noqa: F401

            self._models()

        threading.Thread(target=load, name="zimg-prepare", daemon=True).start()

    @property
    def jobs(self) -> list[Job]:
        """Jobs that wait or run, in their order."""
        with self._lock:
            return list(self._jobs)

    @property
    def loaded(self) -> list[str]:
        """Ids of the models in memory."""
        return self._store.loaded if self._store else []

    def pipeline(self, model: str | None = None) -> Any:
        """Return the warm diffusers pipeline of a model, loaded if it was not.

        LoRAs are in it only while a request that names them is drawn, never in between.
        """
        card = get_card(model or self.choose_model()[0])
        with self._busy:
            return self._load(card).pipe

    def unload(self, model: str | None = None) -> None:
        """Give back the memory of one model, or of all, once the running picture is done."""
        with self._busy:
            if not model and self._cache is not None:
                self._cache.clear()
            if self._store is not None:
                self._store.unload(model)

    def close(self) -> None:
        """Cancel what is running and waiting, and give everything back."""
        atexit.unregister(self.close)
        for job in self.jobs:
            job.cancel()
        with self._lock:
            for task in self._tasks:
                task.stop()
            worker, self._worker = self._worker, None
        if worker is not None:
            self._queue.put(None)
            worker.join(timeout=60)
            self._saves.close()
        self.unload()

    def default_model(self) -> str:
        """Return the id of the model that draws where none is named."""
        named = settings.settings().model
        if named:
            return named
        gpu = self._models().device.type != "cpu"
        return _FULL_SIZE if gpu and find_weights(get_card(_FULL_SIZE)).ready else MINIATURE

    def choose_model(self) -> tuple[str, tuple[str, ...]]:
        """Return the default model, and once a message on why it is the miniature."""
        chosen = self.default_model()
        if chosen != MINIATURE or settings.settings().model:
            return chosen, ()
        gpu = self._models().device.type != "cpu"
        first, self._miniature_explained = not self._miniature_explained, True
        why = f"{_FULL_SIZE} has not been downloaded" if gpu else "there is no GPU here"
        message = (
            f"Drawing with the built-in miniature ({MINIATURE}), which knows shapes, "
            f"simple landscapes and short signs only: {why}. For the full model run "
            f"zimg pull {_FULL_SIZE}, and choose {_FULL_SIZE} as the model."
        )
        return MINIATURE, (message,) if first else ()

    def _models(self) -> ModelStore:
        from zimg_kernel.models.device import pick_device
        from zimg_kernel.models.loading import ModelStore
        from zimg_kernel.sampling.prompt_embeddings import PromptCache

        with self._lock:
            if self._store is None:
                self._store = ModelStore(pick_device())
                self._cache = PromptCache()
            return self._store

    def _loaded_folder(self, card: ModelCard) -> Path | None:
        """Return where a loaded model's files are, which need not be looked for again."""
        model = self._store.find(card.id) if self._store else None
        return model.folder if model and model.card == card else None

    def _load(self, card: ModelCard) -> LoadedModel:
        # Nothing but the store may keep a model, or unloading it would free nothing.
        folder = self._loaded_folder(card) or require_weights(card)
        return self._models().get(card, folder)

    def _work(self) -> None:
        while (request := self._queue.get()) is not None:
            if isinstance(request, ModelTask):
                self._run_task(request)
            else:
                self._run_request(request)
            del request  # an idle engine keeps no pictures

    def _run_request(self, request: Request) -> None:
        job = request.job
        if job.begin():
            try:
                with self._busy:
                    self._draw(request)
            except Exception as error:
                self._saves.put(partial(job.report, Failed(self._why(error, request))))
        self._saves.put(partial(self._forget, job))

    def _draw(self, request: Request) -> None:
        model = self._load(request.card)
        draw(request, model, self._cache, self._saves, lambda: self.gallery)

    def _run_task(self, task: ModelTask) -> None:
        with self._busy:
            error = task.run(self._load)
        with self._lock:
            self._tasks.remove(task)
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

        params, card = request.job.params, request.card
        # Asked for the device only then: that it cannot be had may be the very error.
        no_room = lambda: out_of_memory(params, card, self._models().device)  # noqa: E731
        return self._explain(error, card, "The picture could not be drawn", no_room)

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

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._jobs.remove(job)
