"""Checks of the numbers and choices that edit functions are given."""

from __future__ import annotations

from typing import Any

from zimg_kernel.errors import BadInput


def number(name: str, value: Any, low: float, high: float) -> float:
    """Return a number above ``low`` up to ``high``, or refuse what is none."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not low < value <= high:
        raise BadInput(
            f"{name} must be a number above {low:g} up to {high:g}, not {value!r}.",
            code="out-of-range",
            field=name,
        )
    return float(value)


def whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a number of pixels, or refuse what is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(
            f"{name} must be a whole number from {low} to {high}, not {value!r}.",
            code="out-of-range",
            field=name,
        )
    return value


def one_of(name: str, value: Any, known: tuple[str, ...]) -> Any:
    """Return a choice, or refuse what is none of those known."""
    if value not in known:
        raise BadInput(
            f"{name} must be {', '.join(known[:-1])} or {known[-1]}, not {value!r}.",
            code="unknown-choice",
            field=name,
        )
    return value
