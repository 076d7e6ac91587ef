"""Optical character recognition with rapidocr, whose wheel carries its models."""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zimg_kernel.errors import ZimgError

_NEEDED = ("rapidocr", "onnxruntime")
_LONGEST = 960  # px: a larger picture is read from a smaller copy, in a quarter of the time
_THREADS = 1  # the picture drawn meanwhile has the others
_busy = threading.Lock()
_last: tuple[Any, str] | None = None


def require() -> None:
    """Raise a ZimgError with the command that installs what is missing, if anything is."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ZimgError(
            f"Reading text in pictures needs {' and '.join(missing)}: run "
            f"pip install {' '.join(missing)}.",
            code="package-missing",
            field="text",
        )


@lru_cache(maxsize=1)
def version() -> str:
    """Return the reader's version, or an empty text without one."""
    try:
        return version_of("rapidocr")
    except PackageNotFoundError:
        return ""


def read_text(image: Any) -> str:
    """Read all text, line by line from the top; once for all checks of a picture.

    Parameters
    ----------
    image : PIL.Image.Image
        The picture.

    Returns
    -------
    str
        Lines parted by spaces; an empty text if there is none.

    Raises
    ------
    ZimgError
        rapidocr or onnxruntime is not installed.
    """
    import numpy as np

    global _last
    require()
    known = _last
    if known is not None and known[0] is image:
        return known[1]
    pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
    with _busy:  # one session for the process
        found = _reader()(pixels)
    text = " ".join(found.txts or ())
    _last = (image, text)
    return text


@lru_cache(maxsize=1)
def _reader() -> Any:
    import rapidocr

    models = Path(rapidocr.__file__).with_name("models")
    files = {part: sorted(models.glob(f"*_{part}_*.onnx")) for part in ("det", "rec")}
    if not all(files.values()):  # rapidocr itself would go and download them
        raise ZimgError(
            f"This rapidocr came without its models in {models}: run "
            "pip install --force-reinstall rapidocr.",
            code="package-incomplete",
            field="text",
        )
    engine = "EngineConfig.onnxruntime."
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # lines upside down are not looked for
            "Det.model_path": str(files["det"][0]),
            "Rec.model_path": str(files["rec"][0]),
            "Det.limit_type": "max",
            "Det.limit_side_len": _LONGEST,
            engine + "intra_op_num_threads": _THREADS,
            engine + "inter_op_num_threads": 1,
        }
    )


def plain(text: str) -> str:
    """Return a text as it is compared: half width (NFKC), lower case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def likeness(wanted: str, found: str, whole: bool = False) -> float:
    """Return how much of a text was found, 0 to 1: 1 less edits over its length.

    Parameters
    ----------
    wanted, found : str
        What should stand there, and what does.
    whole : bool
        Compare with all that was found instead of its best part.
    """
    need, hay = plain(wanted), plain(found)
    if not need:
        return float(not hay)
    edits = edit_distance(need, hay, whole)
    return max(0.0, 1 - edits / max(len(need), len(hay) if whole else 0))


def edit_distance(wanted: str, found: str, whole: bool = True) -> int:
    """Return the fewest characters to insert, remove or replace to make one text the other.

    V. I. Levenshtein, Soviet Physics Doklady 10 (1966).

    Parameters
    ----------
    wanted, found : str
        Compared as they are; see :func:`plain`.
    whole : bool
        Compare with all that was found. Otherwise with its best part, whatever else stands
        there (P. H. Sellers, Journal of Algorithms 1, 1980).
    """
    row = [i if whole else 0 for i in range(len(found) + 1)]
    for i, char in enumerate(wanted, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (char != other))
    return row[-1] if whole else min(row)
