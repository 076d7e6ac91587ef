"""Links of a lineage: the picture of a gallery that another one was made from."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

from .entries import Entry
from .inputs import Inputs, is_digest

if TYPE_CHECKING:
    from .gallery import Gallery

Order: TypeAlias = tuple[float, str]
"""Seconds since 1970 and the path: no two pictures have the same."""

_Group: TypeAlias = list[tuple[Order, Entry]]


def source_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a record's entry on the picture's source, at least its ``pixels``; or None."""
    source = record.get("source")
    if isinstance(source, dict) and is_digest(source.get("pixels")):
        return source
    edit = (record.get("params") or {}).get("edit")
    if isinstance(edit, dict) and is_digest(edit.get("source")):
        return {"pixels": edit["source"]}
    return None


def has_lineage(gallery: Gallery, entry: Entry) -> bool:
    """Return whether a picture was made from another or others from it, by the index alone."""
    if source_of(entry.record) is not None:
        return True
    pixels = entry.record.get("pixels")
    return bool(pixels and gallery.by_digest("source", [pixels]))


class Relations:
    """Search for parents in a gallery; caches its look-ups, for one walk.

    Several pictures can have the same pixels: a picture drawn twice, a change so small that
    nothing changed. Of those, the parent is the one whose file name and parameters the child
    recorded, else of the same parameters, else any; the latest that is older than the child.
    """

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._inputs = Inputs(gallery.folder)
        self._same_pixels: dict[str, _SamePixels] = {}
        self._children: dict[str, list[Entry]] = {}

    def load(self, pixels: Iterable[str]) -> None:
        """Read the lineages of these digests at once: a query for each version is slower."""
        related = self._gallery.related(sorted(pixels))
        self.prefetch(related)
        self.children(related)

    def children(self, pixels: Iterable[str]) -> list[Entry]:
        """Return the pictures made from those with these digests."""
        wanted = list(pixels)
        new = [name for name in wanted if name not in self._children]
        self._children.update((name, []) for name in new)
        for entry in self._gallery.by_digest("source", new) if new else []:
            of = (entry.source or {}).get("pixels")
            if of in self._children:  # an index of others may tell it otherwise
                self._children[of].append(entry)
        return [entry for name in wanted for entry in self._children[name]]

    def parent(self, source: Mapping[str, Any], before: Order, itself: Path | None) -> Entry | None:
        """Return the picture that a source record refers to."""
        file, params = str(source.get("file") or ""), source.get("params") or {}
        found = self._with_pixels(source["pixels"]).best(file, params, before, itself)
        if found is None and file and params:
            # A picture of an earlier version, whose pixels are in no index.
            same = [entry for entry in self._of_seed(source) if entry.path.name == file]
            same = [
                entry
                for entry in same
                if _params_key(entry.record["params"]) == _params_key(params)
            ]
            found = _SamePixels(same).best(file, params, before, itself)
        return found

    def prefetch(self, pixels: Iterable[str]) -> None:
        """Look up the pictures of many digests at once, for :meth:`parent`."""
        wanted = [name for name in pixels if name not in self._same_pixels]
        found: dict[str, list[Entry]] = {name: [] for name in wanted}
        for entry in self._gallery.by_digest("pixels", wanted) if wanted else []:
            if entry.record.get("pixels") in found:
                found[entry.record["pixels"]].append(entry)
        self._same_pixels.update((name, _SamePixels(entries)) for name, entries in found.items())

    def find(self, pixels: str, params: Mapping[str, Any]) -> Entry | None:
        """Return the newest picture with these pixels and parameters."""
        return self._with_pixels(pixels).newest(params)

    def kept_input(self, pixels: str) -> Path | None:
        """Return the file of a source that is no picture of the gallery."""
        return self._inputs.path(pixels)

    def _with_pixels(self, pixels: str) -> _SamePixels:
        self.prefetch([pixels])
        return self._same_pixels[pixels]

    def _of_seed(self, source: Mapping[str, Any]) -> list[Entry]:
        seed = source["params"].get("seed")
        return self._gallery.by_seed(seed) if isinstance(seed, int) else []


class _SamePixels:
    """Pictures of the same pixels, oldest first, in groups by what a child may know of them."""

    def __init__(self, entries: list[Entry]) -> None:
        items = [((entry.created.timestamp(), str(entry.path)), entry) for entry in entries]
        self._all: _Group = sorted(items, key=lambda item: item[0])

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], _Group]:
        groups: dict[tuple[str, ...], _Group] = {(): self._all}
        for item in self._all:
            params = _params_key(item[1].record["params"])
            for group in ((item[1].path.name, params), (params,)):
                groups.setdefault(group, []).append(item)
        return groups

    def best(
        self, file: str, params: Mapping[str, Any], before: Order, itself: Path | None
    ) -> Entry | None:
        if len(self._all) <= 1:
            return next((entry for _, entry in self._all if entry.path != itself), None)
        key = _params_key(params)
        groups = [self._groups.get(group, []) for group in ((file, key), (key,), ())]
        for items in groups:
            place = bisect_left(items, before, key=lambda item: item[0])
            if place:
                return items[place - 1][1]
        # Clocks differ and files are copied: better one that seems younger than none.
        others = (entry for items in groups for _, entry in items if entry.path != itself)
        return next(others, None)

    def newest(self, params: Mapping[str, Any]) -> Entry | None:
        items = self._groups.get((_params_key(params),), []) if self._all else []
        return items[-1][1] if items else None


def _params_key(params: Mapping[str, Any]) -> str:
    """Return a key that is equal for equal parameters, whichever version wrote them."""
    return _hash(json.dumps(params, sort_keys=True))


@lru_cache(maxsize=1024)
def _hash(text: str) -> str:
    try:
        return GenerationParams.from_json(text).hash
    except BadInput:
        return text
