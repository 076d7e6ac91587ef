"""Time that threads stood ready while other programs had the cores (Linux)."""

from __future__ import annotations

from pathlib import Path

_TASKS = Path("/proc/self/task")


class RunQueue:
    """Waiting time of this process's threads from now on.

    The kernel counts it for each thread: the second number of ``schedstat`` (documentation of the
    kernel: scheduler/sched-stats). A picture's time less this is what it would have taken on an
    idle machine, but for caches and clocks that others use too.

    Parameters
    ----------
    tasks : Path
        Folder of the threads.
    """

    def __init__(self, tasks: Path = _TASKS) -> None:
        self._tasks = tasks
        self._before = self._read()

    def waited(self) -> float | None:
        """Return the seconds of the thread that waited longest, or None where nobody counts them.

        Threads that draw together wait for each other, so their waiting times do not add up.
        """
        after = self._read()
        if not after or not self._before:
            return None
        return max(value - self._before.get(name, 0) for name, value in after.items()) / 1e9

    def _read(self) -> dict[str, int]:
        found = {}
        for path in self._tasks.glob("*/schedstat"):  # nothing on another system
            try:
                found[path.parent.name] = int(path.read_text().split()[1])
            except (OSError, ValueError, IndexError):  # a thread that just ended
                continue
        return found
