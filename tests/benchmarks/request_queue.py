"""Measure the queue: what accepting costs, and listing, moving and cancelling of many requests.

The engine accepts requests while a task holds it, so that they all wait. Printed are medians, time
of the processor and the longest call in milliseconds, for the engine's own queue and for the list
on disk as another process sees it.

    python tests/benchmarks/request_queue.py --json notebooks/reports/request_queue_cpu.json
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from zimg_kernel import Gallery, GenerationParams, LocalEngine, edit
from zimg_kernel.engine.queue_store import QueueStore

PARAMS = GenerationParams(
    model="nano-turbo", prompt="a red circle on a blue ground", width=128, height=128, steps=4
)


def measure(calls: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Return the median, the longest and the processor's median of these calls in milliseconds."""
    seconds, processor = [], []
    for call in calls:
        start, begin = time.perf_counter(), time.process_time()
        call()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - begin)
    return {
        "median_ms": round(statistics.median(seconds) * 1e3, 3),
        "processor_ms": round(statistics.median(processor) * 1e3, 3),
        "longest_ms": round(max(seconds) * 1e3, 3),
        "calls": len(seconds),
    }


def run(requests: int, folder: Path) -> dict[str, Any]:
    """Fill a queue and measure it."""
    engine = LocalEngine(Gallery(folder / "gallery"))
    engine.submit(PARAMS).result()
    found: dict[str, Any] = {"requests": requests}
    go = threading.Event()
    engine.run(lambda model, stop: go.wait(), "nano-turbo")  # what follows waits

    source = Image.new("RGB", (1024, 1024), "white")
    alone = LocalEngine()  # without a gallery nothing is written down
    alone.run(lambda model, stop: go.wait(), "nano-turbo")
    found["submit, not written down"] = measure(
        [lambda seed=i: alone.submit(PARAMS.replace(seed=seed)) for i in range(500)]  # type: ignore[misc]
    )
    submit = [lambda seed=i: engine.submit(PARAMS.replace(seed=seed)) for i in range(requests)]  # type: ignore[misc]
    found["submit, the first 500"] = measure(submit[:500])
    found["submit, the others"] = measure(submit[500:])
    found["submit an edit of a picture of 1024 px that is kept"] = measure(
        [lambda: edit.img2img(source, "a red circle", model="nano-turbo", engine=engine)] * 9
    )
    chance = random.Random(1)
    ids = [job.id for job in engine.jobs()]
    waiting = ids[1:]
    found["list"] = measure([engine.jobs] * 20)
    found["move"] = measure(
        [lambda: engine.move(chance.choice(waiting), chance.randrange(requests))] * 100
    )
    found["move to the front"] = measure([lambda: engine.move(chance.choice(waiting), 0)] * 100)
    gone = chance.sample(waiting, 100)
    found["cancel"] = measure([lambda id=id: engine.cancel(id) for id in gone])  # type: ignore[misc]

    other = QueueStore(folder / "gallery")
    left = [id for id in waiting if id not in gone]
    found["list, another process"] = measure([other.waiting] * 20)
    found["list the first 100, another process"] = measure([lambda: other.waiting(100)] * 20)
    found["move, another process"] = measure(
        [lambda: other.move(chance.choice(left), chance.randrange(requests))] * 50
    )
    gone = chance.sample(left, 50)
    found["cancel, another process"] = measure([lambda id=id: other.cancel(id) for id in gone])  # type: ignore[misc]
    start = time.perf_counter()
    for each in (engine, alone):
        go.set()
        each.close()
    found["close_s"] = round(time.perf_counter() - start, 3)
    return found


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(options.requests, Path(folder))
    for name, value in found.items():
        print(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
