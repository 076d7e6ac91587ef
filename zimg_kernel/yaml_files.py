"""YAML and text files of users: UTF-8, limits on size, depth and aliases, no duplicate keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .errors import BadInput

MAX_BYTES = 1_000_000
"""Largest file, unless a caller allows more; a suite of 500 cases has about 100 kB."""
MAX_DEPTH = 50
"""Deepest nesting; libyaml and Python's loader recurse once or more for each level."""
MAX_ALIASES = 100
MAX_VALUES = 200_000
"""Most values, counted again wherever an alias repeats them."""

# libyaml's classes are several times as fast as those in Python.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TAG = "tag:yaml.org,2002:"
_KNOWN_TAGS = frozenset(
    _TAG + name for name in ("null", "bool", "int", "float", "str", "seq", "map", "merge")
)


class _Reader(_SAFE):  # type: ignore[misc, valid-type]
    """Loader of text, numbers, truth values, lists and mappings.

    A duplicate key is refused, of which YAML would silently keep the last. A key such as ``no``
    stays the word that it is; YAML 1.1 takes it for a truth value. A date and ``16:9``, which
    YAML 1.1 takes for a number to the base of 60, stay text.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    problem = f"{key.value} stands there twice"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
                seen.add(key.value)
                if key.tag == _TAG + "bool":
                    key.tag = _TAG + "str"
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag not in _KNOWN_TAGS:
            problem = f"{node.tag.replace(_TAG, '!!')} is no kind of value that is read here"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_object(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> Any:
        return node.value if ":" in node.value else super().construct_yaml_int(node)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> Any:
        return node.value if ":" in node.value else super().construct_yaml_float(node)


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KNOWN_TAGS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Reader.add_constructor(_TAG + "int", _Reader.construct_yaml_int)
_Reader.add_constructor(_TAG + "float", _Reader.construct_yaml_float)


def read_utf8(path: Path, limit: int | None = None, field: str | None = None) -> str:
    """Return the text of a user's file.

    Parameters
    ----------
    path : Path
    limit : int, optional
        Most bytes.
    field : str, optional
        Of the error; the file's name otherwise.

    Raises
    ------
    BadInput
        It cannot be read, is written in another encoding, or is larger than ``limit``.
    """
    field = field or path.name
    try:
        if limit is not None and path.stat().st_size > limit:
            raise BadInput(
                f"{path} has {path.stat().st_size / 1e6:.1f} MB, and at most {limit / 1e6:g} MB "
                "are read: part it into several files.",
                code="file-too-large",
                field=field,
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        why = "it is not text in UTF-8: save it as UTF-8"
    except OSError as error:
        why = error.strerror or str(error)
    raise BadInput(f"{path} cannot be read ({why}).", code="file-unreadable", field=field)


def read_yaml(
    path: Path, *, words: bool = False, limit: int = MAX_BYTES, field: str | None = None
) -> Any:
    """Return what a user's YAML file holds.

    Parameters
    ----------
    path : Path
    words : bool
        All values stay text: ``no`` and ``1.50`` are words of a prompt.
    limit : int
        Most bytes.
    field : str, optional
        Of the error; the file's name otherwise.

    Raises
    ------
    BadInput
        The file cannot be read, is no YAML, or exceeds a limit; with the line where there is one.
    """
    return read_nodes(path, words=words, limit=limit, field=field)[1]


def read_nodes(
    path: Path, *, words: bool = False, limit: int = MAX_BYTES, field: str | None = None
) -> tuple[yaml.Node | None, Any]:
    """Return the nodes of a user's YAML file, which know their lines, and what it holds.

    For the parameters and errors, see :func:`read_yaml`.
    """
    text = read_utf8(path, limit, field)
    loader: Any = None
    try:
        _check_size(text)
        loader = (_BASE if words else _Reader)(text)
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    except (ValueError, yaml.YAMLError) as error:
        raise BadInput(
            f"{path} is not valid YAML: {_reason(error)}.",
            code="invalid-yaml",
            field=field or path.name,
        ) from None
    finally:
        if loader is not None:
            loader.dispose()


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or " ".join(str(error).split())[:200]
    return f"line {mark.line + 1}: {problem}" if mark else f"({problem})"


def _check_size(text: str) -> None:
    """Refuse what is nested too deep or repeats too much, before anything is built of it."""
    open_counts = [0]
    anchors: list[str | None] = [None]
    sizes: dict[str, int] = {}
    aliases = 0
    for event in yaml.parse(text, _BASE):
        size = 0
        if isinstance(event, yaml.CollectionStartEvent):
            open_counts.append(1)
            anchors.append(event.anchor)
            _refuse(len(open_counts) > MAX_DEPTH, f"it is nested more than {MAX_DEPTH} deep", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            size = open_counts.pop()
            if anchor := anchors.pop():
                sizes[anchor] = size
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            size = sizes.get(str(event.anchor), 1)
            _refuse(event.anchor in anchors, f"*{event.anchor} stands inside itself", event)
            _refuse(aliases > MAX_ALIASES, f"it has more than {MAX_ALIASES} aliases", event)
        open_counts[-1] += size
        _refuse(open_counts[-1] > MAX_VALUES, f"it has more than {MAX_VALUES:,} values", event)


def _refuse(condition: bool, problem: str, event: Any) -> None:
    if condition:
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
