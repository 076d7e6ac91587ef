"""Competitors with faults put into them on purpose, on a clock that only they move."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zimg_kernel.errors import OutOfMemory
from zimg_kernel.experiments.bench.competitors import Answer, Competitor, Request
from zimg_kernel.experiments.bench.result import BenchResult, Case
from zimg_kernel.experiments.bench.runner import Runner

STEPS = 8


class Clock:
    """Seconds that pass only when somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Painter(Competitor):
    """Draws a picture in about a second of its clock, with the noise of a busy machine.

    Parameters
    ----------
    slower : float
        What each step takes longer, as a share.
    leak : float
        Memory that each picture keeps, 10**9 bytes.
    most : int
        Pixels beyond which memory runs out.
    paint : callable
        Makes the picture.
    """

    kind = "engine"

    def __init__(
        self,
        clock: Clock,
        name: str = "painter",
        *,
        seed: int = 0,
        slower: float = 0.0,
        leak: float = 0.0,
        most: int = 10**9,
        paint: Callable[[int, int], Image.Image] | None = None,
    ) -> None:
        self.name = name
        self._clock, self._random = clock, random.Random(seed)
        self._slower, self._leak, self._most = slower, leak, most
        self._paint, self._drawn, self.recovered = paint or striped, 0, 0

    def draw(self, request: Request) -> Answer:
        """Draw."""
        width, height = request.params.get("width", 64), request.params.get("height", 64)
        if width * height > self._most:
            raise OutOfMemory("It did not fit.", code="out-of-memory", field="size")
        busy = self._random.lognormvariate(0, 0.03)
        steps = [0.1 * busy * self._random.lognormvariate(0, 0.01) for _ in range(STEPS)]
        steps = [step * (1 + self._slower) for step in steps]
        self._clock.sleep(0.2 * busy + sum(steps))
        self._drawn += 1
        ram = 0.5 + self._leak * self._drawn + self._random.gauss(0, 0.0005)
        image = self._paint(width, height)
        return Answer(
            [image], steps=steps, resources={"ram_end": ram, "ram_peak": ram}, params=request.params
        )

    def recover(self) -> None:
        """Note that somebody asked for it."""
        self.recovered += 1


class Sleeper(Competitor):
    """Never answers, not even when it is cancelled."""

    kind = "engine"
    name = "sleeper"

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.asked = 0

    def draw(self, request: Request) -> Answer:
        """Sleep."""
        self.asked += 1
        self.woken.wait(60)
        return Answer()


def striped(width: int, height: int) -> Image.Image:
    """A picture that nothing is wrong with."""
    values = np.linspace(0, 255, width, dtype=np.uint8)
    return Image.fromarray(np.tile(values, (height, 1))).convert("RGB")


def run(
    folder: Path,
    competitors: list[Competitor],
    cases: list[Case] | None = None,
    *,
    suite: str = "latency",
    rounds: int = 10,
    clock: Clock | None = None,
    time_limit: float = 20,
    **more: Any,
) -> BenchResult:
    """Run a benchmark with these competitors."""
    settings = {"rounds": rounds, "seed": 1, "time_limit": time_limit, "warm_cases": []}
    settings["in_order"] = suite in ("sizes", "stability")
    cases = cases or [Case(name="default", params={"prompt": "any"})]
    on_clock = {} if clock is None else {"clock": clock}
    runner = Runner(suite, competitors, cases, folder, settings, progress=False, **on_clock, **more)
    return runner.run()
