"""Files of wildcards: what stands for ``__colour__``."""

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
    """Finds lists by name: given ones first, then folders, then those of the package.

    ``__colour__`` is ``colour.txt`` (a line each; ``#`` begins a comment, ``3::red`` weighs) or
    ``colour.yaml`` (a list). ``__en/light__`` is ``en/light.txt``, or the list ``light`` in
    ``en.yaml``. Lines may hold choices and other wildcards.

    Parameters
    ----------
    folders : iterable of str or Path
        Where to look; ``wildcards`` in the user's home of zimg is looked into next.
    lists : mapping
        Lists at hand by name.
    """

    def __init__(
        self, folders: Iterable[str | Path] = (), lists: Mapping[str, Iterable[Any]] | None = None
    ) -> None:
        self.folders = [Path(f).expanduser() for f in folders]
        self.folders += [settings.home() / "wildcards", _SHIPPED]
        self._known: dict[str, Choice] = {}
        for name, lines in (lists or {}).items():
            self._known[name] = _choice(lines, f"__{name}__")

    def get(self, name: str) -> Choice:
        """Return the lines of a wildcard.

        Raises
        ------
        BadInput
            There is none of this name, it is empty, or a line cannot be read.
        """
        if name not in self._known:
            if ".." in name.split("/"):
                raise BadInput(f"__{name}__ leads out of the folder of wildcards.")
            held = (_look(folder, name) for folder in self.folders)
            lines = next((found for found in held if found is not None), None)
            if lines is None:
                raise BadInput(self._unknown(name))
            self._known[name] = _choice(lines, f"__{name}__")
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
                        held = _yaml(path, path.stat().st_mtime_ns)
                    except BadInput:  # said when it is asked for
                        continue
                    found |= {name} if isinstance(held, list) else {f"{name}/{k}" for k in held}
        return sorted(found)

    def _unknown(self, name: str) -> str:
        known = self.names()
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean __{close[0]}__?" if close else f"known are {', '.join(known[:12])}."
        return (
            f"There is no wildcard __{name}__: {hint} Your own go into {self.folders[-2]}, "
            f"as {name.rpartition('/')[2]}.txt with a line each."
        )


def _look(folder: Path, name: str) -> list[Any] | None:
    text = folder / f"{name}.txt"
    if text.is_file():
        lines = text.read_text(encoding="utf-8-sig").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    place, _, key = name.rpartition("/")
    for ending in (".yaml", ".yml"):
        whole = folder / f"{name}{ending}"
        if whole.is_file() and isinstance(held := _yaml(whole, whole.stat().st_mtime_ns), list):
            return held
        part = folder / f"{place}{ending}" if place else None
        if part and part.is_file():
            held = _yaml(part, part.stat().st_mtime_ns)
            if isinstance(held, dict) and isinstance(held.get(key), list):
                return held[key]
    return None


@lru_cache(maxsize=64)
def _yaml(path: Path, _: int) -> Any:
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not valid YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(held, list | dict):
        raise BadInput(f"{path} must hold a list, or lists by name.")
    return held


def _choice(lines: Iterable[Any], source: str) -> Choice:
    options: list[Sequence] = []
    weights: list[float] = []
    for number, line in enumerate(lines, 1):
        text = str(line)
        found = _WEIGHT.match(text)
        weights.append(float(found[1]) if found else 1.0)
        options.append(parse(text[found.end() :] if found else text, f"line {number} of {source}"))
    if not any(weights):
        raise BadInput(f"The wildcard {source} is empty: give it at least one line.")
    return Choice(tuple(options), tuple(weights))
