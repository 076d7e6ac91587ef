"""Reads many randomly damaged pictures: none may raise more than a refusal, or take long.

    python tests/benchmarks/damaged_pictures.py --seconds 60

Pictures of many tools and formats with parameters inside get random bytes, cuts and repetitions.
Each is read for its record, and one in ten also opened with its pixels and as an edit's source.
It exits with 1 where anything but a refusal was raised, or one file took over a second.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from foreign_files import refusal
from mutations import mutated, originals
from zimg_kernel import BadInput, GeneratedImage
from zimg_kernel.images.reading import read
from zimg_kernel.images.source import load_source
from zimg_kernel.images.thumbnails import thumbnail


def main() -> int:
    """Damage and read until the time is over; print counts and the slowest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # PIL's, of damaged EXIF
    chance, found, slowest = random.Random(given.seed), Counter[str](), 0.0
    with tempfile.TemporaryDirectory() as place:
        os.environ["ZIMG_CACHE"] = place  # thumbnails
        files = [(path, path.read_bytes()) for path in originals(Path(place))]
        end = time.monotonic() + given.seconds
        while time.monotonic() < end:
            path, content = chance.choice(files)
            damaged = mutated(content, chance)
            start = time.perf_counter()
            try:
                found[refusal(damaged) or "read"] += 1
                if chance.random() < 0.1:
                    found[_opened(path.with_stem("damaged"), damaged)] += 1
            except Exception as error:
                found[f"raised {type(error).__name__}"] += 1
                print(f"{path.name}: {type(error).__name__}: {error}")
            slowest = max(slowest, time.perf_counter() - start)
    for what, count in found.most_common():
        print(f"{count:9} {what}")
    print(f"{slowest:9.3f} s, the slowest")
    return int(slowest > 1 or any(what.startswith("raised") for what in found))


def _opened(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    done = 0
    thumbnail(path)
    for action in (GeneratedImage.open, load_source, lambda p: read(p, "image")):
        try:
            action(path)
            done += 1
        except BadInput as error:
            if "\n" in str(error):
                raise
    return "opened" if done == 3 else "not opened"


if __name__ == "__main__":
    sys.exit(main())
