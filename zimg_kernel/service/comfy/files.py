"""Folders of ComfyUI's pictures: what clients send, what nodes save, what is only shown."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from pathlib import Path

from zimg_kernel.errors import BadInput, GalleryError
from zimg_kernel.files import NameTakenError, atomic_file, make_folder

KINDS = ("input", "output", "temp")
_LONGEST = 120  # characters of a name or a folder
_DEEPEST = 6  # folders in one another
_SUFFIX = re.compile(r" ?\[(input|output|temp)\]$")


class Folders:
    """The three folders, and the rules by which a client's names lead into them.

    Parameters
    ----------
    root : Path
        Holds ``input``, ``output`` and ``temp``; what is in the last one is deleted.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._lock = threading.Lock()
        self._counters: dict[Path, int] = {}
        shutil.rmtree(self.root / "temp", ignore_errors=True)
        for kind in KINDS:
            make_folder(self.root / kind)

    def find(self, name: str, subfolder: str = "", kind: str = "input") -> Path | None:
        """Return a file by a client's name, or None if there is none or it leads elsewhere."""
        folder = self.folder(kind, subfolder)
        if folder is None or not _is_name(name):
            return None
        path = folder / name
        inside = path.resolve().is_relative_to((self.root / kind).resolve())
        return path if inside and path.is_file() else None

    def folder(self, kind: str, subfolder: str = "") -> Path | None:
        """Return a folder below one of the three, or None if the name leads elsewhere."""
        if kind not in KINDS:
            return None
        parts = [part for part in subfolder.replace("\\", "/").split("/") if part not in ("", ".")]
        if len(parts) > _DEEPEST or not all(map(_is_name, parts)) or subfolder.startswith("/"):
            return None
        return (self.root / kind).joinpath(*parts)

    def annotated(self, name: str, kind: str = "input") -> tuple[str, str, str]:
        """Return file name, subfolder and kind of a name such as ``a/b.png [output]``."""
        found = _SUFFIX.search(name)
        if found:
            name, kind = name[: found.start()], found[1]
        subfolder, _, last = name.replace("\\", "/").rpartition("/")
        return last, subfolder, kind

    def named(self, name: str) -> Path | None:
        """Return the file that a node's input names, or None."""
        last, subfolder, kind = self.annotated(name)
        return self.find(last, subfolder, kind)

    def inputs(self) -> list[str]:
        """Return the names of the files that clients have sent, without those in subfolders."""
        with os.scandir(self.root / "input") as found:
            return sorted(entry.name for entry in found if entry.is_file() and _is_name(entry.name))

    def add(self, name: str, data: bytes, subfolder: str, kind: str, overwrite: bool) -> str:
        """Keep a client's file; return its name, another one where that one is taken.

        The same bytes under the same name are kept once.

        Raises
        ------
        BadInput
            The name leads elsewhere.
        GalleryError
            The file cannot be written.
        """
        folder = self.folder(kind, subfolder)
        if folder is None or not _is_name(name):
            raise BadInput(
                f"The file name {name[:80]!r} in {subfolder[:80]!r} is not allowed: send a plain "
                "name.",
                code="name-not-allowed",
                field="image",
            )
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if dot else (name, "")
        with self._lock:
            number = 0
            while True:
                tried = f"{stem} ({number}){ending}" if number else name
                path = folder / tried
                if overwrite or not path.exists():
                    break
                if path.stat().st_size == len(data) and path.read_bytes() == data:
                    return tried
                number += 1
            with atomic_file(path, error=GalleryError) as file:
                file.write(data)
        return tried

    def save(self, prefix: str, data: bytes, size: tuple[int, int], kind: str) -> dict[str, str]:
        """Keep a picture that a node saves, under the next free number.

        Parameters
        ----------
        prefix : str
            Of a client: may have folders, and words such as ``%date%``; other characters than
            letters, digits, spaces and ``-_.()`` become ``_``.
        data : bytes
            A PNG.
        size : (width, height)
        kind : {"output", "temp"}

        Returns
        -------
        dict
            ``filename``, ``subfolder`` and ``type``, as clients get it.

        Raises
        ------
        BadInput
            The prefix leads elsewhere.
        GalleryError
            The file cannot be written.
        """
        subfolder, _, stem = _filled(prefix, size).replace("\\", "/").rpartition("/")
        parts = [_plain(part) for part in subfolder.split("/") if part not in ("", ".")]
        folder = self.folder(kind, "/".join(parts))
        if folder is None or ".." in subfolder.split("/") or prefix.startswith(("/", "\\")):
            raise BadInput(
                f"Pictures cannot be saved as {prefix[:80]!r}, outside of the output folder: take "
                "another filename_prefix.",
                code="name-not-allowed",
                field="filename_prefix",
            )
        stem = _plain(stem) or "ComfyUI"
        with self._lock:
            number = self._next(folder, stem)
            while True:
                name = f"{stem}_{number:05}_.png"
                try:
                    with atomic_file(folder / name, new=True, error=GalleryError) as file:
                        file.write(data)
                    break
                except NameTakenError:
                    number += 1
            self._counters[folder / stem] = number + 1
        return {"filename": name, "subfolder": "/".join(parts), "type": kind}

    def _next(self, folder: Path, stem: str) -> int:
        known = self._counters.get(folder / stem)
        if known is not None:
            return known
        if len(self._counters) > 10_000:
            self._counters.clear()
        pattern = re.compile(re.escape(stem) + r"_(\d{1,12})_.*")
        names = os.listdir(folder) if folder.is_dir() else []
        numbers = [int(found[1]) for name in names if (found := pattern.fullmatch(name))]
        return max(numbers, default=0) + 1


def _is_name(name: str) -> bool:
    """Return whether a name is one of a file, and of none that is hidden."""
    return (
        0 < len(name) <= _LONGEST
        and len(name.encode(errors="replace")) <= 240
        and not name.startswith(".")
        and name.isprintable()
        and not any(sign in name for sign in '/\\:*?"<>|')
        and name == name.strip()
        and ".." not in name
    )


def _filled(prefix: str, size: tuple[int, int]) -> str:
    now = time.localtime()
    words = {
        "%width%": size[0], "%height%": size[1], "%year%": now.tm_year,
        "%month%": f"{now.tm_mon:02}", "%day%": f"{now.tm_mday:02}", "%hour%": f"{now.tm_hour:02}",
        "%minute%": f"{now.tm_min:02}", "%second%": f"{now.tm_sec:02}",
    }  # fmt: skip
    for word, value in words.items():
        prefix = prefix.replace(word, str(value))
    return prefix


def _plain(part: str) -> str:
    kept = "".join(sign if sign.isalnum() or sign in " -_.()" else "_" for sign in part)
    return kept.strip(" .")[:80].replace("..", "_")
