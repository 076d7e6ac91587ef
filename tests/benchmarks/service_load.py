"""The service under load: how busy its engine is, what it adds to a picture, how soon it answers.

``python tests/benchmarks/service_load.py --json notebooks/reports/service_load.json``. Rounds of
the engine alone, in this process, and of the service, in one of its own, in turn: the same
requests, all waiting from the beginning. Then idle listeners of one job's events.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
import requests

from service.process import ServiceProcess
from service.small import circle
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.gallery import Gallery

REQUEST = {"width": 256, "height": 256, "steps": 8, "model": "nano-turbo"}


def main() -> None:
    """Measure and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=16, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimg-load-") as folder:
        home = Path(folder)
        engine = LocalEngine(Gallery(home / "plain"))
        with ServiceProcess(home, "--max-waiting=1000", "--time-limit=600") as service:
            plain_round(engine, 1, 0)
            service_round(service, 1, 0)
            plain, served = [], []
            for number in range(1, given.rounds + 1):
                plain.append(plain_round(engine, given.pictures, 1000 * number))
                served.append(service_round(service, given.pictures, 1000 * number))
            listening = listeners(service, given.listeners)
        engine.close()
    added = [
        (after["seconds"] - before["seconds"]) / given.pictures
        for before, after in zip(plain, served, strict=True)
    ]
    result = {
        "command": "python " + " ".join(sys.argv),
        "when": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": os.getloadavg(),
        "request": REQUEST,
        "plain": plain,
        "served": served,
        "ratio_of_time": statistics.median(
            after["seconds"] / before["seconds"]
            for before, after in zip(plain, served, strict=True)
        ),
        "added_seconds_each": statistics.median(added),
        "added_beside_drawing_each": statistics.median(one["between"] for one in served)
        - statistics.median(one["between"] for one in plain),
        "listeners": listening,
    }
    text = json.dumps(result, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")


def plain_round(engine: LocalEngine, pictures: int, seed: int) -> dict[str, float]:
    """Let the engine draw pictures that all wait from the beginning."""
    jobs = [
        engine.submit(
            GenerationParams(prompt="a red circle", seed=seed + n, **REQUEST), preview="none"
        )
        for n in range(pictures)
    ]
    drawn = sum(image.timings["total"] for job in jobs for image in job.results())
    assert jobs[0].started
    assert jobs[-1].ended
    return _busy((jobs[-1].ended - jobs[0].started).total_seconds(), drawn, pictures)


def service_round(service: ServiceProcess, pictures: int, seed: int) -> dict[str, Any]:
    """Let as many clients ask for one picture each, all at once; look at /healthz meanwhile."""
    url = f"{service.url}/v1/generate"
    ended = threading.Event()
    waits: list[float] = []

    def watch() -> None:
        with requests.Session() as session:
            while not ended.wait(0.1):
                began = time.perf_counter()
                assert session.get(f"{service.url}/healthz", timeout=20).status_code == 200
                waits.append(time.perf_counter() - began)

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(pictures) as pool:
        asked = [
            pool.submit(requests.post, url, json=circle(seed + n, **REQUEST), timeout=600)
            for n in range(pictures)
        ]
        ids = [one.result().headers["X-Zimg-Job"] for one in asked]
    ended.set()
    watching.join()
    jobs = [requests.get(f"{service.url}/v1/jobs/{one}", timeout=20).json() for one in ids]
    begun = min(datetime.fromisoformat(job["started"]) for job in jobs)
    last = max(datetime.fromisoformat(job["ended"]) for job in jobs)
    drawn = sum(job["pictures"][0]["seconds"] for job in jobs)
    told = _busy((last - begun).total_seconds(), drawn, pictures)
    waits.sort()
    return told | {
        "healthz_median": statistics.median(waits) if waits else None,
        "healthz_99": waits[int(0.99 * len(waits))] if waits else None,
        "healthz_count": len(waits),
    }


def _busy(seconds: float, drawn: float, pictures: int) -> dict[str, float]:
    return {
        "seconds": seconds,
        "busy": drawn / seconds,
        "between": (seconds - drawn) / pictures,
    }


def listeners(service: ServiceProcess, count: int) -> dict[str, Any]:
    """Let many listen to a job that waits; return the memory that this costs."""
    assert service.process is not None
    process = psutil.Process(service.process.pid)
    running = requests.post(f"{service.url}/v1/jobs", json=circle(1, steps=200), timeout=20).json()
    waiting = requests.post(f"{service.url}/v1/jobs", json=circle(2), timeout=20).json()["id"]
    before = process.memory_info().rss
    head = f"GET /v1/jobs/{waiting}/events HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n\r\n"
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", service.port), timeout=20)
        connection.sendall(head.encode())
        connections.append(connection)
    first = [connection.recv(4096) for connection in connections]
    after = process.memory_info().rss
    for connection in connections:
        connection.close()
    for job in (running["id"], waiting):
        requests.post(f"{service.url}/v1/jobs/{job}/cancel", timeout=20)
    return {
        "count": sum(b"200 OK" in one for one in first),
        "bytes": after - before,
    }


if __name__ == "__main__":
    main()
