"""Engine for one caller: the service's, whose every request goes through the context."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.job import Job
from zimg_kernel.errors import ZimgError
from zimg_kernel.params import GenerationParams

from .caller import Caller
from .served import Served

if TYPE_CHECKING:
    from zimg_kernel.engine.checks import CheckedRequest
    from zimg_kernel.engine.model_status import ModelStatus
    from zimg_kernel.engine.plan import Plan
    from zimg_kernel.engine.queue_entry import Interrupted
    from zimg_kernel.engine.resources import Resources
    from zimg_kernel.engine.task import ModelTask
    from zimg_kernel.gallery.gallery import Gallery
    from zimg_kernel.models.loaded_model import LoadedModel

    from .context import ServiceContext


class CallerEngine:
    """What functions that take an engine, such as those of edits, may be given.

    It answers as the service's engine does; only the jobs that were asked for through it are
    there for it, and it neither ends nor empties what others use.

    Parameters
    ----------
    context : ServiceContext
    caller : Caller
    **options
        Of :meth:`ServiceContext.serve`.

    Attributes
    ----------
    served : list of Served
        What was asked for so far.
    """

    def __init__(self, context: ServiceContext, caller: Caller, **options: Any) -> None:
        self._context, self._caller, self._options = context, caller, options
        self.served: list[Served] = []

    @property
    def gallery(self) -> Gallery:
        """The service's."""
        return self._context.gallery

    def models(self) -> list[ModelStatus]:
        """Return the models; see :meth:`Engine.models`."""
        return self._context.engine.models()

    def default_model(self) -> str:
        """Return the id of the model that draws where none is named."""
        return self._context.engine.default_model()

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        """Return what :meth:`submit` would accept; see :meth:`Engine.check`."""
        return self._context.engine.check(params, plan)

    def submit(self, params: GenerationParams, **options: Any) -> Job:
        """Hand a request to the context; see :meth:`ServiceContext.submit`."""
        wanted = {**options, **self._options}
        served = self._context.serve(params, self._caller, **wanted)
        self.served.append(served)
        return served.job

    def jobs(self) -> list[Job]:
        """Return those that were asked for here and wait or run."""
        return [served.job for served in self.served if not served.job.finished]

    def move(self, job_id: str, position: int) -> None:
        """Refuse: the order of the queue is the service's."""
        raise self._refusal()

    def cancel(self, job_id: str) -> bool:
        """Cancel a job that was asked for here; return whether it had not ended."""
        mine = any(job.id == job_id for job in self.jobs())
        return mine and self._context.engine.cancel(job_id)

    def interrupted(self) -> list[Interrupted]:
        """Return nothing: the service itself goes on with what was interrupted."""
        return []

    def resume(self, job_id: str) -> Job | None:
        """Return None: there is nothing to resume here."""
        return None

    def dismiss(self, job_id: str) -> None:
        """Do nothing: there is nothing to forget here."""

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        """Refuse: jobs of others are not told."""
        raise self._refusal()

    def run(
        self, work: Callable[[LoadedModel, Callable[[], bool]], Any], model: str | None = None
    ) -> ModelTask:
        """Run a function on a loaded model; see :meth:`Engine.run`."""
        return self._context.engine.run(work, model)

    def prepare(self) -> None:
        """Do nothing: the service is ready."""

    def resources(self) -> Resources:
        """Return the engine's device and memory."""
        return self._context.engine.resources()

    def forget_prompts(self) -> None:
        """Let the next request encode its prompt again."""
        self._context.engine.forget_prompts()

    def unload(self, model: str | None = None) -> None:
        """Do nothing: others use the models."""

    def close(self) -> None:
        """Do nothing: the engine is the service's."""

    def _refusal(self) -> ZimgError:
        return ZimgError(
            "A caller of the service has no say in its queue: ask for pictures alone.",
            code="not-the-callers",
        )
