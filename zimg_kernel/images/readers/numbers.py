"""Numbers as other tools write them."""

from __future__ import annotations

import math
import re
from typing import Any

_MOST_BITS = 512


def number(value: Any) -> int | float | None:
    """Return a finite number that may be written as a text, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 40 or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            return None
        value = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return None  # JSON's numbers may be too long for any float
    if isinstance(value, int | float) and math.isfinite(value):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return None


def size_of(text: Any) -> tuple[Any, Any]:
    """Return width and height of a text such as ``1024x768`` or ``(1024, 768)``."""
    match = re.search(r"(\d{1,6})\s*[x×,*]\s*(\d{1,6})", str(text)[:100])
    return (int(match[1]), int(match[2])) if match else (None, None)
