"""Parameters of a notebook: names and defaults read from its code, values made to fit them."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zimg_kernel.errors import BadInput

_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_TEXT_TYPES = {"str", "Path", "PathLike", "AnyStr"}
_OTHER_TYPES = {"int", "float", "bool", "list", "tuple", "dict", "List", "Tuple", "Dict", "set"}
_OTHER_TYPES |= {"Sequence", "Mapping", "Any", "object", "complex"}
_SPELLED = {"true": True, "false": False, "none": None, "null": None}


@dataclass(frozen=True)
class NotebookParameter:
    """One name that the cell tagged ``parameters`` gives a value.

    Attributes
    ----------
    name : str
    is_text : bool
        Whether its value is text, by its annotation, else by its default.
    optional : bool
        Whether the annotation allows None beside the text.
    choices : tuple
        Values that a ``Literal`` annotation allows; empty for none.
    is_flag : bool
        Whether its value is true or false, by its annotation, else by its default.
    """

    name: str
    is_text: bool = False
    optional: bool = False
    choices: tuple[Any, ...] = ()
    is_flag: bool = False

    def read(self, text: str) -> Any:
        """Return the value that a text of the command line stands for.

        Raises
        ------
        BadInput
            It is none of the choices.
        """
        if self.choices:
            known = {str(choice): choice for choice in self.choices}
            if text not in known:
                raise BadInput(
                    f"{self.name} must be one of {', '.join(known)}, not {text!r}.",
                    code="unknown-choice",
                    field=self.name,
                )
            return known[text]
        if self.is_text:
            return None if self.optional and text.lower() in ("none", "null") else text
        value = read_value(text)
        if self.is_flag and isinstance(value, str):  # which would count as true
            raise BadInput(
                f"{self.name} must be true or false, not {text!r}.",
                code="unknown-choice",
                field=self.name,
            )
        return value


def parameters_of(notebook: Mapping[str, Any]) -> dict[str, NotebookParameter]:
    """Return the parameters of a Python notebook by name; empty without a tagged cell.

    Raises
    ------
    SyntaxError
        The cell is no Python.
    """
    tagged = (
        cell
        for cell in notebook.get("cells", ())
        if "parameters" in (cell.get("metadata") or {}).get("tags", ())
    )
    cell = next(tagged, None)
    if cell is None:
        return {}
    source = cell.get("source", "")
    source = source if isinstance(source, str) else "".join(source)
    found: dict[str, NotebookParameter] = {}
    for node in ast.parse(_MAGIC.sub("", source)).body:
        if isinstance(node, ast.AnnAssign):
            if isinstance(node.target, ast.Name):
                found[node.target.id] = _annotated(node.target.id, node.annotation, node.value)
        elif isinstance(node, ast.Assign):
            for name, value in _pairs(node):
                found[name] = NotebookParameter(name, _is_text(value), is_flag=_is_flag(value))
    return found


def read_value(value: Any) -> Any:
    """Return text as the number, truth value, null or list that it is, else as it is."""
    if not isinstance(value, str):
        return value
    if value.lower() in _SPELLED:
        return _SPELLED[value.lower()]
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(found, str) else found


def storable(value: Any, name: str) -> Any:
    """Return a value of Python's as papermill can write it: lists for tuples, text for paths.

    papermill writes what it does not know as text, tuples among them, without a word.

    Raises
    ------
    BadInput
        A value that a notebook's cell cannot spell.
    """
    if isinstance(value, str):
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise BadInput(
                f"{name} holds a character that is no valid Unicode: write it anew.",
                code="not-unicode",
                field=name,
            )
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, list | tuple):
        return [storable(each, name) for each in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise _not_storable(name, "a mapping whose keys are not text")
        return {storable(key, name): storable(each, name) for key, each in value.items()}
    if isinstance(value, os.PathLike):
        return storable(os.fspath(value), name)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return storable(value.tolist(), name)
    raise _not_storable(name, type(value).__name__)


def _not_storable(name: str, what: str) -> BadInput:
    return BadInput(
        f"{name} cannot be handed to a notebook as {what}: give text, a number, true or false, "
        "None, a list, or a mapping by text.",
        code="wrong-type",
        field=name,
    )


def _annotated(name: str, annotation: ast.expr, default: ast.expr | None) -> NotebookParameter:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return NotebookParameter(name, default is not None and _is_text(default))
    if isinstance(annotation, ast.Subscript) and _last_name(annotation.value) == "Literal":
        try:
            choices = ast.literal_eval(annotation.slice)
        except ValueError:
            choices = ()
        return NotebookParameter(
            name, choices=choices if isinstance(choices, tuple) else (choices,)
        )
    words = set(re.findall(r"\w+", ast.unparse(annotation)))
    if not words & (_TEXT_TYPES | _OTHER_TYPES):
        return NotebookParameter(name, default is not None and _is_text(default))
    return NotebookParameter(
        name,
        is_text=bool(words & _TEXT_TYPES) and not words & _OTHER_TYPES,
        optional=bool(words & {"None", "Optional"}),
        is_flag="bool" in words and not words & (_TEXT_TYPES | _OTHER_TYPES - {"bool"}),
    )


def _pairs(node: ast.Assign) -> list[tuple[str, ast.expr]]:
    """Return the names of an assignment with their values: ``a = b = 1``, ``a, b = 1, 2``."""
    found: list[tuple[str, ast.expr]] = []
    for target in node.targets:
        if isinstance(target, ast.Name):
            found.append((target.id, node.value))
        elif isinstance(target, ast.Tuple | ast.List):
            several = isinstance(node.value, ast.Tuple | ast.List)
            values = node.value.elts if several else []  # type: ignore[attr-defined]
            values = values if len(values) == len(target.elts) else [node.value] * len(target.elts)
            pairs = zip(target.elts, values, strict=True)
            found += [(each.id, value) for each, value in pairs if isinstance(each, ast.Name)]
    return found


def _is_text(node: ast.expr) -> bool:
    """Return whether an expression gives text or a path, as far as its form tells."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(map(_is_text, node.values))
    if isinstance(node, ast.Subscript):
        return _last_name(node.value) == "environ"
    if isinstance(node, ast.Call):
        name = _last_name(node.func)
        if isinstance(node.func, ast.Attribute) and name in ("get", "setdefault"):
            return _last_name(node.func.value) == "environ"
        on_text = isinstance(node.func, ast.Attribute) and _is_text(node.func.value)
        return (on_text and name != "split") or name in {"Path", "str", "dedent", "getenv"}
    return False


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
