"""Limits of parameters that depend on the model's family: sides and names."""

from __future__ import annotations

from collections.abc import Collection

from zimg_kernel.errors import BadInput

SIDE_MULTIPLE = 16  # pixels; the usual one, where no model's family is known


def nearest_side(
    value: int, low: int | None = None, high: int | None = None, multiple: int = SIDE_MULTIPLE
) -> int:
    """Return the multiple of 16, or another, nearest to ``value`` px within ``low`` to ``high``."""
    side = max(low or multiple, round(value / multiple) * multiple)
    return side if high is None else min(side, high)


def require_choice(field: str, value: str | None, known: Collection[str]) -> None:
    """Refuse a name that is not among those that a model's family knows.

    Raises
    ------
    BadInput
        Lists them.
    """
    if value is not None and value not in known:
        *most, last = [repr(name) for name in known]
        listed = f"{', '.join(most)} or {last}" if most else last
        raise BadInput(
            f"{field} cannot be {value!r}: input should be {listed}.",
            code="unknown-choice",
            field=field,
        )


def require_multiple(field: str, value: int | None, multiple: int = SIDE_MULTIPLE) -> None:
    """Refuse a side in pixels that is no multiple of what a model draws.

    Raises
    ------
    BadInput
        Names the nearest that is.
    """
    if value is not None and (value < multiple or value % multiple):
        raise BadInput(
            f"A side of {value} px is not a multiple of {multiple}: "
            f"the nearest valid one is {nearest_side(value, multiple=multiple)} px.",
            code="not-a-multiple",
            field=field,
        )
