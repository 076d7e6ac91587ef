"""Likeness of pictures: between numbers of steps, and between competitors."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import UNREADABLE, open_image

from ..judge.likeness import likeness_to
from ..judge.people import picture_files
from .table import NONE, Loaded, Table, short


def likeness_to_last(loaded: Loaded) -> dict[tuple[str, str], dict[str, float]]:
    """Return PSNR and SSIM by competitor and case, to the picture of its last case."""
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
    rows = []
    for name in others:
        pairs = [
            alike
            for case in loaded.cases
            if (first, case) in files and (name, case) in files
            and (alike := _likeness(files[name, case], files[first, case])) is not None
        ]  # fmt: skip
        if pairs:
            psnr = [alike["psnr"] for alike in pairs if "psnr" in alike]
            rows.append([name, short(fmean(psnr)) if psnr else NONE,
                         short(fmean(alike["ssim"] for alike in pairs)),
                         f"{len(pairs) - len(psnr)} of {len(pairs)}"])  # fmt: skip
    heads = ["", "PSNR, dB", "SSIM", "equal to the last bit"]
    notes = ["Means over the cases; PSNR is that of pictures that are not equal. Of different "
             "models it tells how different they are, not which is better."]  # fmt: skip
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
