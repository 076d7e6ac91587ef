"""Likeness of pictures: between numbers of steps, and between competitors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import UNREADABLE, open_image

from ..judge.likeness import likeness_to
from ..judge.people import picture_files
from ..judge.perceptual import why_no_lpips
from .table import NONE, Loaded, Table, short

_MEASURES = {"psnr": "PSNR, dB", "ssim": "SSIM", "lpips": "LPIPS"}


def measures(found: Iterable[Mapping[str, float]]) -> dict[str, str]:
    """Return the heads of the measures; LPIPS only where it was measured."""
    there = {"psnr", "ssim"}.union(*found)
    return {name: head for name, head in _MEASURES.items() if name in there}


def missing(known: Mapping[str, str]) -> list[str]:
    """Return a sentence on LPIPS, where it is missing because it cannot be measured here."""
    why = "" if "lpips" in known else why_no_lpips()
    return [why] if why else []


def likeness_to_last(loaded: Loaded) -> dict[tuple[str, str], dict[str, float]]:
    """Return the measures by competitor and case, to the picture of its last case."""
    files = _files(loaded)
    found = {}
    for name in loaded.names:
        there = [case for case in loaded.cases if (name, case) in files]
        for case in there[:-1]:
            alike = _likeness(files[name, case], files[name, there[-1]])
            if alike is not None:
                found[name, case] = alike
    return found


def likeness_to_first(loaded: Loaded) -> Table | None:
    """Return how like each competitor's pictures are to the first one's, at equal cases.

    Pictures of another size are left out; None where nothing can be compared.
    """
    files = _files(loaded)
    first, *others = loaded.names or [""]
    pairs: dict[str, list[dict[str, float]]] = {}
    for name in others:
        pairs[name] = [
            alike
            for case in loaded.cases
            if (first, case) in files and (name, case) in files
            and (alike := _likeness(files[name, case], files[first, case])) is not None
        ]  # fmt: skip
    known = measures(alike for several in pairs.values() for alike in several)
    rows = []
    for name, several in pairs.items():
        if several:
            values = {one: [alike[one] for alike in several if one in alike] for one in known}
            equal = sum("psnr" not in alike for alike in several)
            rows.append([name, *(short(fmean(found)) if found else NONE
                                 for found in values.values()),
                         f"{equal} of {len(several)}"])  # fmt: skip
    heads = ["", *known.values(), "equal to the last bit"]
    notes = ["Means over the cases; PSNR is that of pictures that are not equal. Of different "
             "models it tells how different they are, not which is better.",
             *missing(known)]  # fmt: skip
    return Table(f"Likeness to the pictures of {first}", heads, rows, notes) if rows else None


def _files(loaded: Loaded) -> dict[tuple[str, str], Path]:
    """Return the file of the last round's picture by competitor and case."""
    return {(run.competitor, run.case): path
            for run, path in picture_files(loaded.result, loaded.folder)}  # fmt: skip


def _likeness(path: Path, reference: Path) -> dict[str, float] | None:
    try:
        with open_image(path) as image, open_image(reference) as other:
            return likeness_to(image, other)
    except (*UNREADABLE, BadInput):  # of another size, or changed by another program
        return None
