"""Entries of a ComfyUI server's history, whatever stands in them."""

from __future__ import annotations

from typing import Any


def is_error(entry: dict[str, Any]) -> bool:
    """Return whether a prompt has failed or was stopped."""
    return mapping(entry.get("status")).get("status_str") == "error"


def messages_of(status: Any) -> dict[str, dict[str, Any]]:
    """Return the messages of an entry's status by their names; the last one of each."""
    pairs = [one for one in sequence(mapping(status).get("messages")) if len(sequence(one)) == 2]
    return {str(name): mapping(data) for name, data in pairs}


def seconds_of(status: Any) -> float | None:
    """Return the seconds that a prompt took by the server's clock, where its status tells."""
    messages = messages_of(status)
    began = messages.get("execution_start", {}).get("timestamp")
    ended = messages.get("execution_success", {}).get("timestamp")
    if not isinstance(began, int | float) or not isinstance(ended, int | float):
        return None
    return (ended - began) / 1000 if ended >= began else None


def mapping(value: Any) -> dict[str, Any]:
    """Return a value that is a JSON object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return a value that is a JSON array; an empty one otherwise."""
    return value if isinstance(value, list) else []
