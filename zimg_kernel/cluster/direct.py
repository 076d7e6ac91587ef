"""Direct line from a worker to the service on its machine, past the scheduler."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .wire import Wire, connect

_TIMEOUT = 0.5  # seconds in which the service takes a connection
_PAUSE = 0.5  # seconds between two attempts


class DirectLine:
    """Connection to the service's socket, made again when it was lost.

    A message by the scheduler takes a millisecond of each process on its way, from those that
    draw as well; this one a tenth.

    Parameters
    ----------
    socket : Path or None
        The service's; None on another machine, or where the worker was started by hand.
    """

    def __init__(self, socket: Path | None) -> None:
        self._socket = socket
        self._wire: Wire | None = None
        self._next = 0.0  # attempt to connect

    def renew(self) -> None:
        """Make the connection again: there is another service."""
        wire, self._wire, self._next = self._wire, None, 0.0
        if wire is not None:
            wire.close()

    @property
    def open(self) -> bool:
        """Whether there is a connection at this moment."""
        return self._wire is not None and self._wire.open

    def tell(self, messages: list[dict[str, Any]]) -> bool:
        """Send what a worker tells of its runs; return False where it cannot be sent.

        Parameters
        ----------
        messages : list of dict
            Objects of ``token`` and ``event``; the last one may have ``result`` instead, bytes.
        """
        wire = self._open()
        if wire is None:
            return False
        last = dict(messages[-1])
        result = last.pop("result", b"")
        wire.send({"method": "news", "messages": [*messages[:-1], last]}, result)
        return wire.open

    def _open(self) -> Wire | None:
        if self._wire is not None and self._wire.open:
            return self._wire
        now = time.monotonic()
        if self._socket is None or now < self._next:
            return None
        self._next = now + _PAUSE
        try:
            self._wire = connect(self._socket, _TIMEOUT)
        except OSError:
            self._wire = None
        return self._wire
