"""Cold start: seconds of a whole ``zimg generate``, of this tree beside another one.

Each round runs both, in turns, in new processes, so that what else the machine does falls on
both alike::

    python tests/benchmarks/cold_start.py --old ../before --rounds 7
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
COMMAND = ["generate", "a red circle", "--model", "nano-turbo", "--seed", "1"]


def seconds(tree: Path, command: list[str], threads: str) -> float:
    """Return how long a command takes with the packages of a source tree."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'widgets'}"}
        env |= {"ZIMG_GALLERY": folder}
        env.pop("OMP_NUM_THREADS", None)
        if threads:
            env["OMP_NUM_THREADS"] = threads
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "zimg_kernel", *command],
            env=env,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - start


def main() -> None:
    """Print the medians of both trees and of the rounds' ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--old", type=Path, required=True, help="another source tree")
    parser.add_argument("--new", type=Path, default=HERE, help="by default this one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", default="", help="OMP_NUM_THREADS; by default not set")
    parser.add_argument("command", nargs="*", default=COMMAND, help="what zimg is called with")
    given = parser.parse_args()
    trees = [given.old.resolve(), given.new.resolve()]
    for tree in trees:  # compiles what has not been imported yet
        seconds(tree, given.command, given.threads)
    pairs = [
        [seconds(tree, given.command, given.threads) for tree in trees] for _ in range(given.rounds)
    ]
    old, new = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [after / before for before, after in pairs]
    print(f"old {old:.2f} s, new {new:.2f} s (medians of {given.rounds} rounds)")
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"ratio {statistics.median(ratios):.2f} (median; rounds {spread})")


if __name__ == "__main__":
    main()
