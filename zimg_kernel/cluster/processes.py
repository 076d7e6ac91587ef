"""Processes of a shared engine: their commands, their numbers, and how each begins.

``python -m zimg_kernel.cluster.processes ROLE FOLDER`` is one of them. Each holds the lock of its
role and writes down its number, so that whoever comes next finds it, whoever started it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from zimg_kernel.engine.owner import Owner, this_process
from zimg_kernel.errors import ZimgError

from .place import Place
from .private import lock_file, write_private
from .pulse import Silence, touch
from .starts import count_start

SUPERVISOR = "supervisor"
_MODULE = "zimg_kernel.cluster.processes"
HELD = 3
"""Exit status of a process whose role another one holds."""
_GIVEN_WAY = 5.0  # seconds that a process waits for the one before it to be gone
_LOOK = 0.5  # seconds between two looks for the supervisor
_MANAGED = 15.0  # seconds in which systemd or supervisord shall have brought it back
_STARTED = 15.0  # seconds in which a started supervisor shall have its lock


def command(place: Place, role: str) -> list[str]:
    """Return the command line of a role, such as ``worker-0``."""
    # -P: what lies in the current folder is no part of the engine.
    return [place.python, "-P", "-m", _MODULE, role, str(place.folder)]


def start(place: Place, role: str, more: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the process of a role, in a session of its own, so that it outlives this one.

    Parameters
    ----------
    place : Place
    role : str
    more : dict of str, optional
        Variables of its environment beside the engine's own.
    """
    from .logs import open_private, rotate_output  # a client needs them seldom

    rotate_output(place.log(role))
    with open_private(place.log(role)) as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            command(place, role), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd=place.folder,
            env={**place.full_environment(), **(more or {})},
        )  # fmt: skip


def holder(place: Place, role: str) -> Owner | None:
    """Return the living process of a role, or None."""
    try:
        found = json.loads((place.folder / f"{role}.pid").read_bytes())
        owner = Owner(int(found["pid"]), float(found["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return owner if owner.alive else None


def roles_left(place: Place) -> dict[str, Owner]:
    """Return all living processes of an engine by their roles, also of an earlier start."""
    found = {file.stem: holder(place, file.stem) for file in place.folder.glob("*.pid")}
    return {role: owner for role, owner in found.items() if owner is not None}


def hold(place: Place, role: str) -> Callable[[], None] | None:
    """Take a role for this process, until it ends or calls what is returned.

    Returns
    -------
    callable or None
        None if another process keeps the role.
    """
    deadline = time.monotonic() + _GIVEN_WAY
    while (file := lock_file(place.folder / f"{role}.lock")) is None:
        if time.monotonic() > deadline:
            return None
        time.sleep(0.05)
    number = place.folder / f"{role}.pid"
    own = this_process()
    (place.folder / f"{role}.gone").unlink(missing_ok=True)
    write_private(number, json.dumps({"pid": own.pid, "started": own.started}).encode())

    def release() -> None:
        number.unlink(missing_ok=True)
        file.close()

    return release


def bring_back(place: Place) -> bool:
    """Start the supervisor unless it runs, is being started, or is not wanted.

    Returns
    -------
    bool
        Whether the engine is wanted, so that waiting for it makes sense.

    Raises
    ------
    ZimgError
        It does not start.
    """
    now = place.now()
    if now.wanted != "up" or not now.here:
        return False
    if holder(now, SUPERVISOR) is not None or (now.options.managed and _managed(now)):
        return True
    lock = lock_file(now.folder / "starting.lock")
    if lock is None:  # somebody does it at this moment
        return True
    try:
        process = start(now, SUPERVISOR)
        deadline = time.monotonic() + _STARTED
        while holder(now, SUPERVISOR) is None and time.monotonic() < deadline:
            if process.poll() not in (None, HELD):
                raise ZimgError(
                    f"The engine's supervisor ended at once ({last_words(now, SUPERVISOR)}).",
                    code="engine-failed",
                )
            time.sleep(0.02)
    except OSError as error:
        raise ZimgError(
            f"The engine's supervisor cannot be started with {now.python} "
            f"({error.strerror or error}); run zimg down and zimg up.",
            code="engine-failed",
        ) from error
    finally:
        lock.close()
    return True


def _managed(place: Place) -> bool:
    """Whether whoever manages the engine still has time to bring its supervisor back."""
    gone = place.folder / "supervisor.gone"
    if not gone.exists():
        gone.touch(mode=0o600)
    return time.time() - gone.stat().st_mtime < _MANAGED


def last_words(place: Place, role: str) -> str:
    """Return the last line that a process printed, which is most often why it ended."""
    try:
        with place.log(role).open("rb") as file:
            file.seek(max(0, os.path.getsize(file.name) - 4096))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return "it printed nothing"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")


def _watch_supervisor(place: Place, role: str) -> None:
    """Bring the supervisor back whenever it is gone, as long as the engine is wanted.

    Gives the signs of life of this process, too.
    """
    silence = Silence(place.folder / f"{SUPERVISOR}.pid", place.options.hung_seconds)
    own = place.folder / f"{role}.pid"
    while True:
        touch(own)
        time.sleep(_LOOK)
        if role.startswith("worker") and place.now().scheduler != place.scheduler:
            os._exit(1)  # the scheduler is elsewhere now, and so is the worker that follows
        with contextlib.suppress(ZimgError, OSError):  # the next look tries again
            found = holder(place, SUPERVISOR)
            if found is not None:
                silence.end_if_hung(found)
            elif not bring_back(place):
                os._exit(0)  # nobody wants it, and nobody is left who could end this process


def main(arguments: list[str]) -> int:
    """Be the process of a role until it ends; return its exit status."""
    role, folder = arguments
    place = Place.read(Path(folder))
    if place is None or (place.wanted != "up" and role != SUPERVISOR):
        return 0
    release = hold(place, role)
    if release is None:
        return HELD
    from .logs import begin_logging

    begin_logging(place.log(role).parent, role)
    count_start(place.folder, role)
    kind, _, index = role.partition("-")
    if kind != SUPERVISOR:
        threading.Thread(target=_watch_supervisor, args=(place, role), daemon=True).start()
    try:
        _run(place, kind, int(index or 0))
    finally:
        release()
    return 0


def _run(place: Place, kind: str, index: int) -> None:
    module = importlib.import_module(f".{kind}", __package__)
    if kind == "worker":
        module.run(place, index)
    else:
        module.run(place)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
