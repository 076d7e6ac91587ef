"""Workers of a scheduler as the service knows them, over a connection made again when lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import ZimgError

from . import worker as remote
from .drawer import TOPIC
from .pulse import beat
from .tasks import Run

if TYPE_CHECKING:
    from distributed import Client, Security

AT_ONCE = 2  # runs on a worker: one is drawn, the next one is at hand
_TICK = 0.2  # seconds between two looks at wishes, limits and the connection
_CHECK = 1.0  # seconds between two comparisons with the scheduler
_log = logging.getLogger(__name__)


@dataclass
class Seat:
    """A worker as the dispatcher knows it.

    Attributes
    ----------
    address, name : str
    warm : set of str
        Models in its memory.
    runs : dict of str to Run
        What it was sent, by token, in order.
    drawing : str
        Token of the run that it began last.
    spans : deque of (float, float)
        When its last pictures were begun and done, by its own clock.
    """

    address: str
    name: str
    pid: int
    warm: set[str]
    runs: dict[str, Run] = field(default_factory=dict)
    drawing: str = ""
    spans: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=1000))


class Workers(ABC):
    """Thread with a connection to a scheduler; its workers, by their addresses.

    All state belongs to the thread; other threads use :meth:`soon` and :meth:`ask`.

    Parameters
    ----------
    address : callable
        Returns the scheduler's address as it is now.
    security : Security
    """

    def __init__(self, address: Callable[[], str], security: Security) -> None:
        self._address, self._security = address, security
        self.epoch = time.time_ns()
        """Tells this service from those before it."""
        self.seats: dict[str, Seat] = {}
        self._joining: set[str] = set()
        self._client: Client | None = None
        self._closing = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="zimg-dispatch", daemon=True)

    @abstractmethod
    def fill(self) -> None:
        """Send pictures to the workers that have room."""

    @abstractmethod
    def take_news(self, messages: list[dict[str, Any]]) -> None:
        """Take what a worker tells of its runs."""

    @abstractmethod
    def _on_death(self, seat: Seat) -> None:
        """Take note that a worker died."""

    @abstractmethod
    def _on_loss(self, seat: Seat) -> None:
        """Take note that the scheduler is gone, and a worker with it."""

    @abstractmethod
    def _look(self) -> None:
        """Do what is to be done every now and then."""

    def start(self) -> None:
        """Begin to dispatch."""
        self._thread.start()

    def close(self) -> None:
        """Dispatch no more; what is drawn is left to the next service."""
        self._closing = True
        self._thread.join(10)

    def free_seat(self) -> Seat | None:
        """Return a worker that has room, the idlest."""
        free = [seat for seat in self.seats.values() if len(seat.runs) < AT_ONCE]
        return min(free, key=lambda seat: (len(seat.runs), seat.name), default=None)

    def warm_seat(self, model: str, seat: Seat) -> Seat:
        """Return a worker with a model in its memory that has as much room as another one."""
        free = [s for s in self.seats.values() if len(s.runs) <= len(seat.runs) and model in s.warm]
        return free[0] if free else seat

    def soon(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call a function in the dispatcher's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(function, *arguments)

    def ask(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine in the dispatcher's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _cluster(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take what the scheduler tells of workers."""
        message = event[1]
        match message.get("action"):
            case "add-worker":
                self._later(self._join(message["worker"]))
            case "remove-worker":
                self._leave(message["worker"])

    async def _compare(self, client: Client) -> None:
        """Bring the seats to what the scheduler says: events may come late or out of order."""
        scheduler: Any = client.scheduler
        known = (await scheduler.identity(n_workers=-1))["workers"]
        for address in [address for address in self.seats if address not in known]:
            self._leave(address)
        for address in known:
            self._later(self._join(address))

    async def _join(self, address: str) -> None:
        client = self._client
        if client is None or address in self.seats or address in self._joining:
            return
        self._joining.add(address)
        try:
            found = await self._run_on(address, remote.begin_service, self.epoch)
        finally:
            self._joining.discard(address)
        if found is not None and client is self._client:
            name, warm = str(found["name"]), set(found["loaded"])
            self.seats[address] = Seat(address, name, found["pid"], warm)
            self.fill()

    def _leave(self, address: str) -> None:
        seat = self.seats.get(address)
        if seat is None:
            return
        self._on_death(seat)
        self.seats.pop(address, None)
        self.fill()

    async def _run_on(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on a worker; return None where the worker is gone."""
        if self._client is None:
            return None
        try:
            found = await self._client.run(
                function, *arguments, workers=[address], on_error="return"
            )
        except (OSError, ValueError, asyncio.CancelledError):
            return None
        answer = found.get(address)
        if isinstance(answer, ZimgError | ValueError):
            raise answer
        return None if isinstance(answer, Exception) else answer

    async def ask_all(self, method: str, **options: Any) -> list[Any]:
        """Call a method of every worker's engine; return the answers of those that live."""
        seats = sorted(self.seats.values(), key=lambda seat: seat.name)
        answers = await asyncio.gather(
            *(self._run_on(seat.address, remote.ask_engine, method, options) for seat in seats)
        )
        if method == "unload":
            for seat in seats:
                seat.warm -= {options["model"]} if options.get("model") else set(seat.warm)
        return [answer for answer in answers if answer is not None]

    def _later(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._keep_connected())

    async def _keep_connected(self) -> None:
        life = self._loop.create_task(beat("dispatch"))
        while not self._closing:
            try:
                await self._connected()
            except (OSError, TimeoutError, asyncio.CancelledError) as error:
                _log.info("no scheduler yet (%s)", error)
            except Exception:  # whatever it was: the pictures shall go on
                _log.exception("the connection to the scheduler failed")
            await asyncio.sleep(_TICK)
        life.cancel()

    async def _connected(self) -> None:
        from distributed import Client

        client = await Client(
            self._address(), security=self._security, asynchronous=True, set_as_default=False,
            direct_to_workers=True, timeout=2, name="zimg-service",
        )  # fmt: skip
        self._client = client
        try:
            client.subscribe_topic(TOPIC, lambda event: self.take_news(event[1]))
            client.subscribe_topic("all", self._cluster)
            checked = 0.0
            while client.status == "running" and not self._closing:
                if time.monotonic() - checked > _CHECK:
                    await self._compare(client)
                    checked = time.monotonic()
                self._look()
                await asyncio.sleep(_TICK)
        finally:
            self._client = None
            for seat in [self.seats.pop(address) for address in list(self.seats)]:
                self._on_loss(seat)
            with contextlib.suppress(Exception):
                await client.close(timeout=1)


async def until(done: Callable[[], bool], seconds: float) -> None:
    """Wait until something is done, but no longer than so many seconds."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
