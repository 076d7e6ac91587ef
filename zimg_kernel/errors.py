"""The package's few errors: each says what happened, why, and what to do next."""

from __future__ import annotations

from .params import BadInput

__all__ = [
    "BadInput",
    "GalleryError",
    "JobCancelled",
    "OutOfMemory",
    "WeightsMissing",
    "ZimgError",
    "ZimgWarning",
]


class ZimgError(Exception):
    """Something failed that was not the input's fault."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone (IPython's hook for an exception's display)."""
        return [f"{type(self).__name__}: {self}"]


class WeightsMissing(ZimgError):
    """A model's files are absent, incomplete or damaged."""


class OutOfMemory(ZimgError):
    """A picture or a model did not fit; the memory has been freed again."""


class GalleryError(ZimgError):
    """A picture could not be written or read; it is still in memory."""


class JobCancelled(ZimgError):
    """The job was cancelled before it had finished."""


class ZimgWarning(UserWarning):
    """Something that was asked for has no effect, or was decided for the user."""
