"""Texts and JSON from files, made safe to store: valid Unicode, finite numbers."""

from __future__ import annotations

import json
import math
from typing import Any

NO_FORMULAS = "mathjax_ignore tex2jax_ignore"
"""Classes of HTML in which "$5 and $3" is no formula: for JupyterLab, and for older pages."""

_MAX_JSON = 8 << 20  # characters; a graph with pictures inside it has some MB


def clean(text: str) -> str:
    """Return valid Unicode: surrogate pairs joined, single ones replaced, no NUL characters."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "")


def is_utf8(text: str) -> bool:
    """Return True if a text, such as a file's name, can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_json(text: object) -> Any:
    """Return the value of a JSON text, or None where it is none.

    NaN and Infinity, which Python's writers produce and JSON does not know, become None.
    """
    if not isinstance(text, str) or len(text) > _MAX_JSON:
        return None
    try:
        return _DECODER.decode(text.strip().strip("\0"))
    except (ValueError, RecursionError):
        return None


def json_text(value: Any) -> str:
    """Return JSON that every reader takes: what is no valid Unicode stands there as an escape."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _none(_: str) -> None:
    return None


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


_DECODER = json.JSONDecoder(parse_constant=_none, parse_float=_finite)
