"""Chaos of the shared engine: requests of many clients while its processes are killed.

``make chaos`` runs it: 300 requests of 16 clients, 14 kills, two of them of all processes at once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cluster.chaos import run_chaos
from cluster.running import RunningEngine


def main() -> None:
    """Run the chaos; exit with 1 if a picture is lost, there twice, or does not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--kills", type=int, default=14)
    parser.add_argument("--together", type=int, default=2, help="kills of all processes at once")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="zimg-chaos-") as folder,
        RunningEngine(Path(folder), workers=given.workers) as engine,
    ):
        result = run_chaos(
            engine, given.requests, given.clients, given.kills, given.together, given.seed
        )
    edits = sum(one["edit"] for one in result.told)
    print(f"{len(result.told)} pictures, {edits} of them edits, in {result.seconds:.0f} s")
    print(f"{len(result.kills)} kills: {dict(Counter(result.kills))}")
    for problem in result.problems:
        print(f"PROBLEM: {problem}")
    sys.exit(bool(result.problems))


if __name__ == "__main__":
    main()
