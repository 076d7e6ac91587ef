"""Several notebooks of ``zimg run``, each in a process of its own, with one engine for all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from zimg_kernel.cluster.borrowed import engine_for_several
from zimg_kernel.errors import BadInput, ZimgError


def run_notebooks(
    notebooks: Sequence[Path],
    given: Sequence[tuple[str, str]],
    raw: Sequence[tuple[str, str]],
    output: Path | None,
    at_once: int,
    tell: Callable[[str], None],
) -> None:
    """Execute notebooks with the same parameters; one that fails does not stop the others.

    Parameters
    ----------
    notebooks : sequence of Path
        The same one may be there several times.
    given, raw : sequence of (str, str)
        Parameters, as for one notebook.
    output : Path, optional
        Folder of the executed notebooks; the current one otherwise.
    at_once : int
        How many run at the same time.
    tell : callable
        Gets the path of each executed notebook once it is there.

    Raises
    ------
    BadInput
        The output is no folder.
    ZimgError
        Some failed; the message has a sentence for each.
    """
    folder = (output or Path()).expanduser().absolute()
    if folder.suffix == ".ipynb" or (folder.exists() and not folder.is_dir()):
        raise BadInput(
            f"{folder} is to hold {len(notebooks)} notebooks: name a folder with -o.",
            code="not-a-folder",
            field="output",
        )
    folder.mkdir(parents=True, exist_ok=True)
    begun = f"{datetime.now():%Y%m%d-%H%M%S}"
    digits = len(str(len(notebooks)))
    options = [part for pair in given for part in ("-p", *pair)]
    options += [part for pair in raw for part in ("-r", *pair)]

    def work(number: int, notebook: Path) -> str:
        place = folder / f"{notebook.stem}-{begun}-{number:0{digits}d}.ipynb"
        command = [sys.executable, "-m", "zimg_kernel", "run", str(notebook), "-o", str(place)]
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, *options], capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode == 0:
            tell(str(place))
            return ""
        said = done.stderr.strip().splitlines() or ["it ended without a word"]
        return f"{notebook}: {said[-1].removeprefix('zimg: ')}"

    with engine_for_several(len(notebooks)), ThreadPoolExecutor(max(1, at_once)) as pool:
        errors = list(filter(None, pool.map(work, range(1, len(notebooks) + 1), notebooks)))
    if errors:
        raise ZimgError(
            f"{len(errors)} of {len(notebooks)} notebooks failed. " + " ".join(errors),
            code="notebook-failed",
            field="notebook",
        )
