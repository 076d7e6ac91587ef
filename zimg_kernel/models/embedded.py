"""Embedded models: whole diffusers folders, or parts assembled into one at first use.

``weights/nano-base`` is a complete diffusers folder. A model that builds on it stores only what
differs, and says so in its ``model_index.json``: ``_builds_on`` names the folder, and
``_transformer_difference`` a file of :mod:`zimg_kernel.models.weight_difference`. Imports no
torch until such a difference must be applied.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import WeightsMissing
from zimg_kernel.files import make_folder

from .diffusers_folder import FaultyError, check_folder, read_header, read_json

REINSTALL = "install the package again: pip install --force-reinstall zimg-workbench"
_ROOT = Path(__file__).parents[1] / "nano" / "weights"
_NOTE = "assembled.json"
_ABANDONED = 3600  # seconds after which an unfinished folder has no owner any more, surely
_DIGITS = 16


@contextmanager
def stored_in(root: Path) -> Iterator[None]:
    """Take the embedded models from another folder for a while, such as a trained one."""
    global _ROOT
    before, _ROOT = _ROOT, Path(root)
    try:
        yield
    finally:
        _ROOT = before


def stored_folder(name: str) -> Path:
    """Return the folder of a model's own files, which need not exist."""
    return _ROOT / name


def component_folder(name: str, part: str) -> Path:
    """Return the stored folder of a component: the model's own, else that of its base."""
    own = stored_folder(name) / part
    return own if own.is_dir() else _ROOT / str(_index(name).get("_builds_on", name)) / part


def problem(name: str) -> str:
    """Return the fault that keeps a model from being used in a few words, or an empty string."""
    if not stored_folder(name).is_dir():
        return "is missing from this installation"
    try:
        index = _index(name)
        if "_transformer_difference" in index:
            read_header(stored_folder(name) / index["_transformer_difference"])
    except FaultyError as fault:
        return f"in {stored_folder(name)} is {fault}"
    return check_folder(_ROOT / str(index.get("_builds_on", name)))


def folder(name: str) -> Path:
    """Return a complete diffusers folder of an embedded model.

    The package's own folder if it is whole; else one that is assembled in
    :func:`zimg_kernel.settings.cache_folder` once, or in the folder for temporary files if
    that cannot be written. Its name holds a digest of all stored files, so that new weights
    make a new folder; the one before is then removed. Processes that come at the same time,
    or are killed, never leave half a folder under that name.

    Raises
    ------
    WeightsMissing
        Stored files are absent or damaged, or no folder can be written.
    """
    fault = problem(name)
    if fault:
        raise WeightsMissing(
            f"The model {name} {fault}; {REINSTALL}.", code="weights-missing", field="model"
        )
    if "_builds_on" not in _index(name):
        return stored_folder(name)
    wanted = f"{name}-{_digest(name)}"
    cache, temporary = settings.cache_folder(), _temporary()
    for place in (cache, *([temporary] if _is_private(temporary) else [])):
        if _complete(place / wanted):
            return place / wanted
    reason = ""
    for place in (cache, temporary):
        try:
            parent = _made_private(place) if place == temporary else place
            return _assemble(name, parent / wanted)
        except OSError as error:
            reason = reason or f"{place}: {error.strerror or error}"
    raise WeightsMissing(
        f"The model {name} is put together from its parts when first used, which failed in "
        f"{reason}; make room there, or set ZIMG_CACHE to a folder that can be written.",
        code="not-written",
        field="ZIMG_CACHE",
    )


def _index(name: str) -> dict[str, Any]:
    return read_json(stored_folder(name) / "model_index.json")


def stored_files(name: str) -> list[Path]:
    """Return all files that an embedded model is made of, sorted."""
    above = _index(name).get("_builds_on")
    tops = [stored_folder(name), *([_ROOT / str(above)] if above else [])]
    return sorted(path for top in tops for path in top.rglob("*") if path.is_file())


def _digest(name: str) -> str:
    """Return a digest of the paths and contents of a model's files."""
    files = stored_files(name)
    states = [path.stat() for path in files]
    return _digest_of(
        tuple(
            (path, state.st_size, state.st_mtime_ns)
            for path, state in zip(files, states, strict=True)
        )
    )


