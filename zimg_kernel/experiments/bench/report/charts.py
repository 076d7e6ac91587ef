"""Plots of a benchmark: distribution, lines, stacked bars, time against quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..result import Estimate
from .svg import COLOURS, WIDTH, Canvas, mark, nice_ticks, text_width

_ROW = 34.0  # px of a row of values
_MOST_LABEL = 190.0  # px


@dataclass(frozen=True)
class Chart:
    """A plot: its title and its SVG, an empty text where there is nothing to draw."""

    title: str
    svg: str = ""


@dataclass(frozen=True)
class Line:
    """A series of a plot.

    Attributes
    ----------
    points : list of (float, float)
        In order along x.
    ends : list of (float, float) or None
        95 % interval of each point.
    failed : list of (float, str)
        Where there is no value along x, and why not.
    trend : ((float, float), (float, float)) or None
        Two points of a fitted line.
    """

    name: str
    points: Sequence[tuple[float, float]]
    ends: Sequence[tuple[float, float] | None] = ()
    failed: Sequence[tuple[float, str]] = ()
    trend: tuple[tuple[float, float], tuple[float, float]] | None = None
    connected: bool = True
    dots: bool = True


@dataclass(frozen=True)
class Spread:
    """Single values of one row, which of them are outliers, and their estimate."""

    name: str
    values: Sequence[float]
    outliers: Sequence[bool] = ()
    estimate: Estimate | None = None


def strip_chart(title: str, unit: str, rows: Sequence[Spread]) -> Chart:
    """Return each value as a dot, the median as a bar, its interval as a band.

    Outliers are rings. The dots of a row are put above each other by turns, so that equal values
    can be told apart.
    """
    rows = [row for row in rows if row.values]
    if not rows:
        return Chart(title)
    left = _label_width([row.name for row in rows])
    canvas = Canvas(title, 66 + _ROW * len(rows), left=left, top=14)
    highest = max(max(row.values) for row in rows)
    lowest = min(min(row.values) for row in rows)
    ticks = nice_ticks(0 if lowest < 0.6 * highest else lowest, highest, 7)
    canvas.scale((ticks[0], ticks[-1]), (0, 1))
    canvas.x_axis(ticks, unit)
    for place, row in enumerate(rows):
        y = canvas.top + _ROW * (place + 0.5)
        _row_label(canvas, row.name, y)
        if row.estimate is not None:
            _band(canvas, row.estimate, y, COLOURS[place % len(COLOURS)])
        outliers = row.outliers or [False] * len(row.values)
        for number, (value, far) in enumerate(zip(row.values, outliers, strict=True)):
            at, height = canvas.x(value), y + (number % 5 - 2) * 3.5
            if far:
                canvas.add("circle", f"{value:.4g} {unit}, outlier", cx=at, cy=height, r=4.5,
                           fill="none", stroke="currentColor", stroke_width=1.5)  # fmt: skip
            mark(canvas, place, at, height, f"{value:.4g} {unit}", 2.8)
    return Chart(title, str(canvas))


def _band(canvas: Canvas, found: Estimate, y: float, colour: str) -> None:
    if found.low is not None and found.high is not None:
        low, high = canvas.x(found.low), canvas.x(found.high)
        canvas.add("rect", x=low, y=y - 12, width=max(1.0, high - low), height=24, fill=colour,
                   fill_opacity=0.2)  # fmt: skip
    x = canvas.x(found.median)
    canvas.line(x, y - 13, x, y + 13, stroke_opacity=1, stroke_width=2)


def line_chart(
    title: str,
    x_label: str,
    y_label: str,
    lines: Sequence[Line],
    names: Mapping[float, str] | None = None,
    from_zero: bool = True,
) -> Chart:
    """Return series over a common x axis, with intervals, trends and failures.

    Parameters
    ----------
    names : mapping, optional
        Words for the places along x, instead of numbers.
    from_zero : bool
        Let the y axis begin at 0.
    """
    values = [y for line in lines for _, y in line.points]
    values += [end for line in lines for ends in line.ends if ends for end in ends]
    values += [y for line in lines if line.trend for _, y in line.trend]
    places = [x for line in lines for x, _ in (*line.points, *line.failed)]
    if not values:
        return Chart(title)
    wide = bool(names) and max(map(text_width, names.values())) * len(names) > 540 if names else 0
    canvas = Canvas(title, 330 if wide else 300, bottom=76 if wide else 46)
    y_ticks = nice_ticks(0 if from_zero else min(values), max(values))
    span = (min(places) - 0.4, max(places) + 0.4) if names else _span(places)
    canvas.scale(span, (y_ticks[0], y_ticks[-1]))
    canvas.y_axis(y_ticks, y_label)
    if names is None:
        canvas.x_axis([t for t in nice_ticks(*span, 8) if span[0] <= t <= span[1]], x_label)
    else:
        _named_axis(canvas, names, x_label, bool(wide))
    canvas.legend([line.name for line in lines])
    for place, line in enumerate(lines):
        _draw_line(canvas, place, line, names)
    return Chart(title, str(canvas))


def _span(places: Sequence[float]) -> tuple[float, float]:
    low, high = min(places), max(places)
    return (low, high if high > low else low + 1)


def _named_axis(canvas: Canvas, names: Mapping[float, str], label: str, turned: bool) -> None:
    for at, name in names.items():
        x = canvas.x(at)
        if turned:
            turn = f"rotate(-30 {x:.1f} {canvas.bottom + 16:.1f})"
            canvas.text(name, x, canvas.bottom + 16, "end", transform=turn)
        else:
            canvas.text(name, x, canvas.bottom + 16, "middle")
    canvas.text(label, (canvas.left + canvas.right) / 2, canvas.height - 8, "middle")


def _draw_line(canvas: Canvas, place: int, line: Line, names: Mapping[float, str] | None) -> None:
    colour = COLOURS[place % len(COLOURS)]
    if line.connected and len(line.points) > 1:
        points = " ".join(f"{canvas.x(x):.1f},{canvas.y(y):.1f}" for x, y in line.points)
        canvas.add("polyline", points=points, fill="none", stroke=colour, stroke_width=1.8)
    if line.trend is not None:
        (x1, y1), (x2, y2) = line.trend
        canvas.line(canvas.x(x1), canvas.y(y1), canvas.x(x2), canvas.y(y2), stroke=colour,
                    stroke_opacity=1, stroke_dasharray="6 4", stroke_width=1.8)  # fmt: skip
    for number, (x, y) in enumerate(line.points):
        ends = line.ends[number] if number < len(line.ends) else None
        if ends is not None:
            at = canvas.x(x)
            canvas.line(at, canvas.y(ends[0]), at, canvas.y(ends[1]), stroke=colour,
                        stroke_opacity=0.7, stroke_width=3)  # fmt: skip
        if line.dots:
            where = names.get(x, "") if names else f"{x:.4g}"
            mark(canvas, place, canvas.x(x), canvas.y(y), f"{line.name}, {where}: {y:.4g}", 3.5)
    for number, (x, why) in enumerate(line.failed):
        at, y = canvas.x(x), canvas.top + 12 + 14 * place
        canvas.text("✕", at, y + 4, "middle", fill=colour, font_weight="bold")
        if number == 0:
            room = canvas.right - at > text_width(why) + 10
            canvas.text(why, at + (10 if room else -10), y + 4, "start" if room else "end")


def stacked_bars(title: str, unit: str, rows: Sequence[tuple[str, Mapping[str, float]]]) -> Chart:
    """Return a bar for each row, parted by what it consists of."""
    rows = [(name, parts) for name, parts in rows if sum(parts.values()) > 0]
    if not rows:
        return Chart(title)
    kinds = list(dict.fromkeys(part for _, parts in rows for part in parts))
    canvas = Canvas(title, 88 + _ROW * len(rows), left=_label_width([name for name, _ in rows]))
    ticks = nice_ticks(0, max(sum(parts.values()) for _, parts in rows), 7)
    canvas.scale((0, ticks[-1]), (0, 1))
    canvas.x_axis(ticks, unit)
    canvas.legend(kinds)
    for place, (name, parts) in enumerate(rows):
        y, begin = canvas.top + _ROW * (place + 0.5), 0.0
        _row_label(canvas, name, y)
        for kind, value in parts.items():
            x = canvas.x(begin)
            wide = canvas.x(begin + value) - x
            canvas.add("rect", f"{name}, {kind}: {value:.4g} {unit}", x=x, y=y - 10, width=wide,
                       height=20, fill=COLOURS[kinds.index(kind) % len(COLOURS)],
                       fill_opacity=0.85)  # fmt: skip
            begin += value
    return Chart(title, str(canvas))


@dataclass(frozen=True)
class Tradeoff:
    """Cost and worth of one thing: less of the one and more of the other is better."""

    name: str
    cost: float
    worth: float
    worth_ends: tuple[float, float] | None = None
    extra: Mapping[str, float] = field(default_factory=dict)


def pareto_front(points: Sequence[Tradeoff]) -> list[Tradeoff]:
    """Return the points that no other one beats in cost and in worth, the cheapest first."""
    front: list[Tradeoff] = []
    for point in sorted(points, key=lambda one: (one.cost, -one.worth)):
        if not front or point.worth > front[-1].worth:
            front.append(point)
    return front


def front_chart(title: str, x_label: str, y_label: str, points: Sequence[Tradeoff]) -> Chart:
    """Return cost against worth, with the front of those that no other one beats as steps."""
    if not points:
        return Chart(title)
    canvas = Canvas(title, 320)
    worths = [end for p in points for end in (p.worth, *(p.worth_ends or ()))]
    x_ticks = nice_ticks(0, max(point.cost for point in points) * 1.15, 8)
    y_ticks = nice_ticks(min(worths), max(worths))
    canvas.scale((0, x_ticks[-1]), (y_ticks[0], y_ticks[-1]))
    canvas.x_axis(x_ticks, x_label)
    canvas.y_axis(y_ticks, y_label)
    front = pareto_front(points)
    steps = []
    for before, point in zip([None, *front], front, strict=False):
        if before is not None:
            steps.append((point.cost, before.worth))
        steps.append((point.cost, point.worth))
    steps.append((x_ticks[-1], front[-1].worth))
    drawn = " ".join(f"{canvas.x(x):.1f},{canvas.y(y):.1f}" for x, y in steps)
    canvas.add("polyline", points=drawn, fill="none", stroke="currentColor", stroke_opacity=0.5,
               stroke_dasharray="3 3")  # fmt: skip
    for place, point in enumerate(points):
        x, y = canvas.x(point.cost), canvas.y(point.worth)
        if point.worth_ends is not None:
            low, high = map(canvas.y, point.worth_ends)
            canvas.line(x, low, x, high, stroke=COLOURS[place % len(COLOURS)],
                        stroke_opacity=0.6, stroke_width=2)  # fmt: skip
        mark(canvas, place, x, y, f"{point.name}: {point.cost:.4g}, {point.worth:.4g}", 5)
        left = x + 12 + text_width(point.name) > WIDTH
        height = y + (16 if place % 2 else -7)  # by turns, so that neighbours can be read
        canvas.text(point.name, x + (-10 if left else 10), height, "end" if left else "start")
    return Chart(title, str(canvas))


def _label_width(names: Sequence[str]) -> float:
    return min(_MOST_LABEL, max(map(text_width, names))) + 16


def _row_label(canvas: Canvas, name: str, y: float) -> None:
    while text_width(name) > _MOST_LABEL:
        name = name[:-2] + "…"
    canvas.text(name, canvas.left - 10, y + 4, "end")
