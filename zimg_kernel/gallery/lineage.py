"""Lineage of a picture: a tree of versions, from the first to everything made of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.pixels import digest
from zimg_kernel.images.reading import read
from zimg_kernel.params import GenerationParams

from .lineage_links import Order

_LOSSLESS = ".png"


@dataclass(eq=False, repr=False)
class Version:
    """One picture in a lineage.

    Attributes
    ----------
    kind : {"picture", "original", "gone"}
        A picture that tells how it was made; one from elsewhere, of which only the pixels are
        kept; or one that is no longer there, of which only its record is known.
    record : dict
        What is known of it; ``params`` is in it unless nothing tells how it was made.
    path : Path or None
        Its file.
    name : str
        The file's name that it has or had; may be empty.
    parent : Version or None
    children : list of Version
        Oldest first.
    current : bool
        Whether the lineage was asked for by this picture.
    in_memory : GeneratedImage or None
        The picture itself, if it is not in the gallery.
    pixels : set of str
        Digests by which others know it.
    """

    kind: Literal["picture", "original", "gone"]
    record: dict[str, Any]
    path: Path | None = None
    name: str = ""
    parent: Version | None = None
    children: list[Version] = field(default_factory=list)
    current: bool = False
    in_memory: GeneratedImage | None = None
    pixels: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"<Version {self.kind} {self.name or self.prompt[:40]!r}>"

    @property
    def key(self) -> str:
        """Its identity in the lineage."""
        if self.kind == "picture":
            return str(self.path) if self.path else f"memory {id(self.in_memory)}"
        return f"{self.kind} {min(self.pixels)}"

    @property
    def prompt(self) -> str:
        """The prompt; empty if it is not known."""
        return str(self._params.get("prompt", ""))

    @property
    def edit(self) -> dict[str, Any] | None:
        """Edit that made it from its parent; None for one from nothing."""
        found = self._params.get("edit")
        return found if isinstance(found, dict) else None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height as recorded, px."""
        width, height = self.record.get("size") or (
            self._params.get("width"),
            self._params.get("height"),
        )
        return (int(width), int(height)) if width and height else None

    @property
    def created(self) -> datetime:
        """Time of completion; of a picture only."""
        return datetime.fromisoformat(self.record["created"])

    @property
    def order(self) -> Order:
        """Sort key by time; originals come first."""
        if self.kind != "picture":
            return 0.0, self.key
        return self.created.timestamp(), str(self.path or "")

    @property
    def generation(self) -> int:
        """Number of its ancestors."""
        count, version = 0, self
        while version.parent is not None:
            count, version = count + 1, version.parent
        return count

    def open(self) -> GeneratedImage | Image.Image:
        """Return the picture: with its parameters, or the pixels alone if none are known.

        Raises
        ------
        BadInput
            It is no longer there.
        """
        if self.in_memory is not None:
            return self.in_memory
        if self.path is None or not self.path.exists():
            raise BadInput(
                f"{self.name or 'This version'} is no longer there: only its record is.",
                code="file-missing",
            )
        if self.kind == "picture":
            return GeneratedImage.open(self.path)
        image = read(self.path, self.name)
        if not self._params:
            return image
        return GeneratedImage(image, GenerationParams.from_dict(self._params), software="")

    @property
    def _params(self) -> dict[str, Any]:
        return self.record.get("params") or {}

    def digests(self) -> set[str]:
        """Return the digests that children may know it by."""
        recorded = self.record.get("pixels")
        if recorded:
            self.pixels.add(recorded)
        # What is decoded from a JPEG differs from what was drawn; an old record tells nothing.
        exact = self.path is None or self.path.suffix.lower() == _LOSSLESS
        if self.kind == "picture" and not (recorded and exact):
            with contextlib.suppress(BadInput):
                opened = self.open()
                image = opened.image if isinstance(opened, GeneratedImage) else opened
                self.pixels.add(digest(image))
        return self.pixels


class Lineage:
    """A tree of versions; displayed as one, in a notebook with small pictures.

    Attributes
    ----------
    root : Version
        The version that all others come from.
    current : Version
        The version that was asked for.
    """

    def __init__(self, root: Version, current: Version) -> None:
        self.root = root
        self.current = current

    def __iter__(self) -> Iterator[Version]:
        """Every version, parents before their children, in the order of the tree."""
        waiting = [self.root]
        while waiting:
            version = waiting.pop()
            yield version
            waiting.extend(reversed(version.children))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return self.text()

    def text(self, language: str | None = None) -> str:
        """Return the tree as lines of text, in English ("en") or Chinese ("zh")."""
        from .lineage_view import as_text

        return as_text(self, language)

    def to_list(self) -> list[dict[str, Any]]:
        """Return every version as a JSON-ready dict; ``parent`` is a place in this list."""
        places: dict[int, int] = {}
        found: list[dict[str, Any]] = []
        for version in self:
            places[id(version)] = len(found)
            found.append(
                {
                    "kind": version.kind,
                    "path": str(version.path) if version.path else None,
                    "parent": None if version.parent is None else places[id(version.parent)],
                    "current": version.current,
                    "params": version.record.get("params"),
                }
            )
        return found

    def _repr_html_(self) -> str:
        from .lineage_view import as_html

        return as_html(self)
