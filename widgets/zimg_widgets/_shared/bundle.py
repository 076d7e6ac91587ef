"""One text of a control's script or style sheet and all that it imports."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parents[1]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function\*?) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_CSS_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export|@import)\b.*", re.MULTILINE)


class BundleError(Exception):
    """A script or style sheet that cannot be joined; the message names the file."""


class _Module(NamedTuple):
    """A file without its imports and exports."""

    body: str
    imports: tuple[tuple[str, Path], ...]
    exports: frozenset[str]
    default: bool


def bundle(name: str, folder: Path = HERE) -> Any:
    """Return the text of a file and all that it imports, each file once.

    A widget's module is one text that cannot import its neighbours. Each file of a script gets
    a function scope of its own, so that equal names in two files do not meet; an import becomes
    a destructuring of what the other file's scope returns.

    Parameters
    ----------
    name : str
        The file, ``.js`` or ``.css``, relative to ``folder``.
    folder : Path
        The package by default.

    Returns
    -------
    str or VirtualFileContents
        The latter, which follows the files, where ``ANYWIDGET_HMR=1`` turns on anywidget's
        reloading during development.

    Raises
    ------
    BundleError
        A file is missing, a name is not exported by its file, files import each other in a
        circle, or an import or export has another form than those above.
    """
    path = (folder / name).resolve()
    text = _join(path)
    return _followed(path, text) if os.environ.get("ANYWIDGET_HMR") == "1" else text


def _join(path: Path) -> str:
    files = dict.fromkeys(_ordered(path, ()))
    if path.suffix == ".css":
        return "\n".join(_read(file).body for file in files)
    order = {file: f"_m{i}" for i, file in enumerate(files)}
    return "\n".join(_scope(file, variable, order, path) for file, variable in order.items())


def _ordered(path: Path, importers: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the imported files before those that import them; some come more than once."""
    if path in importers:
        circle = " -> ".join(file.name for file in (*importers, path))
        raise BundleError(f"{path} imports itself: {circle}.")
    module = _read(path)
    for names, other in module.imports:
        yield from _ordered(other, (*importers, path))
        missing = {one.split(" as ")[0] for one in _names(names)} - _read(other).exports
        if missing:
            raise BundleError(f"{path} imports {sorted(missing)}, which {other} does not export.")
    yield path


def _scope(file: Path, variable: str, order: dict[Path, str], entry: Path) -> str:
    module = _read(file)
    if module.default != (file == entry):
        found = "has" if module.default else "lacks"
        raise BundleError(f"{file} {found} a default export: a bundle's first file has the one.")
    lines = [
        f"const {{ {', '.join(_names(names)).replace(' as ', ': ')} }} = {order[other]};"
        for names, other in module.imports
    ]
    if file == entry:
        lines += [module.body, "return _default;", "})();"]
        return "\n".join(["export default (() => {", *lines])
    lines += [module.body, f"return {{ {', '.join(sorted(module.exports))} }};", "})();"]
    return "\n".join([f"const {variable} = (() => {{", *lines])


def _names(names: str) -> list[str]:
    return [one for part in names.split(",") if (one := " ".join(part.split()))]


def _read(path: Path) -> _Module:
    try:
        stamp = path.stat()
    except OSError:
        raise BundleError(f"{path} is missing.") from None
    return _parse(path, stamp.st_mtime_ns, stamp.st_size)


@cache
def _parse(path: Path, _changed: int, _size: int) -> _Module:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        pairs = [("", name) for name in _CSS_IMPORT.findall(text)]
        body, exports, default = _CSS_IMPORT.sub("", text), frozenset[str](), False
    else:
        pairs = _IMPORT.findall(text)
        exports = frozenset(_EXPORT.findall(text))
        default = bool(_DEFAULT.search(text))
        body = _EXPORT.sub("", _IMPORT.sub("", text))
        body = _DEFAULT.sub("const _default = ", body, count=1)
    if other := _OTHER.search(body):
        raise BundleError(f"{path} has a line that cannot be joined: {other[0]}")
    imports = tuple((names, (path.parent / name).resolve()) for names, name in pairs)
    return _Module(body, imports, exports, default)


def _followed(path: Path, text: str) -> Any:
    """Return contents that change with the files, for development."""
    from anywidget._file_contents import VirtualFileContents
    from watchfiles import watch  # type: ignore[import-not-found]  # needed for this alone

    contents = VirtualFileContents(text)

    def follow() -> None:
        for _ in watch(*set(_ordered(path, ()))):
            try:
                contents.contents = _join(path)
            except BundleError as error:
                print(error)

    threading.Thread(target=follow, name="zimg-bundle", daemon=True).start()
    return contents
