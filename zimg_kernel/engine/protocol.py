"""Engine protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from zimg_kernel.params import GenerationParams

from .job import Job

if TYPE_CHECKING:
    from zimg_kernel.sampling.sampler import PreviewKind

    from .plan import Plan


class Engine(Protocol):
    """Runs requests, in this process or elsewhere.

    Notebooks, widgets and the command line know no more of an engine than this.
    """

    def submit(
        self,
        params: GenerationParams,
        *,
        preview: PreviewKind = "latent",
        plan: Plan | None = None,
        notes: tuple[str, ...] = (),
    ) -> Job:
        """Check and accept a request; return its job at once.

        ``plan`` holds the pictures of an edit (``zimg_kernel.edit`` makes it), ``notes`` what
        the user shall be told before anything is drawn.

        Raises
        ------
        BadInput
            The request cannot be done; nothing was accepted.
        WeightsMissing
            The model is not there.
        """

    def unload(self, model: str | None = None) -> None:
        """Give back the memory of one model, or of all, once the running job has ended."""

    def close(self) -> None:
        """Cancel what is running and waiting, and give everything back."""
