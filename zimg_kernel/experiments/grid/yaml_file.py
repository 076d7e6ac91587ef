"""A grid written down in YAML: for the command, and to keep beside its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from zimg_kernel.errors import BadInput

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
        No such file, no YAML, or a grid that cannot be drawn.
    """
    path = Path(path).expanduser()
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({error}).") from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise BadInput(f"{path} is not valid YAML ({reason}).") from None
    if not isinstance(raw, dict):
        raise BadInput(f"{path} must hold fields such as prompt, x and y, each on its line.")
    own = {name: raw.pop(name) for name in _OWN if name in raw}
    return Grid(raw, **own, **options)
