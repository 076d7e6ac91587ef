"""Messages of a ComfyUI server's WebSocket, as far as they concern the pictures of a client."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

from .history import mapping, sequence
from .server import ServedFile

_PREVIEW, _PREVIEW_WITH_METADATA = 1, 4  # kinds of binary messages
_LONGEST_PREVIEW = 4 << 20  # bytes
FEATURES = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
"""First message of a client: its previews shall say whose they are."""


@dataclass(frozen=True)
class Progress:
    """Step ``value`` of ``most`` of a node is done."""

    prompt_id: str
    node: str
    value: int
    most: int


@dataclass(frozen=True)
class Preview:
    """A sketch, as the bytes of a JPEG or PNG; older servers do not say whose, as an id."""

    prompt_id: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Executing:
    """A node is being computed; None when the whole prompt has ended."""

    prompt_id: str
    node: str | None


@dataclass(frozen=True)
class Executed:
    """A node is done and has these pictures."""

    prompt_id: str
    node: str
    files: tuple[ServedFile, ...]


@dataclass(frozen=True)
class Ended:
    """A prompt was drawn, has failed or was stopped."""

    prompt_id: str


Message = Progress | Preview | Executing | Executed | Ended


def parse(raw: str | bytes) -> Message | None:
    """Return what a message means; None for what no client of pictures needs to know.

    A message that is damaged means nothing: what becomes of a prompt stands in the history.
    """
    try:
        return _preview(raw) if isinstance(raw, bytes) else _text(json.loads(raw))
    except (ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError):
        return None


def _text(told: dict[str, Any]) -> Message | None:
    data = told["data"]
    match told["type"]:
        case "progress":
            value, most = int(data["value"]), int(data["max"])
            return Progress(data["prompt_id"], str(data["node"]), value, most)
        case "executing":
            # After a connection was made again, the node comes without its prompt.
            return Executing(data.get("prompt_id", ""), data["node"])
        case "executed":
            return Executed(data["prompt_id"], str(data["node"]), files_of(data["output"]))
        case "execution_success" | "execution_error" | "execution_interrupted":
            return Ended(data["prompt_id"])
    return None


def _preview(raw: bytes) -> Preview | None:
    """Read big-endian: the kind; then the picture's format, or the length of its metadata."""
    kind, number = struct.unpack_from(">II", raw)
    if len(raw) > _LONGEST_PREVIEW:
        return None
    if kind == _PREVIEW:
        return Preview("", raw[8:])
    if kind == _PREVIEW_WITH_METADATA:
        metadata = json.loads(raw[8 : 8 + number])
        return Preview(metadata["prompt_id"], raw[8 + number :])
    return None


def files_of(output: Any) -> tuple[ServedFile, ...]:
    """Return the pictures among what a node has put out."""
    found = map(mapping, sequence(mapping(output).get("images")))
    return tuple(
        ServedFile(str(one["filename"]), str(one.get("subfolder", "")), str(one.get("type", "")))
        for one in found
        if one.get("filename")
    )
