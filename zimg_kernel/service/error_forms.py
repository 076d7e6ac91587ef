"""Forms of errors: what a client of each interface expects in the body of a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders

from zimg_kernel.errors import BadInput, ZimgError

from .refusal import Refused, status_of

Form = Callable[[int, Exception], dict[str, Any]]

_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error",
          429: "rate_limit_error"}  # fmt: skip


def error_object(status: int, error: Exception) -> dict[str, Any]:
    """Return the form of ours and of OpenAI: ``{"error": {"message", "type", "param", "code"}}``.

    ``field`` is ``param`` once more, as the package's exceptions have it.
    """
    default = "invalid_request_error" if status < 500 else "server_error"
    field = getattr(error, "field", None)
    return {
        "error": {
            "message": _sentence(error),
            "type": _TYPES.get(status, default),
            "param": field,
            "code": getattr(error, "code", "") or "error",
            "field": field,
        }
    }


class ErrorForms:
    """Which form is used where: that of the longest prefix of the path."""

    def __init__(self) -> None:
        self._forms: dict[str, Form] = {}

    def use(self, prefix: str, form: Form) -> None:
        """Answer errors of paths that are this prefix, or go on below it, in a form."""
        self._forms[prefix.rstrip("/")] = form

    def answer(self, path: str, error: Exception) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """Return status, body and headers of the answer to an exception."""
        status = status_of(error)
        fits = [p for p in self._forms if path == p or path.startswith(f"{p}/")]
        form = self._forms[max(fits, key=len)] if fits else error_object
        body = json.dumps(form(status, error), ensure_ascii=False, allow_nan=False).encode(
            "utf-8", "backslashreplace"
        )
        headers = MutableHeaders()
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body))
        if isinstance(error, Refused) and error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
        if isinstance(error, Refused) and error.code == "over-quota":
            headers["x-should-retry"] = "false"
        if status == 401:
            headers["www-authenticate"] = 'Basic realm="zimg", charset="UTF-8"'
        return status, body, headers.raw


def _sentence(error: Exception) -> str:
    if isinstance(error, BadInput | ZimgError):
        return str(error)
    return "The service failed at this request; its log says why."
