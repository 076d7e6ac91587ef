"""Whether a notebook runs as a job, so that nobody can look at it or press its buttons."""

from __future__ import annotations

import os
import re
from functools import lru_cache

SETTING = "ZIMG_UNATTENDED"
"""Environment variable: 1 where notebooks run as jobs, 0 where somebody looks."""

_RUNNERS = re.compile(r"\b(papermill|nbconvert|nbclient|jupyter-execute)\b")


def unattended() -> bool:
    """Return whether this process is a kernel that runs a notebook from top to bottom as a job.

    ``zimg run`` says so by ``ZIMG_UNATTENDED``; of papermill, nbconvert and ``jupyter execute`` the
    command line tells it.
    """
    said = os.environ.get(SETTING)
    return said != "0" if said else _of_runner()


@lru_cache(maxsize=1)
def _of_runner() -> bool:
    import psutil

    try:
        parent = psutil.Process().parent()
        words = parent.cmdline() if parent is not None else []
    except psutil.Error:
        return False
    # The program and its first word: a path further on may hold any name.
    return any(_RUNNERS.search(os.path.basename(word)) for word in words[:3])
