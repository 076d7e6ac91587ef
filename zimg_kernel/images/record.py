"""Kinds of what stands in a picture's record: checked once, relied on everywhere.

A record comes from a file, so from anybody. What is not in these tables is kept as it is and
shown, never calculated with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_Check = Callable[[Any], bool]


def _kind(*kinds: type) -> _Check:
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _is_size(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_kind(int), value))


def _is_timings(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


def _is_source(value: Any) -> bool:
    return isinstance(value, dict) and _fits(value, _SOURCE)


_PARAMS: dict[str, _Check] = {
    "negative_prompt": _kind(str), "model": _kind(str), "seed": _kind(int), "width": _kind(int),
    "height": _kind(int), "steps": _kind(int), "guidance": _is_number, "shift": _is_number,
    "sampler": _kind(str), "sigmas": _kind(str), "cfg_truncation": _is_number,
    "embedding_noise": _is_number, "edit": _kind(dict), "loras": _kind(list, dict),
}  # fmt: skip
_SOURCE: dict[str, _Check] = {
    "pixels": _kind(str), "size": _is_size, "params": _kind(dict), "file": _kind(str),
}  # fmt: skip
_PARTS: dict[str, _Check] = {
    "timings": _is_timings, "source": _is_source, "versions": _kind(dict), "pixels": _kind(str),
    "software": _kind(str), "device": _kind(str), "memory_gb": _is_number,
    "foreign": _kind(dict), "size": _is_size,
}  # fmt: skip


def is_record(value: Any) -> bool:
    """Return whether a value is a record: a prompt, a time, and all other parts of their kinds.

    Each part but prompt and time may be None or absent.
    """
    if not isinstance(value, dict):
        return False
    params = value.get("params")
    if not isinstance(params, dict) or not isinstance(params.get("prompt"), str):
        return False
    return _fits(params, _PARAMS) and _fits(value, _PARTS) and _is_time(value.get("created"))


def _fits(part: Mapping[str, Any], checks: Mapping[str, _Check]) -> bool:
    return all(part.get(name) is None or check(part[name]) for name, check in checks.items())


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value).astimezone().timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return False
    return True
