"""Supervisor of a shared engine: starts its processes, and again whenever one has ended."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

import psutil

from zimg_kernel.engine.owner import Owner

from .place import Place
from .processes import SUPERVISOR, holder, roles_left, start
from .pulse import Silence, touch

_LOOK = 0.2  # seconds between two looks at the processes
_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds before the next start in a row
_STEADY = 20.0  # seconds after which a process has not failed at its start
_POLITE = 10.0  # seconds between asking a process to end and ending it


@dataclass
class Watched:
    """A process to be kept running.

    Attributes
    ----------
    role : str
    environment : dict of str
        Variables of its own.
    starts : int
        Starts so far.
    """

    role: str
    environment: dict[str, str] = field(default_factory=dict)
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _owner: Owner | None = None
    _since: float = 0.0
    _failures: int = 0
    _not_before: float = 0.0
    _silence: Silence | None = None

    def look(self, place: Place) -> None:
        """Start the process if it does not run and its pause is over; kill it if it hangs."""
        if self._running(place):
            if self._silence is None:
                file = place.folder / f"{self.role}.pid"
                self._silence = Silence(file, place.options.hung_seconds)
            if self._owner is not None:
                self._silence.end_if_hung(self._owner)
            return
        now = time.monotonic()
        if self._since:
            self._failures = 0 if now - self._since > _STEADY else self._failures + 1
            self._not_before = now + _PAUSES[min(self._failures, len(_PAUSES) - 1)]
            self._since = 0.0
        if now >= self._not_before:
            self._process = start(place, self.role, self.environment)
            self._since = now
            self.starts += 1

    def _running(self, place: Place) -> bool:
        if self._owner is None or not self._owner.alive:
            # Also one that a supervisor before this one has started.
            self._owner = holder(place, self.role)
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        if self._owner is not None and not self._since:
            self._since = time.monotonic()
        return self._owner is not None or self._process is not None


class Supervisor:
    """Keeps an engine's processes running until the engine is not wanted any more.

    It has no state of its own: one that takes over after a kill finds the processes by what
    they have written down.

    Parameters
    ----------
    place : Place
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._stop = threading.Event()
        self.watched = [Watched(role, more) for role, more in wanted_roles(place).items()]

    def run(self) -> None:
        """Watch until ``zimg down``, or until this process is asked to end; then end them all."""
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, lambda *_: self._stop.set())
        number = self.place.folder / f"{SUPERVISOR}.pid"
        while not self._stop.wait(_LOOK):
            touch(number)
            self.place = self.place.now()
            if self.place.wanted != "up":
                break
            for watched in self.watched:
                with contextlib.suppress(OSError):  # no memory or no disk at this moment
                    watched.look(self.place)
        if self._stop.is_set() and self.place.options.managed:
            self.place.want("down")  # whoever manages it says when it runs
        end_all(self.place)


def run(place: Place) -> None:
    """Keep an engine's processes running until it is not wanted, or this process shall end."""
    Supervisor(place).run()


def wanted_roles(place: Place) -> dict[str, dict[str, str]]:
    """Return the roles of an engine in the order of starting, with their variables."""
    roles: dict[str, dict[str, str]] = {}
    if not place.options.scheduler:
        roles["scheduler"] = {}
    roles["service"] = {}
    for index in range(place.options.workers):
        cards = place.options.cards[index : index + 1]
        roles[f"worker-{index}"] = {"CUDA_VISIBLE_DEVICES": cards[0]} if cards else {}
    return roles


def end_all(place: Place) -> None:
    """End an engine's processes: the service first, which saves what it has, the others then."""
    found = roles_left(place)
    found.pop(SUPERVISOR, None)
    for roles in (["service"], [role for role in found if role != "service"]):
        owners = [found[role] for role in roles if role in found]
        processes = [process for owner in owners if (process := _process(owner)) is not None]
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, left = psutil.wait_procs(processes, timeout=_POLITE)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=_POLITE)
    for role in found:
        (place.folder / f"{role}.pid").unlink(missing_ok=True)
    place.socket.unlink(missing_ok=True)


def _process(owner: Owner) -> psutil.Process | None:
    try:
        return psutil.Process(owner.pid) if owner.alive else None
    except psutil.Error:
        return None
