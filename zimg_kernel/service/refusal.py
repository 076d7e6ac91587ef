"""Refusal of a request, with the HTTP status that says so."""

from __future__ import annotations

from zimg_kernel.errors import BadInput, OutOfMemory, WeightsMissing, ZimgError


class Refused(ZimgError):
    """A request that the service does not take.

    Parameters
    ----------
    message : str
        What, why and what to do next, in one sentence.
    status : int
        Of the HTTP answer.
    code, field
        As of all exceptions of the package.
    retry_after : int, optional
        Seconds after which it may be taken.
    """

    default_code = "refused"

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 400,
        code: str = "",
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field)
        self.status = status
        self.retry_after = retry_after


def status_of(error: Exception) -> int:
    """Return the HTTP status of an exception."""
    match error:
        case Refused():
            return error.status
        case BadInput(code="unknown-model") | WeightsMissing():
            return 404
        case BadInput():
            return 400
        case OutOfMemory():
            return 507
    return 500
