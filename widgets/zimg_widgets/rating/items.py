"""Questions of a rating: pictures one by one, or in pairs, and whose they are."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from zimg_kernel import BadInput, GeneratedImage
from zimg_kernel.experiments.rating.agreement import Item
from zimg_kernel.experiments.rating.pixel_hash import pixel_hash
from zimg_widgets._shared.encode import SOURCE_TYPES, Source, read, rgb

_LONGEST_NAME = 60


def items_of(images: Any, kind: str) -> tuple[list[Source], list[Item]]:
    """Return the pictures, and each question about them once.

    Raises
    ------
    BadInput
        There are too few pictures, one cannot be read, or groups differ in length.
    """
    sources, rows, questions = _arrange(images, kind)
    digests = [digest(source, f"image {i}") for i, source in enumerate(sources, 1)]
    items: dict[tuple[str, ...], Item] = {}
    for given in questions:
        pictures = tuple(sorted(given, key=lambda index: digests[index]))
        key = "-".join(digests[index] for index in pictures)
        item = Item(key, pictures, tuple(rows[index] for index in pictures))
        items.setdefault((key, *item.rows), item)
    return sources, list(items.values())


def digest(source: Source, name: str) -> str:
    """Hash the pixels: a picture is the same one in memory and in a file."""
    return pixel_hash(rgb(read(source, name)))


def clean_name(name: object) -> str:
    """Return a rater's name without needless blanks, or refuse it."""
    clean = " ".join(unicodedata.normalize("NFC", name).split()) if isinstance(name, str) else ""
    if not 0 < len(clean) <= _LONGEST_NAME:
        raise BadInput(
            f"A rater cannot be called {name!r}: give 1 to {_LONGEST_NAME} characters.",
            code="invalid-name",
            field="raters",
        )
    return clean


def _arrange(images: Any, kind: str) -> tuple[list[Source], list[str], list[tuple[int, ...]]]:
    """Return the pictures, the row that each counts for, and which are asked about together."""
    given: Any = [images] if isinstance(images, SOURCE_TYPES) else images
    if not isinstance(given, Iterable):
        raise BadInput(
            f"{given!r} are no pictures: give a list of GeneratedImage, PIL or paths.",
            code="not-a-picture",
            field="images",
        )
    if not isinstance(given, Mapping):
        given = list(given)
        if kind == "pairs" and given and all(_is_pair(entry) for entry in given):
            given = {"A": [a for a, _ in given], "B": [b for _, b in given]}
    grouped = isinstance(given, Mapping)
    groups = given if isinstance(given, Mapping) else {"": given}
    lists = {str(k): [v] if isinstance(v, SOURCE_TYPES) else list(v) for k, v in groups.items()}
    sources = [source for found in lists.values() for source in found]
    if len(sources) < (1 if kind == "stars" else 2):
        raise BadInput(
            f"{len(sources)} pictures are too few for {kind}: give at least one more.",
            code="too-few-pictures",
            field="images",
        )
    numbered = [(group, i) for group, found in lists.items() for i in range(len(found))]
    if kind == "stars" or not grouped:
        rows = [_row(g, i, s) for (g, i), s in zip(numbered, sources, strict=True)]
        return sources, rows, list(combinations(range(len(sources)), 1 if kind == "stars" else 2))
    lengths = {group: len(found) for group, found in lists.items()}
    if len(set(lengths.values())) != 1 or len(lists) < 2:
        raise BadInput(
            f"The groups {lengths} cannot be compared picture by picture: give two or more of "
            "the same length.",
            code="lengths-differ",
            field="images",
        )
    each = next(iter(lengths.values()))
    together = [range(i, len(sources), each) for i in range(each)]
    return sources, [g for g, _ in numbered], [p for t in together for p in combinations(t, 2)]


def _is_pair(entry: object) -> bool:
    return isinstance(entry, tuple | list) and len(entry) == 2


def _row(group: str, index: int, source: Source) -> str:
    if group:
        return f"{group} {index + 1}"
    if isinstance(source, GeneratedImage):
        known = source.path.name if source.path else source.params.prompt[:40]
    else:
        known = Path(source).name if isinstance(source, str | os.PathLike) else ""
    return f"{index + 1} {known}".strip()
