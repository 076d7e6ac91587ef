"""Times a small notebook as a job, with and without the grammar that importing papermill builds.

    python tests/benchmarks/notebook_run.py --rounds 8

Each round runs both ways in processes of their own, in turn; the ratio is that of their sums.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "small.ipynb"


def main() -> None:
    """Run the rounds, or one job in this process where asked by one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--once", choices=("with", "without"), help="One job, in this process.")
    given = parser.parse_args()
    if given.once:
        once(given.once == "without")
        return
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(given.rounds):
        for way in ("with", "without") if number % 2 else ("without", "with"):
            start = time.perf_counter()
            subprocess.run([sys.executable, __file__, "--once", way], check=True)
            seconds[way].append(time.perf_counter() - start)
    print(
        json.dumps(
            {
                "seconds with": round(median(seconds["with"]), 2),
                "seconds without": round(median(seconds["without"]), 2),
                "ratio": round(sum(seconds["without"]) / sum(seconds["with"]), 2),
                "rounds": given.rounds,
            }
        )
    )


def once(without: bool) -> None:
    """Run the notebook."""
    from zimg_kernel.cli.address_grammar import without_address_grammar
    from zimg_kernel.cli.run import run_notebook

    with (
        without_address_grammar() if without else contextlib.nullcontext(),
        tempfile.TemporaryDirectory() as folder,
    ):
        run_notebook(NOTEBOOK, {"number": "7"}, Path(folder) / "out.ipynb")


if __name__ == "__main__":
    main()
