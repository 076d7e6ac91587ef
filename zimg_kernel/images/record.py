"""Kinds of what stands in a picture's record: checked once, relied on everywhere.

A record comes from a file, so from anybody. What is not in these tables is kept as it is and
shown, never calculated with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_Kinds = Mapping[str, frozenset[type]]  # exact types, as JSON has them: True is no number
_TEXT, _WHOLE, _DICT = frozenset({str}), frozenset({int}), frozenset({dict})
_LIST, _NUMBER = frozenset({list}), frozenset({int, float})

_PARAMS: _Kinds = {
    "negative_prompt": _TEXT, "model": _TEXT, "seed": _WHOLE, "width": _WHOLE, "height": _WHOLE,
    "steps": _WHOLE, "guidance": _NUMBER, "shift": _NUMBER, "sampler": _TEXT, "sigmas": _TEXT,
    "cfg_truncation": _NUMBER, "embedding_noise": _NUMBER, "edit": _DICT, "loras": _LIST | _DICT,
}  # fmt: skip
_SOURCE: _Kinds = {"pixels": _TEXT, "size": _LIST, "params": _DICT, "file": _TEXT}
_PARTS: _Kinds = {
    "timings": _DICT, "source": _DICT, "versions": _DICT, "pixels": _TEXT, "software": _TEXT,
    "device": _TEXT, "memory_gb": _NUMBER, "foreign": _DICT, "size": _LIST, "job": _DICT,
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
    if not (_fits(params, _PARAMS) and _fits(value, _PARTS) and _is_size(value.get("size"))):
        return False
    source = value.get("source")
    if source and not (_fits(source, _SOURCE) and _is_size(source.get("size"))):
        return False
    return all(map(_is_number, (value.get("timings") or {}).values())) and _is_time(
        value.get("created")
    )


def _fits(part: Mapping[str, Any], kinds: _Kinds) -> bool:
    for name, wanted in kinds.items():
        value = part.get(name)
        if value is None or (type(value) in wanted and wanted is not _NUMBER):
            continue
        if wanted is not _NUMBER or not _is_number(value):
            return False
    return True


def _is_number(value: Any) -> bool:
    try:
        return type(value) in _NUMBER and math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _is_size(value: Any) -> bool:
    return value is None or (len(value) == 2 and all(type(side) is int for side in value))


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value).astimezone().timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return False
    return True
