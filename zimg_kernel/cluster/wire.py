"""Messages between the shared engine's service and its clients: lines of JSON on a socket."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Message = dict[str, Any]

_LONGEST = 1 << 28  # bytes of one line: a picture that is not saved travels in one
_MOST_WAITING = 100_000  # messages that a client may leave unread


class Wire:
    """One end of a connection; messages are sent by a thread of its own, in order.

    Parameters
    ----------
    connection : socket.socket
        Connected; owned from now on.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._writer = threading.Thread(target=self._write, name="zimg-wire", daemon=True)
        self._open = True
        self._writer.start()

    @property
    def open(self) -> bool:
        """Whether messages may still arrive at the other end."""
        return self._open

    def send(self, message: Message, data: bytes = b"") -> None:
        """Send a message after those before it; nothing where the connection is lost.

        Parameters
        ----------
        message : dict
            What JSON can hold.
        data : bytes
            What it cannot; arrives as the message's ``data``.
        """
        if not self._open:
            return
        if data:
            message = {**message, "data": len(data)}
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n" + data
        try:
            self._waiting.put_nowait(line)
        except queue.Full:  # the other end has stopped reading
            self.close()

    def messages(self) -> Iterator[Message]:
        """Yield what arrives until the connection ends; what is no message ends it."""
        with contextlib.suppress(OSError, ValueError), self._socket.makefile("rb") as lines:
            while (line := lines.readline(_LONGEST)).endswith(b"\n"):
                message = json.loads(line)
                if not isinstance(message, dict):
                    break
                if size := message.get("data"):
                    if not 0 < int(size) <= _LONGEST:
                        break
                    message["data"] = lines.read(size)
                yield message
        self.close()

    def close(self, wait: float = 0.0) -> None:
        """End the connection.

        Parameters
        ----------
        wait : float
            Seconds to let what was sent go out before.
        """
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        if wait and threading.current_thread() is not self._writer:
            self._writer.join(wait)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._socket.close()

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (line := self._waiting.get()) is not None:
                self._socket.sendall(line)
            return
        self.close()


def connect(path: Path, timeout: float) -> Wire:
    """Connect to a service's socket.

    Raises
    ------
    OSError
        Nobody listens there, or the socket belongs to another user.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(timeout)
        connection.connect(str(path))
        if peer_user(connection) not in (None, os.getuid()):
            raise PermissionError("another user listens there")
        connection.settimeout(None)
    except BaseException:
        connection.close()
        raise
    return Wire(connection)


def listen(path: Path) -> socket.socket:
    """Listen on a socket that only this user may open; a dead service's is replaced."""
    listener = socket.socket(socket.AF_UNIX)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    listener.bind(str(fresh))
    fresh.chmod(0o600)
    listener.listen(128)
    fresh.replace(path)  # who connects meets the former service or this one
    return listener


def accept(listener: socket.socket, take: Callable[[Wire], object]) -> None:
    """Hand every connection of this user to a function, until the listener is closed."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            if listener.fileno() < 0:
                return
            continue
        if peer_user(connection) in (None, os.getuid()):
            take(Wire(connection))
        else:
            connection.close()


def peer_user(connection: socket.socket) -> int | None:
    """Return the number of the user at the other end; None where the system does not tell."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", credentials)[1])
    if sys.platform == "darwin":  # LOCAL_PEERCRED of sys/un.h: struct xucred of sys/ucred.h
        found = connection.getsockopt(0, 1, 76)
        return int(struct.unpack_from("=II", found)[1])
    return None
