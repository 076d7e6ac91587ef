"""Hub of WebSockets: who is connected, and what each one gets."""

from __future__ import annotations

import asyncio
import json
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

_LONGEST_QUEUE = 2_000  # messages that a slow client may have waiting
_PREVIEWS_UNTIL = 20  # waiting messages; beyond that previews are left out
_REMEMBERED = 500  # clients whose job ended unheard
_PREVIEW, _PREVIEW_WITH_METADATA = 1, 4  # types of binary messages
_JPEG, _PNG = 1, 2

Address = tuple[str, str]
"""Id of the caller's token, and the client's own id."""
Message = str | bytes | None


class Socket:
    """One connected client.

    Attributes
    ----------
    address : (token, client)
    previews : bool
        Whether it has said that it reads previews with metadata.
    """

    def __init__(self, address: Address, loop: asyncio.AbstractEventLoop) -> None:
        self.address = address
        self.previews = False
        self._loop = loop
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()

    def send(self, message: Message, light: bool = False) -> None:
        """Let a message wait for the client; None ends the connection. From any thread.

        Parameters
        ----------
        message : str, bytes or None
        light : bool
            Whether it may be left out where the client is slow.
        """
        try:
            self._loop.call_soon_threadsafe(self._put, message, light)
        except RuntimeError:  # the loop has ended
            pass

    def _put(self, message: Message, light: bool) -> None:
        waiting = self._waiting.qsize()
        if light and waiting > _PREVIEWS_UNTIL:
            return
        self._waiting.put_nowait(message if waiting < _LONGEST_QUEUE else None)

    async def next(self) -> Message:
        """Return the next message."""
        return await self._waiting.get()


class Hub:
    """All sockets, by their clients.

    Parameters
    ----------
    remaining : callable
        Returns the number of open prompts of a token's id.
    """

    def __init__(self, remaining: Callable[[str], int]) -> None:
        self._remaining = remaining
        self._lock = threading.Lock()
        self._all: set[Socket] = set()
        self._by_address: dict[Address, Socket] = {}
        self._unheard: OrderedDict[Address, list[str]] = OrderedDict()

    def add(self, socket: Socket) -> list[str]:
        """Connect a client, in place of an older socket of its id.

        Returns
        -------
        list of str
            Ids of its prompts that ended while it was not connected.
        """
        with self._lock:
            self._all.add(socket)
            self._by_address[socket.address] = socket
            return self._unheard.pop(socket.address, [])

    def remove(self, socket: Socket) -> None:
        """Disconnect a client; a newer socket of its id stays."""
        with self._lock:
            self._all.discard(socket)
            if self._by_address.get(socket.address) is socket:
                del self._by_address[socket.address]

    def find(self, address: Address) -> Socket | None:
        """Return a client's socket, if it is connected."""
        return self._by_address.get(address) if address[1] else None

    def send(self, address: Address, event: str, data: dict[str, Any]) -> bool:
        """Send a message to one client; return whether it is connected."""
        socket = self.find(address)
        if socket is not None:
            socket.send(json.dumps({"type": event, "data": data}))
        return socket is not None

    def end(self, address: Address, prompt_id: str) -> None:
        """Tell a client that its prompt has ended: now, or when it connects."""
        with self._lock:
            heard = self._by_address.get(address)
            if heard is None and address[1]:
                self._unheard.setdefault(address, []).append(prompt_id)
                del self._unheard[address][:-20]
                while len(self._unheard) > _REMEMBERED:
                    self._unheard.popitem(last=False)
        if heard is not None:
            self.send(address, "executing", {"node": None, "prompt_id": prompt_id})

    def tell_status(self, token: str) -> None:
        """Send all clients of a token how many of its prompts are open."""
        with self._lock:
            sockets = [socket for socket in self._all if socket.address[0] == token]
        if sockets:
            message = json.dumps({"type": "status", "data": {"status": self.status(token)}})
            for socket in sockets:
                socket.send(message)

    def status(self, token: str) -> dict[str, Any]:
        """Return what ``status`` messages say."""
        return {"exec_info": {"queue_remaining": self._remaining(token)}}

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            for socket in self._all:
                socket.send(None)


def preview(jpeg: bytes) -> bytes:
    """Return the binary message of a preview, a JPEG."""
    return struct.pack(">II", _PREVIEW, _JPEG) + jpeg


def picture(png: bytes) -> bytes:
    """Return the binary message of a picture, a PNG."""
    return struct.pack(">II", _PREVIEW, _PNG) + png


def preview_with_metadata(jpeg: bytes, node_id: str, prompt_id: str) -> bytes:
    """Return the binary message of a preview that tells what it shows."""
    told = {
        "node_id": node_id,
        "prompt_id": prompt_id,
        "display_node_id": node_id,
        "parent_node_id": None,
        "real_node_id": node_id,
        "image_type": "image/jpeg",
    }
    text = json.dumps(told).encode()
    return struct.pack(">II", _PREVIEW_WITH_METADATA, len(text)) + text + jpeg
