"""Connection of a client to the shared engine, made again whenever it is lost."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from zimg_kernel.engine.events_json import error_from_dict
from zimg_kernel.errors import ZimgError

from .place import Place
from .processes import bring_back
from .wire import Message, Wire, connect

_CONNECT_SECONDS = 2.0
_PAUSE = 0.1  # seconds between two attempts to connect
_PATIENCE = 120.0  # seconds in which an engine that was lost shall be back
_log = logging.getLogger(__name__)


class ConnectionLostError(Exception):
    """The connection broke before the answer came."""


class Link:
    """Questions to the shared engine and what it tells; safe from several threads.

    Parameters
    ----------
    place : Place
    user : str
        Who asks.
    on_event : callable
        Called with each message about a job, in a thread of the link.
    on_return : callable
        Called in that thread after a lost connection was made again.
    on_loss : callable
        Called there with the reason when the engine does not come back.
    """

    def __init__(
        self, place: Place, user: str, on_event: Callable[[Message], None],
        on_return: Callable[[], None], on_loss: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        self._place, self._user = place, user
        self._on_event, self._on_return, self._on_loss = on_event, on_return, on_loss
        self._numbers = itertools.count(1)
        self._answers: dict[int, tuple[Wire, Future[Any]]] = {}
        self._lock = threading.Lock()  # of the answers
        self._connecting = threading.RLock()
        self._wire: Wire | None = None
        self._closed = False
        self.watching: Callable[[], bool] = lambda: False
        """Tells whether somebody waits for events, so that a lost connection is made again."""
        self._news: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        threading.Thread(target=self._tell, name="zimg-events", daemon=True).start()

    def ask(self, method: str, **options: Any) -> Any:
        """Return the answer to a question, asked again if the connection breaks meanwhile.

        Raises
        ------
        Exception
            What the engine raised; ZimgError if it does not come back.
        """
        again: dict[str, Any] = {}
        while True:
            try:
                return self._send(self._connected(), method, {**options, **again}).result()
            except ConnectionLostError:
                if "again" in options:
                    again = {"again": True}

    def post(self, method: str, **options: Any) -> None:
        """Ask for something whose answer nobody needs; nothing while the connection is lost."""
        wire = self._wire
        if wire is not None and wire.open:
            self._send(wire, method, options)

    def open(self, patience: float = _PATIENCE) -> None:
        """Connect now.

        Raises
        ------
        ZimgError
            The engine does not answer within so many seconds.
        """
        self._connected(patience)

    @property
    def connected(self) -> bool:
        """Whether there is a connection at this moment."""
        return self._wire is not None and self._wire.open

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    def close(self) -> None:
        """End the connection for good."""
        self._closed = True
        if self._wire is not None:
            self._wire.close(wait=1)
        self._news.put(lambda: None)

    def _send(self, wire: Wire, method: str, options: dict[str, Any]) -> Future[Any]:
        number, answer = next(self._numbers), Future[Any]()
        with self._lock:
            self._answers[number] = wire, answer
        wire.send({"id": number, "method": method, **options})
        if not wire.open:
            self._drop(wire)
        return answer

    def _connected(self, patience: float = _PATIENCE) -> Wire:
        wire = self._wire
        if wire is not None and wire.open:
            return wire
        with self._connecting:
            if self._wire is not None and self._wire.open:
                return self._wire
            returned = self._wire is not None
            self._wire = wire = self._connect(time.monotonic() + patience)
        if returned:
            self._news.put(self._on_return)
        return wire

    def _connect(self, deadline: float) -> Wire:
        while not self._closed:
            try:
                wire = connect(self._place.socket, _CONNECT_SECONDS)
            except OSError as error:
                self._await_return(deadline, error)
                continue
            threading.Thread(
                target=self._read, args=(wire,), name="zimg-reader", daemon=True
            ).start()
            try:
                self._send(wire, "hello", {"user": self._user}).result(_CONNECT_SECONDS * 5)
                return wire
            except (ConnectionLostError, TimeoutError) as error:
                wire.close()
                self._await_return(deadline, error)
        raise ZimgError("This engine was closed: make another one.", code="engine-closed")

    def _await_return(self, deadline: float, error: Exception) -> None:
        """Start the engine again if need be; wait a little."""
        if not bring_back(self._place):
            raise ZimgError(
                "The shared engine was stopped: what it has accepted waits for the next zimg up.",
                code="engine-stopped",
            ) from error
        if time.monotonic() > deadline:
            raise ZimgError(
                "The shared engine does not come back: see what its processes say "
                f"({self._place.folder / 'logs'}), and start it again (zimg down, then zimg up); "
                "what it has accepted waits for that.",
                code="engine-lost",
            ) from error
        time.sleep(_PAUSE)

    def _read(self, wire: Wire) -> None:
        for message in wire.messages():
            if "event" in message:
                self._news.put(partial(self._on_event, message))
                continue
            with self._lock:
                _, answer = self._answers.pop(message["id"], (None, None))
            if answer is None:
                continue
            if "error" in message:
                answer.set_exception(error_from_dict(message["error"]))
            else:
                answer.set_result(message["result"])
        self._drop(wire)
        if self.watching() and not self._closed:
            self.reconnect()

    def reconnect(self) -> None:
        """Make a lost connection again in the background."""

        def work() -> None:
            try:
                self._connected()
            except Exception as error:
                self._news.put(partial(self._on_loss, error))

        threading.Thread(target=work, name="zimg-reconnect", daemon=True).start()

    def _drop(self, wire: Wire) -> None:
        with self._lock:
            gone = [n for n, (of, _) in self._answers.items() if of is wire]
            answers = [self._answers.pop(number)[1] for number in gone]
        for answer in answers:
            answer.set_exception(ConnectionLostError())

    def _tell(self) -> None:
        while not self._closed:
            news = self._news.get()
            try:
                news()
            except Exception:
                _log.exception("an event could not be told")