@lru_cache(maxsize=8)
def _digest_of(files: tuple[tuple[Path, int, int], ...]) -> str:
    total = hashlib.blake2b(digest_size=_DIGITS // 2)
    for path, _size, _changed in files:
        content = hashlib.blake2b(path.read_bytes()).digest()
        total.update(str(path.resolve()).encode() + b"\0" + content)
    return total.hexdigest()


def _temporary() -> Path:
    """Return the name of this user's folder among the temporary files, which may not exist."""
    user = os.getuid() if hasattr(os, "getuid") else getpass.getuser()
    return Path(tempfile.gettempdir()) / f"zimg-{user}"


def _is_private(folder: Path) -> bool:
    """Return whether a folder is this user's and no other may write in it; a link is none."""
    try:
        state = folder.lstat()
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_ISDIR(state.st_mode)
    mine = state.st_uid == os.getuid() and not state.st_mode & 0o022
    return stat.S_ISDIR(state.st_mode) and mine


def _made_private(folder: Path) -> Path:
    """Return the folder, made where it is missing, or a new one if it is not private."""
    with suppress(FileExistsError):  # looked at below, after it is there
        folder.mkdir(mode=0o700, parents=True)
    return folder if _is_private(folder) else Path(tempfile.mkdtemp(prefix="zimg-"))


def _complete(target: Path) -> bool:
    try:
        return target.is_dir() and not check_folder(target)
    except OSError:
        return False


def _assemble(name: str, target: Path) -> Path:
    make_folder(target.parent)
    prefix = f".{target.name}.{os.getpid()}."
    unfinished = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        _fill(name, unfinished)
        _rename(unfinished, target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for old in _outdated(name, target):
        shutil.rmtree(old, ignore_errors=True)
    return target


def _fill(name: str, out: Path) -> None:
    index = _index(name)
    difference = index.pop("_transformer_difference", None)
    base = _ROOT / str(index.pop("_builds_on"))
    for part, kind in index.items():
        if part.startswith("_") or not isinstance(kind, list) or kind[0] is None:
            continue
        if part == "transformer" and difference:
            from .weight_difference import write_merged

            write_merged(base / part, stored_folder(name) / difference, out / part)
        else:
            _link(component_folder(name, part).resolve(), out / part)
    for path in stored_folder(name).glob("*.md"):
        shutil.copyfile(path, out / path.name)
    for file, content in (("model_index.json", index), (_NOTE, {"root": str(_ROOT.resolve())})):
        (out / file).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:  # Windows without the right to link
        shutil.copytree(source, target, copy_function=_hard_link)


def _hard_link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copyfile(source, target)


def _rename(unfinished: Path, target: Path) -> None:
    """Give a finished folder its name, unless another process has done so."""
    for last in (False, False, True):
        try:
            unfinished.rename(target)
            return
        except OSError:
            if last or not os.path.lexists(target):
                raise
        if _complete(target):
            return
        # The folder there is damaged: move it out of the way.
        prefix = f".{target.name}.{os.getpid()}."
        aside = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
        try:
            target.rename(aside / "broken")
        except FileNotFoundError:  # another process did it
            pass
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _outdated(name: str, current: Path) -> Iterator[Path]:
    """Yield folders of earlier weights and those left by killed processes.

    A folder made from another installation that still exists is left alone.
    """
    import psutil

    for path in current.parent.glob(f"{name}-{'?' * _DIGITS}"):
        if path != current:
            try:
                root = Path(read_json(path / _NOTE)["root"])
            except (FaultyError, KeyError, TypeError):
                root = _ROOT.resolve()
            if root == _ROOT.resolve() or not root.is_dir():
                yield path
    for path in current.parent.glob(f".{name}-{'?' * _DIGITS}.*"):
        try:
            late = time.time() - path.stat().st_mtime > _ABANDONED
            if late or not psutil.pid_exists(int(path.name.split(".")[-2])):
                yield path
        except (OSError, ValueError):  # its owner has finished
            continue
