"""Feed: what a ComfyUI server tells by its WebSocket, connected again whenever it is lost."""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from typing import TYPE_CHECKING, Any

from .address import Address
from .messages import FEATURES, Message, parse

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_OPEN = 3.0  # seconds for a connection
_PAUSE = 0.5  # seconds between two attempts
_MOST_BYTES = 1 << 26  # of one message: an error tells all its inputs
_silent = logging.Logger("zimg_kernel.comfy_client.websocket", logging.CRITICAL + 1)
"""The library logs its headers, and with them the token."""


class Feed:
    """Messages for one client; used by one thread.

    Progress comes by it alone, and results sooner; without it, the history has all that matters.

    Parameters
    ----------
    address : Address

    Attributes
    ----------
    client_id : str
        To be sent with each prompt, so that its messages come here.
    losses : int
        How often the connection was lost.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self.client_id = uuid.uuid4().hex
        self.losses = 0
        self._socket: ClientConnection | None = None
        self._opened = contextlib.ExitStack()
        self._tried = float("-inf")
        self._usable = True

    def __enter__(self) -> Feed:
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        """Whether messages may arrive at this moment."""
        return self._socket is not None

    def next(self, seconds: float) -> Message | None:
        """Return the next message that matters; None if there is none within so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            if self._socket is None and time.monotonic() - self._tried > _PAUSE:
                self._connect()
            left = deadline - time.monotonic()
            if self._socket is None:
                time.sleep(max(0.0, min(left, _PAUSE)))
                return None
            try:
                message = parse(self._socket.recv(max(0.0, left)))
            except TimeoutError:
                return None
            except Exception:  # closed, or garbage on the wire
                self._lose()
                continue
            if message is not None:
                return message
            if left <= 0:
                return None

    def close(self) -> None:
        """End the connection."""
        self._socket = None
        with contextlib.suppress(Exception):
            self._opened.close()

    def _lose(self) -> None:
        self.losses += 1
        # Closed before another one is opened: else the server would drop the new one with it.
        self.close()
        self._tried = time.monotonic() - _PAUSE / 2

    def _connect(self) -> None:
        self._tried = time.monotonic()
        if not self._usable:
            return
        try:
            from websockets.sync.client import connect
        except ImportError:  # no extra: the history tells what is needed
            self._usable = False
            return
        options: dict[str, Any] = {
            "additional_headers": self._address.headers, "open_timeout": _OPEN,
            "close_timeout": 1, "max_size": _MOST_BYTES, "logger": _silent,
        }  # fmt: skip
        with contextlib.suppress(Exception):  # refused, unreachable, no WebSocket there
            url = self._address.socket_url(self.client_id)
            with contextlib.ExitStack() as opened:
                socket = opened.enter_context(connect(url, **options))
                socket.send(FEATURES)
                self._socket, self._opened = socket, opened.pop_all()
