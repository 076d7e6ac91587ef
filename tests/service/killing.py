"""Clients whose service is killed while they wait, and who ask again with their ids."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from zimg_kernel.gallery import Gallery
from zimg_kernel.images.metadata import read_record

from .process import ServiceProcess
from .small import circle

_LAST = 10_000  # seed of the picture that is asked for at the end


def ask_kill_and_ask_again(folder: Path, clients: int, before: int) -> dict[str, Any]:
    """Let clients ask, kill the service once some have their picture, start it, ask again.

    Parameters
    ----------
    folder : Path
        Parent of the service's home.
    clients : int
        Each asks for one picture of a seed of its own.
    before : int
        Pictures that are drawn before the service is killed.

    Returns
    -------
    dict
        ``answered_first``, ``answered``, ``wrong``, ``pictures``, ``drawn_twice``,
        ``seconds_down``; of the end by SIGTERM ``answered_at_the_end``, ``heard_at_the_end`` and
        ``status_at_the_end``.
    """
    got: dict[int, bytes] = {}
    failed = threading.Event()

    def ask(seed: int) -> None:
        headers = {"Idempotency-Key": f"client-{seed}"}
        deadline = time.monotonic() + 500
        while time.monotonic() < deadline:
            try:
                answer = requests.post(
                    f"{service.url}/v1/generate",
                    json=circle(seed, steps=10),
                    headers=headers,
                    timeout=300,
                )
            except requests.RequestException:  # killed, or not up again
                failed.set()
                time.sleep(0.2)
                continue
            if answer.status_code == 200:
                got[seed] = answer.content
                return
            assert answer.status_code in (429, 503, 504), answer.text
            time.sleep(min(1, int(answer.headers["Retry-After"])))

    with ServiceProcess(folder, "--time-limit=300", f"--max-waiting={clients}") as service:
        with ThreadPoolExecutor(clients) as pool:
            asked = [pool.submit(ask, seed) for seed in range(1, clients + 1)]
            deadline = time.monotonic() + 300
            while len(got) < before:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            service.end()
            first, killed = len(got), time.monotonic()
            assert failed.wait(120)
            service.start()
            down = time.monotonic() - killed
            for one in asked:
                one.result(500)
        again = {
            seed: requests.post(
                f"{service.url}/v1/generate", json=circle(seed, steps=10),
                headers={"Idempotency-Key": f"client-{seed}"}, timeout=100,
            ).content
            for seed in (1, clients)
        }  # fmt: skip
        last = _end_while_one_waits(service)
    gallery = Gallery(folder / "home" / "gallery")
    gallery.rebuild()
    seeds = Counter(entry.seed for entry in gallery.search() if entry.seed != _LAST)
    wrong = [seed for seed, data in got.items() if _seed(folder, data) != seed]
    wrong += [seed for seed, data in again.items() if data != got.get(seed)]
    return {
        "clients": clients,
        "answered_first": first,
        "answered": len(got),
        "wrong": wrong,
        "pictures": sum(seeds.values()),
        "drawn_twice": [seed for seed, count in seeds.items() if count > 1],
        "seconds_down": round(down, 2),
        **last,
    }


def _end_while_one_waits(service: ServiceProcess) -> dict[str, Any]:
    """Ask for a picture, listen to a job that waits, and end the service by SIGTERM."""
    with ThreadPoolExecutor(2) as pool:
        url = f"{service.url}/v1/generate"
        slow = circle(_LAST, steps=16, width=256, height=256)
        asked = pool.submit(requests.post, url, json=slow, timeout=100)
        while not requests.get(f"{service.url}/readyz", timeout=60).json()["waiting"]:
            time.sleep(0.01)
        later = requests.post(f"{service.url}/v1/jobs", json=circle(_LAST, steps=200), timeout=60)
        with requests.get(later.json()["events"], stream=True, timeout=100) as events:
            lines = events.iter_lines(decode_unicode=True)
            next(lines)
            heard = pool.submit(list, lines)
            status = service.end(signal.SIGTERM)
            return {
                "answered_at_the_end": asked.result(100).status_code,
                "heard_at_the_end": "event: done" not in heard.result(100),
                "status_at_the_end": status,
            }


def _seed(folder: Path, data: bytes) -> int:
    file = folder / "answer.png"
    file.write_bytes(data)
    return int(read_record(file)["params"]["seed"])
