"""Marks: the painted primitives that every picture of the miniature's world is made of.

A mark is a row of ``COLUMNS`` numbers, so that a batch of pictures is one tensor and a GPU
paints them together. Its anchor (x, y) is in fractions of the width and the height; its offset
(dx, dy), radii, softness and stroke are in fractions of the shorter side, so that a drawing
keeps its form at any size.
"""

from __future__ import annotations

from zimg_kernel.nano.world.palette import RGB

Row = list[float]

SHAPES = (
    "circle",
    "square",
    "triangle",
    "star",
    "heart",
    "diamond",
    "ring",
    "cross",
    "crescent",
    "hexagon",
)
"""The ten exact shapes; as marks they fill the box of their radii with a small margin."""

KINDS = (
    *SHAPES,
    "disc",  # ellipse that fills the box
    "box",  # rectangle; p: corner radius, 0 to 1
    "dome",  # upper half of an ellipse, the flat side at the centre line
    "trapezoid",  # p: width of the top over that of the bottom
    "wedge",  # triangle: apex at the middle of the top, base at the bottom
    "vesica",  # leaf with its tips left and right
    "arch",  # upper half of a ring; p: thickness, 0 to 1
    "wave",  # all below a sine; rx: wavelength, ry: amplitude, p: phase in radians
    "ridge",  # all below a jagged skyline; rx: wavelength, ry: height, p: seed
    "streaks",  # rain over the whole picture; rx, ry: cell, p: half width, angle: slope
    "specks",  # dots over the whole picture; rx: cell, ry: seed, p: largest radius
)
INDEX = {name: i for i, name in enumerate(KINDS)}
BANDS = ("wave", "ridge")
FIELDS = ("streaks", "specks")

PLAIN, STRIPED, DOTTED, HATCHED = range(4)
"""Patterns, drawn over the fill in the ink colour."""

COLUMNS = 24
NOTHING: Row = [-1.0] + [0.0] * 4 + [0.1, 0.1] + [0.0] * (COLUMNS - 7)
"""A mark that paints nothing, for padding."""


def mark(
    kind: str,
    x: float,
    y: float,
    rx: float,
    ry: float,
    colour: RGB,
    *,
    bottom: RGB | None = None,
    dx: float = 0.0,
    dy: float = 0.0,
    angle: float = 0.0,
    opacity: float = 1.0,
    fade: float | None = None,
    soft: float = 0.0,
    stroke: float = 0.0,
    ink: RGB = (0, 0, 0),
    ink_opacity: float = 1.0,
    p: float = 0.0,
    pattern: int = PLAIN,
) -> Row:
    """One mark.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    x, y : float
        Anchor in fractions of the width and the height.
    rx, ry : float
        Half extents in fractions of the shorter side.
    colour, bottom : tuple of int
        Colours 0..255 at the top and (if given) at the bottom of the mark, blended between.
        For bands the blend goes from their line to the lower edge of the picture, for fields
        from the upper to the lower edge of the picture.
    dx, dy : float
        Offset of the centre from the anchor, in fractions of the shorter side.
    angle : float
        Clockwise turn in radians.
    opacity, fade : float
        Opacity 0..1 of the fill at the top and (if given) at the bottom.
    soft : float
        Width of the blur of edge and stroke, in fractions of the shorter side (0: crisp).
    stroke, ink, ink_opacity
        Half width (fractions of the shorter side; 0: none), colour and opacity of the outline;
        ``ink`` is also the colour of the pattern.
    p : float
        See ``KINDS``.
    pattern : int
        ``PLAIN``, ``STRIPED``, ``DOTTED`` or ``HATCHED``.
    """
    low = colour if bottom is None else bottom
    return [
        float(INDEX[kind]),
        x,
        y,
        dx,
        dy,
        rx,
        ry,
        angle,
        colour[0] / 255,
        colour[1] / 255,
        colour[2] / 255,
        low[0] / 255,
        low[1] / 255,
        low[2] / 255,
        opacity,
        opacity if fade is None else fade,
        soft,
        stroke,
        ink[0] / 255,
        ink[1] / 255,
        ink[2] / 255,
        ink_opacity,
        p,
        float(pattern),
    ]
