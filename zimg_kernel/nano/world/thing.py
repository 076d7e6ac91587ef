"""Objects of scenes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """One object. ``place`` and ``size`` are None where the caption leaves them open."""

    shape: str
    colour: str
    x: float
    y: float
    radius: float
    place: str | None = None
    size: str | None = None
    fill: str = "plain"
    colour_named: bool = True
    shape_named: bool = True
