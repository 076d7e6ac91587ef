"""Docstrings of models from the descriptions of their fields."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any, get_args

from pydantic import BaseModel

_INDENT: Any = {"initial_indent": "    ", "subsequent_indent": "    "}


def add_parameters(model: type[BaseModel]) -> None:
    """Add to a model's docstring what the descriptions of its fields say, in numpy style."""
    lines = [inspect.cleandoc(model.__doc__ or ""), "", "Parameters", "----------"]
    for name, field in model.model_fields.items():
        plain = isinstance(field.annotation, type) and not get_args(field.annotation)
        kind = getattr(field.annotation, "__name__", "") if plain else str(field.annotation)
        kind = re.sub(r"typing\.|zimg_kernel\.params\.\w+\.", "", kind)
        kind = re.sub(r"Literal\[(.*?)\]", r"{\1}", kind).replace(" | None", ", optional")
        lines += [f"{name} : {kind}", *textwrap.wrap(field.description or "", 92, **_INDENT)]
    model.__doc__ = "\n".join(lines) + "\n"
