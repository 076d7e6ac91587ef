"""Feed of one prompt: its messages to the client's socket, and to those who follow its job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from . import hub as messages
from .hub import Hub
from .prompt import Prompt

Watcher = Callable[[str, Any], None]
"""Gets event and data: messages, ``preview`` with node and JPEG, and ``end`` at the very end."""


class Feed:
    """Hands on what happens to a prompt, held back until its turn has come.

    Parameters
    ----------
    prompt : Prompt
    hub : Hub
    """

    def __init__(self, prompt: Prompt, hub: Hub) -> None:
        self._prompt, self._hub = prompt, hub
        self._address = prompt.token, prompt.client
        self._lock = threading.Lock()
        self._held: list[tuple[str, dict[str, Any]]] | None = []
        self._watchers: list[Watcher] = []
        method = prompt.extra.get("preview_method")
        self._asked = method in ("auto", "latent2rgb", "taesd")
        self.latest: dict[str, Any] = {}
        """The latest message ``progress_state``."""

    def release(self) -> None:
        """Send what was held back, and hold nothing back any more."""
        with self._lock:
            held, self._held = self._held or [], None
            for event, data in held:
                self._send(event, data)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call a function with all that comes from now on; return what ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Take a message."""
        if event == "progress_state":
            self.latest = data
        with self._lock:
            if self._held is not None:
                self._held.append((event, data))
                return
            self._send(event, data)

    def _send(self, event: str, data: dict[str, Any]) -> None:
        self._hub.send(self._address, event, data)
        for watcher in tuple(self._watchers):
            watcher(event, data)

    def finish(self) -> None:
        """Tell those who follow the job that nothing more comes."""
        for watcher in tuple(self._watchers):
            watcher("end", {})

    def step(self, told: dict[str, Any], make: Callable[[], bytes | None] | None) -> None:
        """Take a message ``progress``, and a preview, made only if somebody has asked for it.

        As in ComfyUI, previews that say whose they are come before the message, others after it.
        """
        socket = self._hub.find(self._address)
        wanted = socket is not None and (socket.previews or self._asked)
        seen = self._held is None and (wanted or self._watchers)
        jpeg = make() if make is not None and seen else None
        if jpeg is not None and socket is not None and socket.previews:
            preview = messages.preview_with_metadata(jpeg, told["node"], self._prompt.id)
            socket.send(preview, light=True)
        self.send("progress", told)
        if jpeg is None:
            return
        if socket is not None and self._asked and not socket.previews:
            socket.send(messages.preview(jpeg), light=True)
        for watcher in tuple(self._watchers):
            watcher("preview", (told["node"], jpeg))

    def picture(self, node_id: str, png: bytes) -> None:
        """Take a picture that a node sends to the client itself."""
        socket = self._hub.find(self._address)
        if socket is not None:
            socket.send(messages.picture(png))
