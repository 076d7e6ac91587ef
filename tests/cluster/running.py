"""A shared engine of a test: in a home of its own, killed in parts, ended without a rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

import surroundings
from zimg_kernel.cluster.place import Place
from zimg_kernel.cluster.processes import last_words, roles_left

ZIMG = [sys.executable, "-m", "zimg_kernel"]


class RunningEngine:
    """The engine of one home, up within a ``with`` block; the home may be anybody's."""

    def __init__(self, home: Path, workers: int = 1, **options: Any) -> None:
        self.home = home / "home"
        self.environment = {**surroundings.environment(home), "ZIMG_HOME": str(self.home)}
        self._workers = workers
        self._options = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]

    def __enter__(self) -> RunningEngine:
        self.run("up", f"--workers={self._workers}", *self._options)
        found = Place.read(self.home / "engine")
        assert found is not None
        self.place = found
        self.until_all_run()
        return self

    def __exit__(self, *error: object) -> None:
        before = self.processes()
        self.run("down")
        _, left = psutil.wait_procs(before, timeout=60)
        for process in left:
            process.kill()
        assert not left
        assert self.processes() == []

    def run(self, *arguments: str, timeout: float = 240) -> str:
        """Run a command of ``zimg`` in this home; return what it prints."""
        done = subprocess.run(
            [*ZIMG, *arguments], env=self.environment, capture_output=True, text=True,
            timeout=timeout,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def roles(self) -> set[str]:
        """All roles that there shall be."""
        workers = {f"worker-{index}" for index in range(self._workers)}
        return {"supervisor", "scheduler", "service", *workers}

    def pids(self) -> dict[str, int]:
        """Numbers of the living processes by their roles."""
        return {role: owner.pid for role, owner in roles_left(self.place).items()}

    def until_all_run(self, without: Iterable[int] = (), limit: float = 180) -> dict[str, int]:
        """Wait until every role has a process, none of those; return their numbers."""
        deadline = time.monotonic() + limit
        while set(found := self.pids()) != self.roles or set(found.values()) & set(without):
            said = {role: last_words(self.place, role) for role in self.roles}
            assert time.monotonic() < deadline, (found, said)
            time.sleep(0.05)
        return found

    def kill(self, *roles: str) -> list[int]:
        """Kill the processes of roles, all at once; return their numbers."""
        found = self.pids()
        numbers = [found[role] for role in roles if role in found]
        for number in numbers:
            os.kill(number, signal.SIGKILL)
        return numbers

    def processes(self) -> list[psutil.Process]:
        """All processes of this engine, also those that no list names."""
        mark = str(self.home / "engine")
        found = []
        for process in psutil.process_iter():
            try:
                if mark in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found
