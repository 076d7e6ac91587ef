"""Patience with a server that does not answer for a while: it may be starting again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from .refusals import ComfyUnreachable, unreachable
from .server import ComfyServer

_T = TypeVar("_T")

_PAUSE = 0.5  # seconds between two attempts, unless the server names them
_LONGEST = 10.0
_LOOK = 0.1  # seconds after which a wish to stop is noticed


class Stopped(Exception):
    """It was to be stopped before the server answered."""


class Patience:
    """Time that a server may be away.

    Parameters
    ----------
    server : ComfyServer
        Its ``timeout`` counts.
    stop : callable
        Whether to wait no longer.
    """

    def __init__(self, server: ComfyServer, stop: Callable[[], bool]) -> None:
        self._server, self._stop = server, stop
        self._since: float | None = None

    @property
    def tried(self) -> bool:
        """Whether the server is away, or was since :meth:`renew`."""
        return self._since is not None

    def renew(self) -> None:
        """Take note that it is there."""
        self._since = None

    def endure(self, error: ComfyUnreachable) -> None:
        """Wait a moment.

        Raises
        ------
        ComfyUnreachable
            It has been away for too long.
        """
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since > self._server.timeout:
            reason = f"for {self._server.timeout:g} s"
            raise unreachable(self._server.shown, reason) from error
        until = now + min(error.pause or _PAUSE, _LONGEST)
        while time.monotonic() < until and not self._stop():
            time.sleep(_LOOK)


def patiently(server: ComfyServer, ask: Callable[[], _T], stop: Callable[[], bool]) -> _T:
    """Return what a function that asks a server returns, called again while that is away.

    Raises
    ------
    ComfyUnreachable
        It was away for too long.
    Stopped
    """
    patience = Patience(server, stop)
    while not stop():
        try:
            return ask()
        except ComfyUnreachable as error:
            patience.endure(error)
    raise Stopped
