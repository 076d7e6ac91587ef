"""Memory of this process while one job draws many pictures.

    python tests/benchmarks/job_memory.py --count 1000

Prints the resident memory after picture 50 and after the last one, while the caller holds the job
and with it every picture. The plain alternative is to keep all pixels: what they take is printed,
too.
"""

from __future__ import annotations

import argparse
import gc
import tempfile

import psutil

from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.engine.events import Event, Finished


def main() -> None:
    """Draw the pictures and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--size", type=int, default=256, help="side in px")
    options = parser.parse_args()
    process = psutil.Process()
    seen: dict[int, int] = {}

    def note(event: Event) -> None:
        if isinstance(event, Finished):
            seen[event.index + 1] = process.memory_info().rss

    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(Gallery(folder))
        job = engine.submit(
            GenerationParams(
                model="nano-turbo", prompt="a red circle", seed=1, steps=1,
                width=options.size, height=options.size, count=options.count,
            )
        )  # fmt: skip
        job.on_event(note)
        job.results()
        first = seen[min(50, options.count)]
        print(f"after picture {min(50, options.count)}: {first / 1e6:.0f} MB")
        print(f"after picture {options.count}: {seen[options.count] / 1e6:.0f} MB")
        print(f"more: {(seen[options.count] - first) / 1e6:.0f} MB")
        pixels = options.size**2 * 3 * (options.count - min(50, options.count))
        print(f"pixels of the pictures between: {pixels / 1e6:.0f} MB")
        del job
        gc.collect()
        engine.close()


if __name__ == "__main__":
    main()
