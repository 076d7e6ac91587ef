"""Chaos: clients ask for pictures while the shared engine's processes are killed at random."""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zimg_kernel.engine.disk import delete_temporary
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.metadata import read_record

from .running import RunningEngine

_CLIENT = Path(__file__).with_name("chaos_client.py")


@dataclass
class Result:
    """What became of the requests.

    Attributes
    ----------
    told : list of dict
        What clients have got.
    kills : list of str
        Roles that were killed, in order.
    seconds : float
    problems : list of str
        Whatever is not as it shall be.
    """

    told: list[dict[str, Any]] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def run_chaos(
    engine: RunningEngine, requests: int, clients: int, kills: int, together: int, seed: int = 0
) -> Result:
    """Let clients draw while processes are killed, spread over the whole run.

    Parameters
    ----------
    engine : RunningEngine
    requests, clients : int
        Requests of all clients together.
    kills : int
        How often something is killed, of which
    together : int
        times all processes at once.
    seed : int
        Of the order of the kills.
    """
    plan = _plan(engine, kills, together, random.Random(seed))
    result = Result()
    news: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    begun = time.monotonic()
    shares = [requests // clients + (number < requests % clients) for number in range(clients)]
    processes = [
        subprocess.Popen(
            [sys.executable, str(_CLIENT), str(number), str(count), "3"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**engine.environment, "ZIMG_ENGINE": "cluster"},
        )
        for number, count in enumerate(shares)
    ]  # fmt: skip
    errors: dict[int, str] = {}
    readers = [
        threading.Thread(target=_read, args=(process, news, errors), daemon=True)
        for process in processes
    ]
    for reader in readers:
        reader.start()
    while any(reader.is_alive() for reader in readers) or not news.empty():
        try:
            result.told.append(news.get(timeout=0.1))
        except queue.Empty:
            continue
        # The next kill as soon as its share of the pictures is there, and half a second passes.
        if len(result.kills) < kills and len(result.told) * (kills + 1) > requests * (
            len(result.kills) + 1
        ):
            roles = plan[len(result.kills)]
            engine.kill(*roles)
            result.kills.append("+".join(roles) if len(roles) == 1 else "all")
    result.seconds = time.monotonic() - begun
    result.problems += [f"client {pid}: {said}" for pid, said in errors.items() if said]
    _examine(engine, requests, kills, result)
    return result


def _plan(
    engine: RunningEngine, kills: int, together: int, chance: random.Random
) -> list[list[str]]:
    """Return the roles to be killed each time: every role in its turn, all at once in between."""
    single = sorted(engine.roles, key=lambda role: (role != "service", role))
    plan = [[single[index % len(single)]] for index in range(kills - together)]
    chance.shuffle(plan)
    for _ in range(together):
        plan.insert(chance.randrange(1, len(plan) + 1), sorted(engine.roles))
    return plan


def _read(
    process: subprocess.Popen[str], news: queue.SimpleQueue[dict[str, Any]], errors: dict[int, str]
) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    for line in process.stdout:
        news.put(json.loads(line))
    said = process.stderr.read()
    if process.wait():
        errors[process.pid] = said.strip()[-500:]


def _examine(engine: RunningEngine, requests: int, kills: int, result: Result) -> None:
    """Note whatever is missing, is there twice, or does not fit."""
    problems, told = result.problems, result.told
    if len(result.kills) < kills:
        problems.append(f"only {len(result.kills)} kills")
    if len({one["job"] for one in told}) != requests:
        problems.append(f"{len(told)} answers of {len({one['job'] for one in told})} jobs")
    problems += [f"job {one['job']}: {one}" for one in told if one["seeds"] != [one["seed"]]]
    folder = engine.home / "gallery"
    gallery = Gallery(folder)
    entries = list(gallery.search(limit=10 * requests))
    records = [read_record(Path(entry.path)) for entry in entries]
    jobs = Counter(json.dumps(record.get("job"), sort_keys=True) for record in records)
    twice = {job: count for job, count in jobs.items() if count > 1}
    if len(entries) != requests or twice or len(jobs) != requests:
        problems.append(f"{len(entries)} pictures of {len(jobs)} jobs in the gallery; {twice}")
    files = {str(Path(entry.path)) for entry in entries}
    missing = [path for one in told for path in one["paths"] if path not in files]
    if missing:
        problems.append(f"not in the gallery: {missing[:5]}")
    for path in folder.rglob("*.part"):  # of killed writers: an hour later they are deleted
        os.utime(path, (0, 0))
    delete_temporary(folder)
    half = [str(path) for path in folder.rglob("*.part")]
    if half:
        problems.append(f"unfinished files: {half[:5]}")
    store = QueueStore(folder)
    ended = {entry.id: entry.state for entry in store.history(10 * requests)}
    states, left = Counter(ended.values()), [*store.waiting(), *store.left()]
    if states != Counter(done=requests) or left:
        absent = {one["job"] for one in told} - set(ended)
        problems.append(f"in the queue: {dict(states)}, {len(left)} open; not there: {absent}")
    store.close()
