"""Errors in OpenAI's form: its names of problems and of parameters."""

from __future__ import annotations

from typing import Any

from zimg_kernel.service.error_forms import ErrorForms, error_object

_CODES = {
    "no-token": "invalid_api_key",
    "unknown-token": "invalid_api_key",
    "rate-limit": "rate_limit_exceeded",
    "queue-full": "rate_limit_exceeded",
    "over-quota": "insufficient_quota",
    "unknown-model": "model_not_found",
    "weights-missing": "model_not_found",
    "forbidden-word": "moderation_blocked",
    "prompt-too-long": "string_above_max_length",
    "empty-prompt": "invalid_value",
    "missing-parameter": "missing_required_parameter",
    "missing-upload": "missing_required_parameter",
    "wrong-type": "invalid_type",
    "out-of-range": "invalid_value",
    "unknown-choice": "invalid_value",
}
_PARAMS = {"count": "n", "width": "size", "height": "size"}


def use_error_forms(forms: ErrorForms) -> None:
    """Answer errors of OpenAI's paths in its form."""
    for prefix in ("/v1/images", "/v1/models"):
        forms.use(prefix, openai_error)


def openai_error(status: int, error: Exception) -> dict[str, Any]:
    """Return ``{"error": {"message", "type", "param", "code"}}`` with OpenAI's codes."""
    told = error_object(status, error)
    found = told["error"]
    field = found.pop("field")
    found["param"] = _PARAMS.get(field, field)
    found["code"] = _CODES.get(found["code"], found["code"].replace("-", "_"))
    if found["code"] == "insufficient_quota":
        found["type"] = "insufficient_quota"
    return told
