"""Events of a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

    from zimg_kernel.images.image import GeneratedImage


@dataclass(frozen=True)
class Queued:
    """The engine has taken the request; ``ahead`` others come first."""

    ahead: int


@dataclass(frozen=True)
class Started:
    """The request's turn has come; the model may still have to be loaded."""


@dataclass(frozen=True)
class Warned:
    """Something the user should know about the request or one of its pictures.

    Attributes
    ----------
    text : str
        One sentence.
    code : str
        Stable name of the problem, for programs.
    """

    text: str
    code: str = "job-warning"


@dataclass(frozen=True)
class Step:
    """Step ``step`` of ``steps`` (from 1) of picture ``index`` of ``count`` (from 0) is done.

    ``sketch`` holds what a preview is made of; see :mod:`zimg_kernel.engine.step_preview`.
    """

    step: int
    steps: int
    index: int
    count: int
    sketch: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def preview(self) -> Image | None:
        """A small picture of what the model expects to end up with, or None.

        Made when it is first looked at: a step that nobody watches costs no time.
        """
        from .step_preview import as_picture

        return as_picture(self.sketch)


@dataclass(frozen=True)
class Finished:
    """Picture ``index`` of ``count`` (from 0) is drawn and saved."""

    image: GeneratedImage
    index: int
    count: int


@dataclass(frozen=True)
class Done:
    """All pictures are there."""

    images: tuple[GeneratedImage, ...]


@dataclass(frozen=True)
class Failed:
    """The request failed; pictures that were finished before are kept."""

    error: Exception


@dataclass(frozen=True)
class Cancelled:
    """The request was cancelled; pictures that were finished before are kept."""


Event = Queued | Started | Warned | Step | Finished | Done | Failed | Cancelled
LAST = (Done, Failed, Cancelled)
