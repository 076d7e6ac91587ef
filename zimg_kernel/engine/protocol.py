"""Engine protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from zimg_kernel.params import GenerationParams

from .job import Job

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.sampling.sampler import PreviewKind

    from .checks import CheckedRequest
    from .model_status import ModelStatus
    from .plan import Plan
    from .queue_entry import Interrupted
    from .resources import Resources
    from .task import ModelTask


class Engine(Protocol):
    """Runs requests, in this process or elsewhere.

    Notebooks, widgets and the command line know no more of an engine than this.
    """

    @property
    def gallery(self) -> Gallery | None:
        """Where every picture is written before it is shown; None if they stay in memory."""

    def models(self) -> list[ModelStatus]:
        """Return the models that it knows, and whether their files are there; loads nothing."""

    def default_model(self) -> str:
        """Return the id of the model that draws where none is named."""

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        """Return what :meth:`submit` would accept: every field filled in, and the warnings.

        The seed stays as it is, and the pictures that an edit names by digest are not looked
        for. Raises as :meth:`submit`.
        """

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
            The pictures of an edit (``zimg_kernel.edit`` makes it); looked up in the gallery
            where the parameters name them.
        notes : tuple of str
            What the user shall be told before anything is drawn.
        origin : str
            Who asks, such as ``"studio"``.
        priority : int
            Higher ones are drawn first.

        Raises
        ------
        BadInput
            The request cannot be done; nothing was accepted.
        WeightsMissing
            The model is not there.
        """

    def jobs(self) -> list[Job]:
        """Return the jobs that wait or run, in their order."""

    def move(self, job_id: str, position: int) -> None:
        """Let a waiting job be the one at this position, from 0, among those that wait.

        It stays among those of its priority.

        Raises
        ------
        BadInput
            No such job is waiting.
        """

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; return whether it had not ended."""

    def interrupted(self) -> list[Interrupted]:
        """Return what it accepted and did not finish before its process ended, oldest first."""

    def resume(self, job_id: str) -> Job | None:
        """Draw what is missing of an interrupted request, which keeps its id.

        Returns
        -------
        Job or None
            None if it is not interrupted any more: another process took or dismissed it.

        Raises
        ------
        BadInput, ZimgError
            It cannot be drawn as things are; it stays interrupted.
        """

    def dismiss(self, job_id: str) -> None:
        """Forget an interrupted request."""

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        """Call a function with every job accepted from now on, before it begins."""

    def run(
        self, work: Callable[[LoadedModel, Callable[[], bool]], Any], model: str | None = None
    ) -> ModelTask:
        """Run a function on a loaded model, in its turn among the pictures.

        Parameters
        ----------
        work : callable
            Gets the loaded model and a function that says whether to stop.
        model : str, optional
            A model's id; the default model otherwise.

        Raises
        ------
        BadInput
            With the code ``tasks-not-supported``: its models are in another process.
        """

    def prepare(self) -> None:
        """Get ready in the background, so that the first request waits less; loads no model."""

    def resources(self) -> Resources:
        """Return its device, its memory and what is loaded; takes a few milliseconds."""

    def forget_prompts(self) -> None:
        """Let the next request encode its prompt again, which a measurement may want."""

    def unload(self, model: str | None = None) -> None:
        """Give back the memory of one model, or of all, once the running job has ended."""

    def close(self) -> None:
        """Cancel what is running and waiting, and give everything back."""
