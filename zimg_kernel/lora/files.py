"""The folder of LoRA files: what is in it, and a file by its name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from zimg_kernel import settings
from zimg_kernel.errors import BadInput

ENDING = ".safetensors"
# Formats that can carry programs, which run when they are opened.
_PICKLED = {".pt", ".pth", ".ckpt", ".bin"}


class Stamp(NamedTuple):
    """Identity of a file's content: its path, time of writing (ns) and length (bytes)."""

    path: str
    time: int
    length: int


def names() -> dict[str, Path]:
    """Return the LoRA files of the folder by name: its path there without ``.safetensors``."""
    folder = settings.loras_folder()
    try:
        found = sorted(_files_under(folder))
    except OSError:
        return {}
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}


def _files_under(folder: Path) -> Iterator[Path]:
    """Yield the LoRA files below a folder, also behind links; each real folder once."""
    seen: set[str] = set()
    for here, below, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in seen:  # a link back to a folder above, or a second link to one folder
            below.clear()
            continue
        seen.add(real)
        below.sort()
        for name in files:
            path = Path(here, name)
            if name.endswith(ENDING) and path.is_file():
                yield path


def find_lora(name: str | Path) -> Path:
    """Return the file that a name means.

    Parameters
    ----------
    name : str or Path
        A file of the folder of LoRAs, with or without ``.safetensors`` and, where only one has
        it, without its sub-folder; or the path of any other file.

    Raises
    ------
    BadInput
        There is none: the sentence names the nearest ones.
    """
    given = Path(name).expanduser()
    if given.suffix.lower() in _PICKLED and given.exists():
        raise BadInput(
            f"{given.name} is a pickle, which may run any program when it is opened: get the LoRA "
            f"as {ENDING}, or convert it where you trust it.",
            code="lora-is-a-pickle",
            field="loras",
        )
    if given.suffix.lower() == ENDING and given.is_file():
        return given.absolute()
    there = names()
    plain = str(name).removesuffix(ENDING)
    if plain in there:
        return there[plain]
    ends = [path for key, path in there.items() if key.rpartition("/")[2] == plain]
    if len(ends) == 1:
        return ends[0]
    if ends:
        which = ", ".join(key for key, path in there.items() if path in ends)
        raise BadInput(
            f"Several LoRAs are called {plain}: name one of {which}.",
            code="ambiguous-lora",
            field="loras",
        )
    raise BadInput(_unknown(str(name), list(there)), code="unknown-lora", field="loras")


def _unknown(name: str, there: list[str]) -> str:
    folder = settings.loras_folder()
    if not there:
        return (
            f"There is no LoRA {name!r}, and none in {folder}: put {ENDING} files there, or give "
            "the path of one."
        )
    short = {key.rpartition("/")[2].lower(): key for key in there}
    plain = name.removesuffix(ENDING).rpartition("/")[2].lower()
    near = [short[key] for key in get_close_matches(plain, short, n=3, cutoff=0.4)]
    hint = f"near it are {', '.join(near)}" if near else f"there are {', '.join(there[:8])}"
    return f"There is no LoRA {name!r} in {folder}: {hint}. The path of any {ENDING} works too."


def stamp(path: Path) -> Stamp:
    """Return what tells this state of a file from later ones."""
    try:
        state = path.stat()
    except OSError as error:
        raise BadInput(
            f"The LoRA {path} cannot be read ({error.strerror}).",
            code="file-unreadable",
            field="loras",
        ) from None
    return Stamp(str(path), state.st_mtime_ns, state.st_size)
