"""Events of a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

    from zimg_kernel.images.image import GeneratedImage

_JPEG_QUALITY = 80


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

    ``sketch`` holds what a preview is made of in the process that draws, ``jpeg`` the preview
    itself where the event came from another process.
    """

    step: int
    steps: int
    index: int
    count: int
    sketch: Any = field(default=None, repr=False, compare=False)
    jpeg: bytes | None = field(default=None, repr=False, compare=False)

    @cached_property
    def preview(self) -> Image | None:
        """A small picture of what the model expects to end up with, or None.

        Made when it is first looked at: a step that nobody watches costs no time.
        """
        if self.jpeg is not None:
            import io

            from zimg_kernel.images.open_file import open_image

            return open_image(io.BytesIO(self.jpeg))
        from zimg_kernel.sampling.latent_preview import as_picture

        return as_picture(self.sketch)

    def preview_jpeg(self) -> bytes | None:
        """Return the preview as a JPEG, or None where there is none."""
        if self.jpeg is not None or self.preview is None:
            return self.jpeg
        from zimg_kernel.images.encode import jpeg_bytes

        return jpeg_bytes(self.preview, quality=_JPEG_QUALITY)


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
