"""Axes of a grid: fields that change along them, or words of the prompt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

MOST_CELLS = 10_000
_LONGEST_HEADING = 60  # characters
_NOT_AXES = {
    "count": "each cell is one picture; take several seeds instead",
    "schema_version": "it is no setting",
}


@dataclass(frozen=True)
class Axis:
    """Parameter that changes along one side of a grid.

    Most often written as a mapping: ``{"seed": [1, 2, 3]}``. Several fields of equal length
    change together: ``{"steps": [4, 8], "shift": [3, 6]}``; ``{"size": [(256, 192)]}`` is short
    for width and height, and ``{"lora:my-style": [0, 0.5, 1]}`` changes the weight of one LoRA.

    Attributes
    ----------
    label : str
        What changes: the field's name or the word.
    headings : tuple of str
        One for each point.
    points : tuple of mapping
        The fields' values at each point; for swapped words, the word and what stands for it.
    swaps : bool
        Whether the points are words of the prompt instead of fields.
    """

    label: str
    headings: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...] = field(hash=False)
    swaps: bool = False

    def __len__(self) -> int:
        return len(self.points)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that change, or the word."""
        return tuple(self.points[0])


NO_AXIS = Axis("", ("",), ({},))


def swap(word: str, words: Iterable[str]) -> Axis:
    """Return an axis that puts other words in place of one in the prompt.

    Every place where the word stands in the prompt or the negative prompt is changed; a word in
    Latin letters only where it stands alone (``red`` leaves ``colored`` as it is).

    Parameters
    ----------
    word : str
        A word or phrase of the prompt.
    words : iterable of str
        What stands there instead; give the word itself too if it shall be one of them.

    Examples
    --------
    >>> swap("red", ["red", "blue", "红色"]).headings
    ('red', 'blue', '红色')
    """
    if not isinstance(word, str) or not word.strip():
        raise BadInput(
            "Say which word of the prompt to swap: swap('red', ['red', 'blue']).",
            code="empty-word",
            field="word",
        )
    listed = _listed(f"The swap of {word!r}", words, "words")
    for other in listed:
        if not isinstance(other, str):
            raise BadInput(
                f"The swap of {word!r} takes words, not {other!r}.",
                code="wrong-type",
                field="words",
            )
    return Axis(word, tuple(map(_heading, listed)), tuple({word: w} for w in listed), swaps=True)


