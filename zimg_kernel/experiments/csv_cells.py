"""Cells of CSV files that spreadsheets open."""

from __future__ import annotations

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> Any:
    """Return a value for a cell; text that a spreadsheet would calculate gets a ``'`` in front.

    https://owasp.org/www-community/attacks/CSV_Injection: prompts and captions may come from
    others. Numbers stay numbers.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
