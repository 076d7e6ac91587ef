"""Drawing of one request at a ComfyUI server: its pictures one by one, into the gallery."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from zimg_kernel.edit.plan import EditPlan
from zimg_kernel.engine.drawing import deliver
from zimg_kernel.engine.events import Cancelled, Done, Step
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.request import Request
from zimg_kernel.engine.save_queue import SaveQueue
from zimg_kernel.engine.versions import software_versions
from zimg_kernel.errors import ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.open_file import UNREADABLE, why_unreadable
from zimg_kernel.params import GenerationParams

from .feed import Feed
from .names import ServerNames
from .patience import Stopped, patiently
from .prompt_run import Outcome, PromptRun
from .server import ComfyServer, FileGone
from .steps import Report, Steps
from .system import System
from .workflow import Workflow, make_workflow, read_picture

_OURS = uuid.UUID("7b1f1a52-6f0e-4c55-9a53-2f6c0a1f8d3e")  # namespace of the ids of pictures
_T = TypeVar("_T")


class Drawing:
    """One request on its way.

    Parameters
    ----------
    job : Job
        Told of every step and picture.
    request : Request
    server : ComfyServer
    names : ServerNames
    saves : SaveQueue
        Writes and reports the pictures in order.
    gallery : Gallery or None
        Where they go.
    resumed : bool
        Another process had begun it: the server may know its prompts.
    """

    def __init__(
        self, job: Job, request: Request, server: ComfyServer, names: ServerNames,
        saves: SaveQueue, gallery: Gallery | None, resumed: bool = False,
    ) -> None:  # fmt: skip
        self._job, self._request, self._resumed = job, request, resumed
        self._server, self._names = server, names
        self._saves, self._gallery = saves, gallery

    def draw(self) -> None:
        """Draw the pictures.

        Raises
        ------
        BadInput, ZimgError
            Why one could not be drawn.
        """
        try:
            self._draw()
        except Stopped:
            self._saves.put(partial(self._job.report, Cancelled()))
        else:
            self._saves.put(lambda: self._job.report(Done(tuple(self._job.images))))

    def _draw(self) -> None:
        workflow = self._patiently(lambda: make_workflow(self._request, self._server, self._names))
        system = self._patiently(lambda: System.of(self._server))
        singles = self._request.params.singles()
        with Feed(self._server.address) as feed:
            run = self._begin(0, singles[0], workflow, feed)
            for index, params in enumerate(singles):
                outcome = run.wait()
                # The server goes on with the next picture while this one is fetched and saved.
                last = index + 1 == len(singles)
                run = run if last else self._begin(index + 1, singles[index + 1], workflow, feed)
                try:
                    self._take(index, params, outcome, workflow, system, feed)
                except BaseException:
                    if not last:
                        run.withdraw()
                    raise

    def _patiently(self, ask: Callable[[], _T]) -> _T:
        return patiently(self._server, ask, lambda: self._job.cancel_requested)

    def _begin(
        self, index: int, params: GenerationParams, workflow: Workflow, feed: Feed,
        prefix: str | None = None,
    ) -> PromptRun:  # fmt: skip
        """Queue a picture."""
        place = self._request.drawn + index
        name = f"{self._job.id}/{place}" + (f"/{prefix}" if prefix else "")
        prompt_id = str(uuid.uuid5(_OURS, name))
        steps = Steps(
            prompt_id, workflow.template.sampler, self._reporter(index),
            self._request.preview != "none",
        )  # fmt: skip
        run = PromptRun(
            self._server, feed, workflow.graph(params.seed, prefix), workflow.template.output,
            steps, prompt_id, lambda: self._job.cancel_requested,
        )  # fmt: skip
        run.start(again=self._resumed)
        return run

    def _reporter(self, index: int) -> Report:
        def report(step: int, steps: int, sketch: bytes | None) -> None:
            self._job.report(Step(step, steps, index, self._job.params.count, sketch))

        return report

    def _take(
        self, index: int, params: GenerationParams, outcome: Outcome, workflow: Workflow,
        system: System, feed: Feed,
    ) -> None:  # fmt: skip
        """Fetch a picture that is drawn, and let it be saved."""
        try:
            data = self._fetch(outcome)
        except FileGone:
            # The server had it ready, and somebody has deleted the file since: under another name
            # it is written again.
            prefix = f"zimg-{uuid.uuid4().hex[:8]}"
            outcome = self._begin(index, params, workflow, feed, prefix).wait()
            data = self._fetch(outcome)
        request = self._request
        plan = request.plan
        try:
            pixels = read_picture(data)
        except UNREADABLE as error:
            raise ZimgError(
                f"The ComfyUI server at {self._server.shown} sent a damaged picture "
                f"({why_unreadable(error)}): ask for it again.",
                code="comfy-picture-damaged",
            ) from None
        if isinstance(plan, EditPlan) and params.edit is not None:
            pixels = plan.finish(params.edit, pixels)
        image = GeneratedImage(
            image=pixels,
            params=params,
            timings={"total": round(outcome.seconds, 4)},
            device=system.description,
            versions={
                "zimg-workbench": software_versions()["zimg-workbench"],
                "ComfyUI": system.version,
                "torch": system.torch,
                **workflow.files,
                "ComfyUI template": workflow.label,
                "ComfyUI file": hashlib.sha256(data).hexdigest(),
            },
            source=plan.record() if plan else None,
            mask=plan.painted if plan else None,
            job={"id": self._job.id, "index": request.drawn + index},
        )
        self._saves.put(partial(deliver, self._job, request, image, index, self._gallery))

    def _fetch(self, outcome: Outcome) -> bytes:
        return self._patiently(lambda: self._server.view(outcome.files[0]))
