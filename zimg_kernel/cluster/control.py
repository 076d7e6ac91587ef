"""Start and end of a shared engine, as commands and programs ask for them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from zimg_kernel.engine.owner import Owner
from zimg_kernel.errors import BadInput, ZimgError

from .cards import cards_of_workers
from .options import Options
from .place import Place, engine_folder, is_free
from .private import delete_temporary
from .problems import forget_problems, read_problems
from .processes import SUPERVISOR, bring_back, hold, holder, last_words, roles_left
from .starts import forget_starts
from .status import ask
from .supervisor import end_all, run

_READY = 60.0  # seconds in which the service shall answer
_ENDED = 40.0  # seconds in which all processes shall have left their roles
_GONE = 20.0  # seconds after that for what Python does at the end of a process
_LOOK = 0.05


def start_engine(options: Options, wait: bool = True) -> Place:
    """Start the engine of this user, unless it runs; return its place.

    Parameters
    ----------
    options : Options
        With ``workers`` 0, there is one on each GPU, or one on the CPU.
    wait : bool
        Return only when its service answers.

    Raises
    ------
    BadInput
        It cannot run here, or runs with other options or settings.
    ZimgError
        It does not start.
    """
    place = _place_for(options)
    bring_back(place)
    if wait:
        _wait_for(lambda: _answers(place), place)
    return place


def run_engine(options: Options) -> None:
    """Be the supervisor of the engine in this process, until it is asked to end.

    An engine that runs with the same options is taken over, with its jobs.

    Raises
    ------
    BadInput, ZimgError
        As :func:`start_engine`.
    """
    place = _place_for(replace(options, managed=True))
    before = holder(place, SUPERVISOR)
    if before is not None:
        os.kill(before.pid, 9)  # it has no state of its own
    release = hold(place, SUPERVISOR)
    if release is None:
        raise ZimgError(
            f"Another supervisor keeps the engine in {place.folder}: run zimg down first.",
            code="engine-failed",
        )
    try:
        run(place)
    finally:
        release()


def stop_engine() -> bool:
    """End the engine of this user; return whether there was one.

    What waits stays in the queue, and is drawn when an engine is started again.

    Raises
    ------
    ZimgError
        Its processes do not end, or it runs on another machine.
    """
    place = Place.find()
    if place is None or (place.wanted == "down" and not roles_left(place)):
        return False
    if not place.here:
        raise ZimgError(
            f"The engine of this home runs on {place.host}: run zimg down there.",
            code="engine-elsewhere",
        )
    place = place.want("down")
    deadline = time.monotonic() + _ENDED
    ending: set[Owner] = set()
    while left := roles_left(place):
        ending.update(left.values())
        supervisor = holder(place, SUPERVISOR)
        if supervisor is None:
            end_all(place)
        elif time.monotonic() > deadline - _ENDED / 2:  # it hangs, and has no state of its own
            os.kill(supervisor.pid, 9)
        if time.monotonic() > deadline:
            named = ", ".join(f"{role} ({owner.pid})" for role, owner in left.items())
            raise ZimgError(
                f"Processes of the engine do not end: {named}. End them by hand.",
                code="engine-failed",
            )
        time.sleep(_LOOK)
    deadline = time.monotonic() + _GONE
    while any(owner.alive and not owner.own for owner in ending) and time.monotonic() < deadline:
        time.sleep(_LOOK)
    return True


def _place_for(options: Options) -> Place:
    """Return the place for an engine with these options, written down as wanted."""
    _check_machine()
    workers, cards = cards_of_workers(options.workers)
    wanted = replace(options, workers=workers, cards=cards)
    if options.scheduler:  # whose workers others start
        wanted = replace(options, workers=0, cards=())
    before = Place.find()
    if before is not None and not before.here and before.wanted == "up":
        raise BadInput(
            f"An engine of {before.folder} runs on {before.host}: run zimg down there first.",
            code="engine-elsewhere",
            field="ZIMG_HOME",
        )
    if before is not None and before.here and roles_left(before):
        if not before.matches or replace(before.options, managed=wanted.managed) != wanted:
            raise BadInput(
                "An engine runs already, with other options or settings: run zimg down first.",
                code="engine-running",
            )
        if before.options == wanted and before.wanted == "up":
            return before
    else:
        _check_ports(wanted)
        if before is not None:
            forget_starts(before.folder)
            forget_problems(before.folder)
            delete_temporary(before.folder)
    return Place.make(wanted)


def _check_ports(options: Options) -> None:
    if options.port and not options.scheduler and not is_free(options.host, options.port):
        raise BadInput(
            f"Port {options.port} is another program's, so the scheduler cannot listen there: "
            "choose another --port, or leave it out to have a free one.",
            code="port-in-use",
            field="port",
        )
    if options.metrics_port and not is_free("127.0.0.1", options.metrics_port):
        raise BadInput(
            f"Port {options.metrics_port} is another program's, so the metrics cannot be served "
            "there: choose another --metrics-port.",
            code="port-in-use",
            field="metrics_port",
        )
    if options.metrics_file and not Path(options.metrics_file).parent.is_dir():
        raise BadInput(
            f"There is no folder {Path(options.metrics_file).parent} for the metrics: make it, or "
            "choose another --metrics-file.",
            code="folder-missing",
            field="metrics_file",
        )


def _check_machine() -> None:
    if sys.platform == "win32":
        raise BadInput(
            "zimg up needs Linux or macOS; on Windows each process draws for itself, or run it "
            "in WSL.",
            code="not-on-windows",
        )
    missing = [
        name
        for name in ("distributed", "cryptography", "prometheus_client")
        if find_spec(name) is None
    ]
    if missing:
        raise BadInput(
            f"zimg up needs {', '.join(missing)}, which are not installed: pip install "
            "'zimg-workbench[cluster]'.",
            code="extra-missing",
        )


def _answers(place: Place) -> bool:
    try:
        ask(place, "default_model", timeout=2.0)
    except OSError:
        return False
    except ValueError:  # a refusal is an answer
        pass
    return True


def _wait_for(ready: Callable[[], bool], place: Place) -> None:
    deadline = time.monotonic() + _READY
    while not ready():
        if time.monotonic() > deadline:
            why = " ".join(read_problems(place.folder)) or (
                f"The last line of its service: {last_words(place, 'service')}."
            )
            raise ZimgError(
                f"The engine does not answer after {_READY:.0f} s. {why} See "
                f"{engine_folder() / 'logs'}, and run zimg down.",
                code="engine-failed",
            )
        time.sleep(_LOOK)
