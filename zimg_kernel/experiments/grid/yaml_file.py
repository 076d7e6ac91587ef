"""Grids in YAML files, for the command and to keep beside the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zimg_kernel.experiments.yaml_source import YamlSource

from .grid import Grid

_OWN = ("x", "y", "z", "title")


def grid_from_yaml(path: str | Path, **options: Any) -> Grid:
    """Return the grid that a YAML file describes.

    Its keys are the fields of GenerationParams, ``x``, ``y``, ``z`` and ``title``; swapped
    words are written ``y: {swap: red, words: [red, blue]}``.

    Parameters
    ----------
    path : str or Path
        The file.
    **options
        For :class:`Grid`, such as engine and folder.

    Raises
    ------
    BadInput
        No such file, no YAML, a key that stands twice, or a grid that cannot be drawn.
    """
    source = YamlSource.read(
        Path(path).expanduser(), "fields such as prompt, x and y, each on its line"
    )
    fields = dict(source.data)
    own = {name: fields.pop(name) for name in _OWN if name in fields}
    return Grid(fields, **own, **options)
