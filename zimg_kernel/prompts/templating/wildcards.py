"""Wildcard files: the lists that ``__colour__`` stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from zimg_kernel import settings
from zimg_kernel.errors import BadInput

from .grammar import Choice, Sequence, parse

_SHIPPED = Path(__file__).with_name("wildcards")
_WEIGHT = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)::")


class Wildcards:
    """Wildcard lists by name: given ones first, then folders, then those of the package.

    ``__colour__`` is ``colour.txt`` (a line each; ``#`` begins a comment, ``3::red`` weighs) or
    ``colour.yaml`` (a list). ``__en/light__`` is ``en/light.txt``, or the list ``light`` in
    ``en.yaml``. Lines may hold choices and other wildcards.

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
            if choice is None:
                raise BadInput(self._unknown(name), code="unknown-wildcard", field=name)
            self._known[name] = choice
        return self._known[name]

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
                    if isinstance(content, list):
                        found.add(name)
                    else:
                        found |= {f"{name}/{key}" for key in content}
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
    place, _, key = name.rpartition("/")
    for ending in (".yaml", ".yml"):
        whole = folder / f"{name}{ending}"
        if whole.is_file() and isinstance(_yaml(whole, _stamp(whole)), list):
            return _parsed(whole, _stamp(whole), name)
        part = folder / f"{place}{ending}" if place else None
        if part and part.is_file():
            content = _yaml(part, _stamp(part))
            if isinstance(content, dict) and isinstance(content.get(key), list):
                return _parsed(part, _stamp(part), name, key)
    return None


def _stamp(path: Path) -> tuple[int, int]:
    """Return the time of the last change and the size, by which a changed file is read again."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=64)
def _parsed(path: Path, stamp: tuple[int, int], name: str, key: str = "") -> Choice:
    """Return the lines of a file, or of one list in it; parsed once until the file changes."""
    if path.suffix != ".txt":
        content = _yaml(path, stamp)
        return _choice(content[key] if key else content, name)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    used = (line.strip() for line in lines if line.strip() and not line.startswith("#"))
    return _choice(used, name)


@lru_cache(maxsize=64)
def _yaml(path: Path, _: tuple[int, int]) -> Any:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadInput(
            f"{path} is not valid YAML ({' '.join(str(error).split())}).", code="invalid-yaml"
        ) from None
    if not isinstance(content, list | dict):
        raise BadInput(f"{path} must hold a list, or lists by name.", code="invalid-wildcards")
    return content


def _choice(lines: Iterable[Any], name: str) -> Choice:
    options: list[Sequence] = []
    weights: list[float] = []
    for number, line in enumerate(lines, 1):
        text = str(line)
        found = _WEIGHT.match(text)
        weights.append(float(found[1]) if found else 1.0)
        source = f"line {number} of __{name}__"
        options.append(parse(text[found.end() :] if found else text, source))
    if not any(weights):
        raise BadInput(
            f"The wildcard __{name}__ is empty: give it at least one line.",
            code="empty-wildcard",
            field=name,
        )
    return Choice(tuple(options), tuple(weights))