def as_axis(name: str, given: Any) -> Axis:
    """Return the axis that a user gave; ``name`` is x, y or z, for the errors."""
    if given is None:
        return NO_AXIS
    if isinstance(given, Axis):
        if not given.points or len(given.headings) != len(given.points):
            raise BadInput(
                f"The axis {name} needs a heading for each of its points, at least one.",
                code="invalid-axis",
                field=name,
            )
        return given
    if not isinstance(given, Mapping) or not given:
        raise BadInput(
            f"The axis {name} cannot be {given!r}: give a field and its values, as in "
            f'{name}={{"seed": [1, 2, 3]}}, or swap("red", ["red", "blue"]).',
            code="invalid-axis",
            field=name,
        )
    if "swap" in given:  # how a YAML or JSON file writes it
        if set(given) != {"swap", "words"}:
            raise BadInput(
                f"The axis {name} swaps words: give it as swap: WORD and words: [...].",
                code="invalid-axis",
                field=name,
            )
        return swap(given["swap"], given["words"])
    columns = {str(key): _listed(f"{name}={key}", values, name) for key, values in given.items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{count} of {key}" for key, count in lengths.items())
        raise BadInput(
            f"Fields of one axis change together, but {name} has {counts} values.",
            code="lengths-differ",
            field=name,
        )
    rows = list(zip(*columns.values(), strict=True))
    headings = tuple(" · ".join(map(_heading, row)) for row in rows)
    points = tuple(_fields(name, dict(zip(columns, row, strict=True))) for row in rows)
    return Axis(", ".join(columns), headings, points)


def check_axes(axes: Mapping[str, Axis]) -> None:
    """Refuse fields that stand on two axes, and those that cannot be on one."""
    seen: dict[tuple[bool, str], str] = {}
    for name, axis in axes.items():
        for changed in axis.names:
            if not axis.swaps and changed in _NOT_AXES:
                raise BadInput(
                    f"{changed} cannot be the axis {name}: {_NOT_AXES[changed]}.",
                    code="invalid-axis",
                    field=name,
                )
            other = seen.setdefault((axis.swaps, changed), name)
            if other != name:
                raise BadInput(
                    f"{changed} stands on both {other} and {name}: leave one out.",
                    code="axis-repeated",
                    field=name,
                )
    total = math.prod(map(len, axes.values()))
    if total > MOST_CELLS:
        raise BadInput(
            f"This grid has {total:,} cells; {MOST_CELLS:,} are possible.", code="too-many-cells"
        )


def apply(params: GenerationParams, points: Iterable[tuple[Axis, int]]) -> GenerationParams:
    """Return the parameters of the cell where these points of the axes meet.

    Fields are changed first, then all words at once, so that one swap never changes what
    another one has put there.
    """
    changes: dict[str, Any] = {}
    words: dict[str, str] = {}
    for axis, index in points:
        (words if axis.swaps else changes).update(axis.points[index])
    changed = params.replace(**_with_loras(params, changes))
    if not words:
        return changed
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(map(_alone, longest_first)))
    found: set[str] = set()

    def replacement(match: re.Match[str]) -> str:
        found.add(match[0])
        return words[match[0]]

    texts = {name: pattern.sub(replacement, getattr(changed, name)) for name in _TEXTS}
    for word in words:
        if word not in found:
            raise BadInput(
                f"The word {word!r} to swap is not in the prompt {changed.prompt!r}.",
                code="word-not-in-prompt",
                field="prompt",
            )
    return changed.replace(**texts)


_TEXTS = ("prompt", "negative_prompt")
_LORA = "lora:"


def _with_loras(params: GenerationParams, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with weights of single LoRAs (``lora:NAME``) joined as ``loras``.

    A weight of 0 stays in the list: it draws the same picture as no LoRA at all.
    """
    weights = {name: weight for name, weight in changes.items() if name.startswith(_LORA)}
    if not weights:
        return changes
    fields = {name: value for name, value in changes.items() if name not in weights}
    named = dict(fields.get("loras", params.loras))
    named.update({name.removeprefix(_LORA): weight for name, weight in weights.items()})
    return {**fields, "loras": tuple(named.items())}


def _alone(word: str) -> str:
    """Return the pattern of a word; next to its Latin letters and digits no other may stand."""
    before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", word) else ""
    after = r"(?![A-Za-z0-9])" if re.search(r"[A-Za-z0-9]$", word) else ""
    return before + re.escape(word) + after


def _listed(name: str, values: Any, field: str) -> list[Any]:
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise BadInput(
            f"{name} takes a list of values, not {values!r}.", code="wrong-type", field=field
        )
    listed = list(islice(values, MOST_CELLS + 1))
    if not listed:
        raise BadInput(f"{name} is empty: give at least one value.", code="empty-list", field=field)
    return listed


def _heading(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return "×".join(map(_heading, value))
    text = "default" if value is None else " ".join(str(value).split()) or "(empty)"
    return text if len(text) <= _LONGEST_HEADING else text[: _LONGEST_HEADING - 1] + "…"


def _fields(name: str, point: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a point, its size as width and height."""
    if "size" not in point:
        return point
    size = point.pop("size")
    if isinstance(size, str):
        size = size.lower().replace("×", "x").split("x")
    try:
        width, height = (int(side) for side in size)
    except (TypeError, ValueError):
        raise BadInput(
            f"A size on the axis {name} is a pair such as (256, 192).",
            code="invalid-size",
            field=name,
        ) from None
    return {"width": width, "height": height, **point}
