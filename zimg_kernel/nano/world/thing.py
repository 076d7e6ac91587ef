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
    colour_said: bool = True
    shape_said: bool = True
