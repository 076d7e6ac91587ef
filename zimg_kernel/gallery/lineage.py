"""The family of a picture: what it was made from, and everything that was made of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.pixels import digest
from zimg_kernel.images.reading import read
from zimg_kernel.params import GenerationParams

from .entries import Entry
from .gallery import Gallery
from .inputs import storable
from .lineage_links import Order, Relations, source_of

_LOSSLESS = ".png"


@dataclass(eq=False, repr=False)
class Version:
    """One picture of a family.

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
        Whether the family was asked for by this picture.
    """

    kind: Literal["picture", "original", "gone"]
    record: dict[str, Any]
    path: Path | None = None
    name: str = ""
    parent: Version | None = None
    children: list[Version] = field(default_factory=list)
    current: bool = False
    held: GeneratedImage | None = None
    pixels: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"<Version {self.kind} {self.name or self.prompt[:40]!r}>"

    @property
    def key(self) -> str:
        """What tells it from all others."""
        if self.kind == "picture":
            return str(self.path) if self.path else f"memory {id(self.held)}"
        return f"{self.kind} {min(self.pixels)}"

    @property
    def prompt(self) -> str:
        """The prompt; empty if it is not known."""
        return str(self._params.get("prompt", ""))

    @property
    def edit(self) -> dict[str, Any] | None:
        """How it was made from its parent; None for one from nothing."""
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
        """When it was finished; of a picture only."""
        return datetime.fromisoformat(self.record["created"])

    @property
    def order(self) -> Order:
        """When it was made, to sort by; originals come before everything."""
        if self.kind != "picture":
            return 0.0, self.key
        return self.created.timestamp(), str(self.path or "")

    @property
    def generation(self) -> int:
        """How many ancestors it has."""
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
        if self.held is not None:
            return self.held
        if self.path is None or not self.path.exists():
            raise BadInput(f"{self.name or 'This version'} is no longer there: only its record is.")
        if self.kind == "picture":
            return GeneratedImage.open(self.path)
        image = read(self.path, self.name)
        if not self._params:
            return image
        return GeneratedImage(image, GenerationParams.from_dict(self._params), software="")

    @property
    def _params(self) -> dict[str, Any]:
        return self.record.get("params") or {}

    def known_as(self) -> set[str]:
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


class Family:
    """A tree of versions; shows itself as one, in a notebook with small pictures.

    Attributes
    ----------
    root : Version
        What everything was made from.
    current : Version
        The picture whose family it is.
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


def family_of(gallery: Gallery, picture: GeneratedImage | Entry | str | Path) -> Family:
    """Return the family of a picture; see :meth:`zimg_kernel.Gallery.family`."""
    walk = _Walk(gallery)
    current = walk.start(picture)
    current.current = True
    root, line = walk.line(current)
    walk.descend(root, line)
    return Family(root, current)


class _Walk:
    """Goes up from a picture to the first of its family, and down to all others."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._relations = Relations(gallery)
        self._versions: dict[str, Version] = {}

    def start(self, picture: GeneratedImage | Entry | str | Path) -> Version:
        if isinstance(picture, Entry):
            return self._of(picture)
        if not isinstance(picture, GeneratedImage):
            path = Path(picture).expanduser()
            found = self._listed(self._gallery.folder / path) or self._listed(path.absolute())
            if found is not None:
                return found
            try:
                picture = GeneratedImage.open(path)
            except BadInput:
                return self._from_elsewhere(path)
        found = self._listed(picture.path) if picture.path else None
        if found is not None:
            return found
        record = picture.record()
        same = self._relations.drawn_as(record["pixels"], record["params"])
        if same is not None:
            return self._of(same)
        name = picture.path.name if picture.path else ""
        return self._one(Version("picture", record, picture.path, name, held=picture))

    def line(self, version: Version) -> tuple[Version, list[Version]]:
        """The first of the family, and a version with its ancestors.

        Where they lead round in a circle, the oldest of the circle is the first.
        """
        line = [version]
        at = {version.key: 0}
        while (parent := self.parent(line[-1])) is not None:
            if parent.key in at:
                return min(line[at[parent.key] :], key=lambda member: member.order), line
            at[parent.key] = len(line)
            line.append(parent)
        return line[-1], line

    def descend(self, root: Version, line: list[Version]) -> None:
        """Hang every descendant below its parent; those of the line even if not in the index."""
        # The parent of each is the next, save for the last of a circle, which the index knows.
        own = {above.key: version for version, above in pairwise(line)}
        placed, level = {root.key}, [root]
        while level:
            digests = sorted(set().union(*(version.known_as() for version in level)))
            parents = {version.key for version in level}
            entries = self._gallery.known_as("source", digests)
            self._relations.look_up({entry.record["source"]["pixels"] for entry in entries})
            ours = [own[key] for key in parents & own.keys()]
            level = []
            for child in [*(self._of(entry) for entry in entries), *ours]:
                if child.key in placed:
                    continue
                parent = self.parent(child)
                if parent is not None and parent.key in parents:
                    child.parent = parent
                    parent.children.append(child)
                    placed.add(child.key)
                    level.append(child)
        for key in placed:
            self._versions[key].children.sort(key=lambda child: child.order)

    def parent(self, version: Version) -> Version | None:
        source = source_of(version.record)
        if source is None:
            return None
        found = self._relations.parent(source, version.order, version.path)
        if found is not None:
            parent = self._of(found)
            parent.pixels.add(source["pixels"])
            return parent
        known_file = self._versions.get(f"original {source['pixels']}")
        if known_file is not None:
            return known_file
        kept = self._relations.kept(source["pixels"])
        kind: Literal["original", "gone"] = "original" if kept else "gone"
        known = {name: source[name] for name in ("params", "size") if source.get(name)}
        name = str(source.get("file") or "")
        return self._one(Version(kind, known, kept, name, pixels={source["pixels"]}))

    def _listed(self, path: Path) -> Version | None:
        """The version of a file of the gallery."""
        try:
            name = Path(os.path.normpath(path)).relative_to(self._gallery.folder).as_posix()
        except ValueError:
            return None
        found = self._gallery.entries([name])
        return self._of(found[0]) if found else None

    def _from_elsewhere(self, path: Path) -> Version:
        """A picture that tells nothing of itself, from which others may have been made."""
        from zimg_kernel.images.source import take

        image = storable(take(path).image)
        pixels = digest(image)
        same = self._gallery.known_as("pixels", [pixels])
        if same:
            return self._of(same[-1])
        return self._one(
            Version("original", {"size": image.size}, path, path.name, pixels={pixels})
        )

    def _of(self, entry: Entry) -> Version:
        return self._one(Version("picture", entry.record, entry.path, entry.path.name))

    def _one(self, version: Version) -> Version:
        """The version of this key that is known already, or this one."""
        return self._versions.setdefault(version.key, version)
