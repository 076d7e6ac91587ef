"""Search for the lineage of a picture in a gallery."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.source import load_source

from .entries import Entry
from .lineage import Lineage, Version
from .lineage_links import Relations, source_of

if TYPE_CHECKING:
    from .gallery import Gallery


def lineage_of(gallery: Gallery, picture: GeneratedImage | Entry | str | Path) -> Lineage:
    """Return the lineage of a picture; see :meth:`zimg_kernel.Gallery.lineage`."""
    walk = _Walk(gallery)
    current = walk.start(picture)
    current.current = True
    walk.load(current)
    root, line = walk.ancestors(current)
    walk.attach_descendants(root, line)
    return Lineage(root, current)


class _Walk:
    """Search from a picture up to its first ancestor, and down to all others."""

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
        same = self._relations.find(record["pixels"], record["params"])
        if same is not None:
            return self._of(same)
        name = picture.path.name if picture.path else ""
        return self._one(Version("picture", record, picture.path, name, in_memory=picture))

    def load(self, version: Version) -> None:
        """Read what the index knows of a version's lineage."""
        source = source_of(version.record)
        self._relations.load(version.digests() | ({source["pixels"]} if source else set()))

    def ancestors(self, version: Version) -> tuple[Version, list[Version]]:
        """Return the first of the lineage, and a version with its ancestors.

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

    def attach_descendants(self, root: Version, line: list[Version]) -> None:
        """Attach every descendant to its parent; those of the line even if not in the index."""
        # The parent of each is the next, save for the last of a circle, which the index knows.
        own = {above.key: version for version, above in pairwise(line)}
        placed, level = {root.key}, [root]
        while level:
            digests = sorted(set().union(*(version.digests() for version in level)))
            parents = {version.key for version in level}
            entries = self._relations.children(digests)
            self._relations.prefetch({entry.record["source"]["pixels"] for entry in entries})
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
        kept = self._relations.kept_input(source["pixels"])
        kind: Literal["original", "gone"] = "original" if kept else "gone"
        known = {name: source[name] for name in ("params", "size") if source.get(name)}
        name = str(source.get("file") or "")
        return self._one(Version(kind, known, kept, name, pixels={source["pixels"]}))

    def _listed(self, path: Path) -> Version | None:
        """Return the version of a file of the gallery."""
        try:
            name = Path(os.path.normpath(path)).relative_to(self._gallery.folder).as_posix()
        except ValueError:
            return None
        found = self._gallery.entries([name])
        return self._of(found[0]) if found else None

    def _from_elsewhere(self, path: Path) -> Version:
        """Return the version of a picture without parameters; others may be made from it."""
        source = load_source(path)
        image, pixels = source.image, source.digest
        same = self._gallery.by_digest("pixels", [pixels])
        if same:
            return self._of(same[-1])
        return self._one(
            Version("original", {"size": image.size}, path, path.name, pixels={pixels})
        )

    def _of(self, entry: Entry) -> Version:
        return self._one(Version("picture", entry.record, entry.path, entry.path.name))

    def _one(self, version: Version) -> Version:
        """Return the known version of this key, or this one."""
        return self._versions.setdefault(version.key, version)
