"""Schemas of OpenAI's requests and answers for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from zimg_kernel.service.native.schemas import ERRORS, KEY_PARAMETER

_COMMON: dict[str, Any] = {
    "prompt": {"type": "string", "minLength": 1, "maxLength": 32000},
    "model": {
        "type": ["string", "null"],
        "description": "A model's id; names that are not known mean the default model.",
    },
    "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 10},
    "size": {
        "type": ["string", "null"],
        "pattern": "^(auto|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$",
        "description": "One that the model does not draw is brought to the nearest that it does.",
    },
    "response_format": {"type": ["string", "null"], "enum": ["b64_json", "url", None]},
    "output_format": {"type": ["string", "null"], "enum": ["png", "jpeg", "webp", None]},
    "output_compression": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
    "stream": {"type": ["boolean", "null"]},
    "partial_images": {"type": ["integer", "null"], "minimum": 0, "maximum": 3},
    "seed": {"type": ["integer", "null"], "minimum": -1},
    "steps": {"type": ["integer", "null"], "minimum": 1, "maximum": 200},
    "negative_prompt": {"type": ["string", "null"]},
}
_FILE = {"type": "string", "format": "binary"}
_TOKENS = {"type": "integer", "minimum": 0}
_ANSWER = {
    "type": "object",
    "required": ["created", "data", "usage"],
    "properties": {
        "created": {"type": "integer"},
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"b64_json": {"type": "string"}, "url": {"type": "string"}},
            },
        },
        "usage": {
            "type": "object",
            "properties": {
                "input_tokens": _TOKENS, "output_tokens": _TOKENS, "total_tokens": _TOKENS,
            },
        },
        "notes": {"type": "array", "items": {"type": "string"}},
    },
}  # fmt: skip
RESPONSES: dict[int | str, dict[str, Any]] = {
    **ERRORS,
    200: {
        "description": "The pictures; with stream, events image_generation.partial_image and "
        "image_generation.completed (image_edit. of edits).",
        "content": {
            "application/json": {"schema": _ANSWER},
            "text/event-stream": {"schema": {"type": "string"}},
        },
    },
}


def _form(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}, "parameters": [KEY_PARAMETER]}


GENERATION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["prompt"], "properties": _COMMON}
            }
        },
    },
    "parameters": [KEY_PARAMETER],
}
EDIT = _form(
    ["prompt", "image"],
    {
        **_COMMON,
        "image": {**_FILE, "description": "Several are sent as image[]; the first is changed."},
        "mask": {**_FILE, "description": "Transparent where it is to be changed."},
    },
)
VARIATION = _form(
    ["image"], {**{k: v for k, v in _COMMON.items() if k != "prompt"}, "image": _FILE}
)
