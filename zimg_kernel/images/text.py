"""Texts and JSON from files, made safe to store: valid Unicode, finite numbers."""

from __future__ import annotations

import json
import math
import re
from typing import Any

NO_FORMULAS = "mathjax_ignore tex2jax_ignore"
"""Classes of HTML in which "$5 and $3" is no formula: for JupyterLab, and for older pages."""

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_MAX_JSON = 8 << 20  # characters; a graph with pictures inside it has some MB


def clean(text: str) -> str:
    """Return valid Unicode: surrogate pairs joined, single ones replaced, no NUL characters."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "")


def plain(text: str) -> str:
    """Return a text to show in a terminal: what would steer it stands there as an escape.

    Those are control characters other than line ends and tabs (ECMA-48), and the characters
    that turn the direction of writing around (Unicode's UAX #9).
    """
    return _STEERING.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    sign = ord(found[0])
    return f"\\x{sign:02x}" if sign < 0x20 else f"\\u{sign:04x}"


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
        return json.loads(text.strip().strip("\0"), parse_constant=_none, parse_float=_finite)
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
