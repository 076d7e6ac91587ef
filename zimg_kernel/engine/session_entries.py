"""Request and result of a session."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel import BadInput, GeneratedImage, Job

from .events import Step

_numbers = itertools.count(1)


@dataclass
class Request:
    """A job that was accepted, and where it is."""

    job: Job
    step: Step | None = None
    """The last step that was reported."""

    began: float | None = None
    """Start of the drawing by the monotonic clock."""

    seconds: float = 0.0
    """Seconds since then."""


@dataclass
class Result:
    """A finished picture: in memory while it is new or has no file, else read from its file."""

    path: Path | None
    image: GeneratedImage | None
    prompt: str
    job_id: str = ""
    """Id of the job that drew it in this process; empty if it was there before."""

    id: str = field(default_factory=lambda: f"result-{next(_numbers)}")

    def open(self) -> GeneratedImage:
        """Return the picture.

        Raises
        ------
        BadInput
            Its file is gone or damaged.
        """
        if self.image is not None:
            return self.image
        if self.path is None:
            raise BadInput("This picture was only in memory and is gone.", code="picture-gone")
        return GeneratedImage.open(self.path)
