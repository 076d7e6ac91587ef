"""Shared engine for the time of several jobs, where none runs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgError

from .attach import attach
from .options import Options
from .status import ask

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def engine_for_several(jobs: int) -> Iterator[bool]:
    """Have a shared engine for several jobs; yield whether there is one.

    One that runs is used and left running. Else one is started, and ended after the jobs unless
    others have work in it by then. Where none can run, each job draws for itself.

    Parameters
    ----------
    jobs : int
        One job alone needs none.
    """
    if jobs < 2 or (settings.settings().engine or "").lower() in ("local", "comfy"):
        yield False
        return
    client = attach(None)
    if client is not None:
        client.close()
        yield True
        return
    from .control import start_engine, stop_engine

    try:
        place = start_engine(Options(workers=0))
    except (BadInput, ZimgError) as error:
        _log.info("no engine for %d jobs: %s", jobs, error)
        yield False
        return
    try:
        yield True
    finally:
        busy = False
        with contextlib.suppress(OSError, ValueError, KeyError):
            busy = bool(ask(place, "status")["jobs"])
        if not busy:
            stop_engine()
