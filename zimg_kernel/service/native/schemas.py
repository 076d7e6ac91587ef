"""Schemas of requests and answers for the OpenAPI description; limits are those of the fields."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from zimg_kernel.params import GenerationParams

_OF_JOBS = ("count",)
_HIDDEN = ("schema_version", "edit")


class ErrorObject(BaseModel):
    """What was wrong."""

    message: str = Field(description="What happened, why, and what to do next, in one sentence.")
    type: str
    param: str | None = Field(description="The field that it is about; also as `field`.")
    code: str = Field(description="Stable name of the problem.")
    field: str | None = Field(default=None, description="Absent at OpenAI's addresses.")


class ErrorAnswer(BaseModel):
    """Answer to a request that was refused or failed."""

    error: ErrorObject


class PictureAnswer(BaseModel):
    """One picture of a job."""

    index: int = Field(description="Place among the pictures of its job, from 0.")
    name: str
    url: str
    thumbnail: str
    seed: int
    width: int
    height: int
    seconds: float | None = Field(description="Of drawing.")


class JobAnswer(BaseModel):
    """A job."""

    id: str
    status: str = Field(description="queued, running, done, failed or cancelled.")
    progress: float = Field(description="Share of all steps that is done, 0 to 1.")
    ahead: int | None = Field(description="Jobs of this service that come first.")
    created: str
    started: str | None
    ended: str | None
    parameters: dict[str, Any]
    pictures: list[PictureAnswer]
    warnings: list[str]
    notes: list[str]
    error: ErrorObject | None
    url: str
    events: str


class JobsAnswer(BaseModel):
    """Jobs of the caller, newest first."""

    jobs: list[JobAnswer]


class CancelAnswer(BaseModel):
    """Whether a job was cancelled."""

    cancelled: bool


class GeneratedAnswer(BaseModel):
    """Answer of `POST /generate`."""

    status: str
    image_url: str
    seed: int
    job: str


class EntryAnswer(BaseModel):
    """One picture of the gallery."""

    name: str
    url: str
    thumbnail: str
    prompt: str
    model: str
    seed: int
    width: int
    height: int
    created: str


class GalleryAnswer(BaseModel):
    """Pictures of the gallery, newest first."""

    total: int
    pictures: list[EntryAnswer]


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": told}
    for status, told in {
        400: "The request cannot be done as it is.",
        401: "A token is missing or unknown.",
        403: "Not from this address, page or host.",
        404: "There is no such thing.",
        413: "The body is too long.",
        422: "The Idempotency-Key was sent before with another request.",
        429: "Too many requests or pictures: Retry-After tells when to come again.",
        500: "Drawing failed.",
        503: "The service is about to end.",
        504: "The time limit is over; the job goes on.",
        507: "There is not enough memory for this picture.",
    }.items()
}

KEY_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[!-~]+$"},
    "description": "The client's own id of the request: sent again, it is the same job, also "
    "after the service was killed.",
}


def generate_schema(count: int, max_pixels: int, max_prompt: int) -> dict[str, Any]:
    """Return the JSON schema of a request for pictures.

    Parameters
    ----------
    count : int
        The most pictures; with 1 the field is absent.
    max_pixels, max_prompt : int
        Limits of the service.
    """
    schema = GenerationParams.model_json_schema()
    fields = {
        name: _plain(told)
        for name, told in schema["properties"].items()
        if name not in _HIDDEN and (count > 1 or name not in _OF_JOBS)
    }
    for name in ("prompt", "negative_prompt"):
        fields[name]["maxLength"] = max_prompt
    fields["prompt"]["minLength"] = 1
    for name in ("width", "height"):
        fields[name]["description"] += f" At most {max_pixels} pixels in all."
    if count > 1:
        fields["count"]["maximum"] = count
    return {
        "type": "object", "required": ["prompt"], "properties": fields,
        "additionalProperties": False, "example": {"prompt": "a red circle", "seed": 7},
    }  # fmt: skip


def json_request(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what tells OpenAPI that a route reads this JSON."""
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}, "parameters": [KEY_PARAMETER]}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema without its title; null stands for its default."""
    kept = {key: value for key, value in told.items() if key != "title"}
    if "type" in kept and kept.get("type") != "null":
        kept["type"] = [kept["type"], "null"] if "default" in kept else kept["type"]
    return kept
