"""A service in a process of its own, which may be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

import surroundings
from ports import free_port


class ServiceProcess:
    """``zimg serve`` in a home of its own, on a port that stays the same.

    Parameters
    ----------
    home : Path
        Parent of the folders of zimg and of the hubs.
    *options : str
        Of the command.
    """

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        self.environment = {
            **surroundings.environment(home), "ZIMG_ENGINE": "local", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, limit: float = 120) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "zimg_kernel", "serve", f"--port={self.port}"]
        with (self.home / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *self._options], env=self.environment, stdout=output, stderr=output
            )
        deadline = time.monotonic() + limit
        while True:
            try:
                requests.get(f"{self.url}/healthz", timeout=5)
                return
            except requests.RequestException:
                said = (self.home / "output.txt").read_text(encoding="utf-8")
                assert self.process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.05)

    def end(self, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; return the exit code."""
        assert self.process is not None
        os.kill(self.process.pid, number)
        return self.process.wait(60)

    def __enter__(self) -> ServiceProcess:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end()
