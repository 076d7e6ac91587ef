"""The second process as the first one sees it: started, told what to do, watched, ended."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_log = logging.getLogger(__name__)

_START = 120.0  # seconds: importing torch from a slow disk
_END = 10.0


class PartnerLost(Exception):
    """The second process has ended, or cannot begin."""


class Partner:
    """A process that computes one half on another device.

    Parameters
    ----------
    device, other : torch.device
        That of this process, and that of the second one.

    Attributes
    ----------
    lost : str
        Why it is there no longer; "" while it is.
    """

    def __init__(self, device: torch.device, other: torch.device) -> None:
        from .channel import Channel

        self.lost = ""
        self._ending = False
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="zimg-split-")
        self._meeting = Path(self._folder.name) / "meeting"
        self.channel = Channel(self._meeting, 0, device)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._pipe, theirs = Pipe()
        self.process = self._start(theirs, other)
        theirs.close()
        threading.Thread(target=self._watch, name="zimg-split", daemon=True).start()
        try:
            self.wait()  # or making the connection would wait for a process that failed
            self.channel.open()
            self.wait()
        except Exception as error:
            self.give_up(str(error))
            raise PartnerLost(self.lost) from error

    def _start(self, pipe: Any, other: torch.device) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).parents[3])
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH")) if part)
        number = pipe.fileno()
        words = [str(number), str(self._meeting), str(other), str(os.getpid())]
        return subprocess.Popen(  # noqa: S603
            # -P: a folder of the same name where this process was started is not ours.
            [sys.executable, "-P", "-m", "zimg_kernel.speed.split.second", *words],
            env={**os.environ, "PYTHONPATH": path},
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,  # Ctrl+C is for the first process, which ends it
        )

    def send(self, *message: Any) -> None:
        """Tell it what to do next."""
        if self.lost:
            raise PartnerLost(self.lost)
        try:
            self._pipe.send(message)
        except OSError as error:
            self.give_up("it has ended")
            raise PartnerLost(self.lost) from error

    def wait(self) -> None:
        """Wait until it has done what it was told.

        Raises
        ------
        PartnerLost
            It has failed.
        """
        try:
            word, why = self._pipe.recv() if self._pipe.poll(_START) else ("failed", "no answer")
        except (OSError, EOFError):
            word, why = "failed", self._last_line() or "it has ended"
        if word != "ready":
            raise PartnerLost(why)

    def give_up(self, why: str) -> None:
        """Go on without it."""
        with self._lock:
            if self.lost:
                return
            self.lost = self._told() or why or "it has ended"
        _log.warning(
            "The second card no longer takes part (%s); the first one draws alone from now on. "
            "Unload the model and draw again to start the second one anew.",
            self.lost,
        )
        self.channel.abort()
        self.process.kill()

    def close(self) -> None:
        """End it; nothing may be recorded that exchanges with it."""
        with self._lock:
            if self._ending:
                return
            self._ending = True
            self.lost = self.lost or "it was closed"
        try:
            self._pipe.send(("end",))
        except OSError:
            pass
        self.channel.abort()
        self.channel.wait(_END)
        try:
            self.process.wait(_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._pipe.close()
        self._folder.cleanup()

    def _watch(self) -> None:
        code = self.process.wait()
        if not self._ending:
            self.give_up(self._last_line() or f"its process ended with {code}")

    def _told(self) -> str:
        """Return what it said last of a failure."""
        try:
            while self._pipe.poll(0):
                word, why = self._pipe.recv()
                if word == "failed":
                    return str(why)
        except (OSError, EOFError):
            pass
        return ""

    def _last_line(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""
