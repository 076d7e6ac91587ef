"""Errors of ComfyUI's API and of its API v2."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from ..graph.problems import Refusal

PATHS = (
    "/prompt", "/queue", "/history", "/interrupt", "/free", "/object_info", "/upload", "/view",
    "/ws",
)  # fmt: skip
"""Paths without ``/api`` whose errors are in ComfyUI's form."""

_V2_CODES = {
    400: "invalid_request", 401: "unauthorized", 403: "forbidden", 404: "not_found",
    409: "conflict", 413: "payload_too_large", 422: "invalid_workflow", 429: "rate_limited",
    503: "unavailable",
}  # fmt: skip


def comfy_form(status: int, error: Exception) -> dict[str, Any]:
    """Return an error in ComfyUI's form: type, message, details, extra_info, node_errors."""
    return Refusal(getattr(error, "code", "") or "error", _sentence(error)).body()


def v2_form(status: int, error: Exception) -> dict[str, Any]:
    """Return an error in the form of API v2: code, message, details."""
    details = {"code": getattr(error, "code", "") or "error"}
    code = _V2_CODES.get(status, "internal_error")
    return {"error": {"code": code, "message": _sentence(error), "details": details}}


def refused(refusal: Refusal) -> JSONResponse:
    """Return the answer to a prompt that cannot be run."""
    return JSONResponse(refusal.body(), 400)


def refused_v2(refusal: Refusal) -> JSONResponse:
    """Return the same in the form of API v2."""
    details = {
        "type": refusal.type,
        "details": refusal.details,
        "extra_info": refusal.extra,
        "node_errors": refusal.node_errors,
    }
    error = {"code": "invalid_workflow", "message": refusal.message, "details": details}
    return JSONResponse({"error": error}, 422)


def _sentence(error: Exception) -> str:
    from zimg_kernel.errors import BadInput, ZimgError

    if isinstance(error, BadInput | ZimgError):
        return str(error)
    return "The service failed at this request; its log says why."
