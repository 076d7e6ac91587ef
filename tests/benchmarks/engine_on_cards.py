"""Times 40 pictures of the shared engine with one NVIDIA card against two, at full size.

On a machine with two CUDA GPUs of 40 GB or more (random weights, on which speed does not depend):

    python tests/benchmarks/engine_on_cards.py --json notebooks/reports/engine_two_cards.json

One client without torch submits all pictures at once, each with a prompt and a seed of its own;
the time is that from the first submission to the last picture in the gallery. Each engine has drawn
before, on each of its cards.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from second_process import card

PICTURES = 40
PROMPT = "左边一个红色的圆，右边一个蓝色的方块，中间是一只猫"
_PATIENCE = 120  # seconds for a picture, loading included


def main() -> None:
    """Measure both; print them, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a diffusers folder; random weights otherwise")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        card(work, given.folder)
        os.environ["ZIMG_SPEED"] = "exact"
        found: dict[str, Any] = {}
        for cards in (1, 2):
            found[f"{cards} cards"] = measure(work / str(cards), cards)
            print(cards, found[f"{cards} cards"], flush=True)
        one, two = (found[f"{cards} cards"]["s"] for cards in (1, 2))
        found["times as fast on 2 cards"] = round(one / two, 3)
        print(found["times as fast on 2 cards"])
        if given.json:
            given.json.write_text(json.dumps(found, indent=1) + "\n")


def measure(work: Path, cards: int) -> dict[str, Any]:
    """Return the seconds of all pictures by an engine of so many cards."""
    from zimg_kernel import Gallery, GenerationParams
    from zimg_kernel.cluster.client import ClusterEngine
    from zimg_kernel.cluster.control import start_engine, stop_engine
    from zimg_kernel.cluster.options import Options

    work.mkdir()
    os.environ["ZIMG_HOME"] = str(work)
    engine = ClusterEngine(start_engine(Options(workers=cards)), Gallery(work / "pictures"))

    def params(number: int) -> GenerationParams:
        return GenerationParams(
            prompt=f"{PROMPT} {number:02}", seed=number, width=1024, height=1024, steps=8,
            model="full-size",
        )  # fmt: skip

    try:
        begun = time.monotonic()
        for job in [engine.submit(params(100 + i), preview="none") for i in range(6 * cards)]:
            job.result(_PATIENCE)
        warm = time.monotonic() - begun
        begun = time.monotonic()
        for job in [engine.submit(params(i), preview="none") for i in range(PICTURES)]:
            job.result(_PATIENCE)
        seconds = time.monotonic() - begun
    finally:
        engine.close()
        stop_engine()
    told = {"s": round(seconds, 2), "first pictures s": round(warm, 1)}
    return {**told, "client imported torch": "torch" in sys.modules}


if __name__ == "__main__":
    main()
