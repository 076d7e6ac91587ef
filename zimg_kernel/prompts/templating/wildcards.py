"""Wildcard files: the lists that ``__colour__`` stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput
from zimg_kernel.yaml_files import read_utf8, read_yaml

from .grammar import Choice, Sequence, parse, split_weight

_SHIPPED = Path(__file__).with_name("wildcards")
_ANY = re.compile(r"[{}\\]|__|::")  # without one of these a line is what it is, of weight 1
_MAX_BYTES = 5_000_000  # of a YAML file; collections that are shared have up to 3 MB


class Wildcards:
    """Wildcard lists by name: given ones first, then folders, then those of the package.

    ``__colour__`` is ``colour.txt`` (a line each; ``#`` begins a comment, ``3::red`` weighs) or
    ``colour.yaml`` (a list). ``__en/light__`` is ``en/light.txt``, or the list ``light`` in
    ``en.yaml``. Lines may hold choices and other wildcards. ``__animals/*__`` is all
    lists that fit.

    Parameters
    ----------
    folders : iterable of str or Path
        Folders searched first; then ``wildcards`` in the user's home of zimg.
    lists : mapping
        Given lists by name.
    """

    def __init__(
        self, folders: Iterable[str | Path] = (), lists: Mapping[str, Iterable[Any]] | None = None
    ) -> None:
        self.folders = [Path(f).expanduser() for f in folders]
        self.folders += [settings.home() / "wildcards", _SHIPPED]
        self._known: dict[str, Choice] = {}
        for name, lines in (lists or {}).items():
            self._known[name] = _choice(lines, name)

    def get(self, name: str) -> Choice:
        """Return the lines of a wildcard.

        Raises
        ------
        BadInput
            There is none of this name, it is empty, or a line cannot be read.
        """
        if name not in self._known:
            if ".." in name.split("/"):
                raise BadInput(
                    f"__{name}__ leads out of the folder of wildcards.",
                    code="outside-folder",
                    field=name,
                )
            found = (_find(folder, name) for folder in self.folders)
            choice = next((choice for choice in found if choice is not None), None)
            if choice is None and set(name) & set("*?"):
                choice = self._matching(name)
            if choice is None:
                raise BadInput(self._unknown(name), code="unknown-wildcard", field=name)
            self._known[name] = choice
        return self._known[name]

    def _matching(self, pattern: str) -> Choice | None:
        """Return the lines of all wildcards whose names fit: * and ? within a folder, ** below."""
        signs = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
        parts = re.split(r"(\*\*|\*|\?)", pattern)
        wanted = re.compile("".join(signs.get(part) or re.escape(part) for part in parts))
        found = [self.get(name) for name in self.names() if wanted.fullmatch(name)]
        options = tuple(option for choice in found for option in choice.options)
        weights = tuple(weight for choice in found for weight in choice.weights)
        return Choice(options, weights) if options else None

    def names(self) -> list[str]:
        """Return the names of all wildcards."""
        found = set(self._known)
        for folder in self.folders:
            for path in folder.rglob("*"):
                name = path.relative_to(folder).with_suffix("").as_posix()
                if path.suffix == ".txt":
                    found.add(name)
                elif path.suffix in (".yaml", ".yml"):
                    try:
                        content = _yaml(path, _stamp(path))
                    except BadInput:  # raised where the file is asked for
                        continue
                    found.update(_list_names(content, name))
        return sorted(found)

    def _unknown(self, name: str) -> str:
        known = self.names()
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean __{close[0]}__?" if close else f"known are {', '.join(known[:12])}."
        return (
            f"There is no wildcard __{name}__: {hint} Your own go into {self.folders[-2]}, "
            f"as {name.rpartition('/')[2]}.txt with a line each."
        )


def _find(folder: Path, name: str) -> Choice | None:
    text = folder / f"{name}.txt"
    if text.is_file():
        return _parsed(text, _stamp(text), name)
    parts = name.split("/")
    for length in range(len(parts), 0, -1):  # en/light: en/light.yaml, or light in en.yaml
        for ending in (".yaml", ".yml"):
            path = folder / ("/".join(parts[:length]) + ending)
            if path.is_file():
                keys = tuple(parts[length:])
                if isinstance(_inside(_yaml(path, _stamp(path)), keys), list):
                    return _parsed(path, _stamp(path), name, keys)
    return None


def _inside(content: Any, keys: Iterable[str]) -> Any:
    """Return what a YAML file holds below these keys, or None."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _list_names(content: Any, name: str) -> Iterable[str]:
    """Yield the names of all lists in the content of a YAML file."""
    if isinstance(content, list):
        yield name
    elif isinstance(content, dict):
        for key, inner in content.items():
            yield from _list_names(inner, f"{name}/{key}")


def _stamp(path: Path) -> tuple[int, int]:
    """Return the time of the last change and the size, by which a changed file is read again."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=64)
def _parsed(path: Path, stamp: tuple[int, int], name: str, keys: tuple[str, ...] = ()) -> Choice:
    """Return the lines of a file, or of one list in it; parsed once until the file changes."""
    if path.suffix != ".txt":
        return _choice(_inside(_yaml(path, stamp), keys), name)
    lines = read_utf8(path).splitlines()
    used = (text for line in lines if (text := line.strip()) and not line.startswith("#"))
    return _choice(used, name)


@lru_cache(maxsize=64)
def _yaml(path: Path, _: tuple[int, int]) -> Any:
    content = read_yaml(path, words=True, limit=_MAX_BYTES)
    if not isinstance(content, list | dict):
        raise BadInput(f"{path} must hold a list, or lists by name.", code="invalid-wildcards")
    return content


def _choice(lines: Iterable[Any], name: str) -> Choice:
    options: list[Sequence] = []
    weights: list[float] = []
    for number, line in enumerate(lines, 1):
        if isinstance(line, str) and not _ANY.search(line):  # long files hold such lines
            weights.append(1.0)
            options.append((line,) if line else ())
            continue
        source = f"line {number} of __{name}__"
        if isinstance(line, list | dict):
            raise BadInput(
                f"In {source} a colon or a dash makes more than a line of it for YAML: put it "
                "into quotation marks.",
                code="invalid-wildcards",
                field=name,
            )
        weight, text = split_weight(str(line))
        weights.append(weight)
        options.append(parse(text, source))
    if not any(weights):
        raise BadInput(
            f"The wildcard __{name}__ is empty: give it at least one line.",
            code="empty-wildcard",
            field=name,
        )
    return Choice(tuple(options), tuple(weights))
