"""Exceptions and warnings of the package."""

from __future__ import annotations

from typing import Any, ClassVar


class _Coded(Exception):
    """Base of the exceptions: a sentence for people, a code and a field for programs.

    Parameters
    ----------
    message : str
        What happened, why, and what to do next, in one sentence.
    code : str, optional
        Stable name of the problem, such as ``"prompt-too-long"``; the class's own otherwise.
    field : str or None, optional
        The parameter, option or file that it is about.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, code: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), str(self), self.code, self.field)

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone (IPython's hook for an exception's display)."""
        return [f"{type(self).__name__}: {self}"]


def _rebuild(kind: type[Any], message: str, code: str, field: str | None) -> Any:
    return kind(message, code=code, field=field)


class BadInput(_Coded, ValueError):
    """Invalid input: the message says what, why and what to do."""

    default_code = "bad-input"


class ZimgError(_Coded):
    """Failure that is not the input's fault."""


class WeightsMissing(ZimgError):
    """A model's files are absent, incomplete or damaged."""

    default_code = "weights-missing"


class OutOfMemory(ZimgError):
    """A picture or a model did not fit; the memory has been freed again."""

    default_code = "out-of-memory"


class GalleryError(ZimgError):
    """A picture could not be written or read; it is still in memory."""

    default_code = "gallery"


class JobCancelled(ZimgError):
    """The job was cancelled before it had finished."""

    default_code = "cancelled"


class ZimgWarning(UserWarning):
    """Something that was asked for has no effect, or was decided for the user."""
