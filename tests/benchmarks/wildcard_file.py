"""Times ``zimg prompt --count 20`` with a wildcard file of 100,000 lines.

python tests/benchmarks/wildcard_file.py --lines 100000 --count 20
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Print the seconds of the whole command, process and all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--count", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = (
            f"line {number}, {{dark|light}}\n" if number % 10 == 0 else f"plain line {number}\n"
            for number in range(given.lines)
        )
        Path(folder, "big.txt").write_text("".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "zimg_kernel", "prompt", "a __big__ wall"]
        command += ["--count", str(given.count), "--wildcards", folder]
        start = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    assert len(done.stdout.splitlines()) == given.count
    print(f"{seconds:.2f} s for {given.count} prompts from {given.lines:,} lines")


if __name__ == "__main__":
    main()
