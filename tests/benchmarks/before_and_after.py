"""Times this tree beside an older one: gallery, one picture, thumbnails and cold starts.

    git worktree add /tmp/old 7c18449
    python tests/benchmarks/before_and_after.py --old /tmp/old --rounds 9 --json \\
        notebooks/reports/before_and_after_cpu.json

Each round runs every task with both trees, in new processes and in turns, so that what else the
machine does falls on both alike; which tree comes first changes from round to round. The table
holds medians by the clock, and of the rounds' ratios by the clock and in processor time, which
other programs disturb less. Both trees look at the same pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from gallery_rebuild import make_gallery

HERE = Path(__file__).resolve().parents[2]
_PICTURES = 2000
_NOW = "start = time.perf_counter(), time.process_time()\n"
_BEGIN = f"import sys, time; from pathlib import Path\n{_NOW}"
_END = "\nprint(time.perf_counter() - start[0], time.process_time() - start[1])"
_READ = "from zimg_kernel import Gallery; gallery = Gallery(Path('gallery'))\n"

# What is timed of each: from `start` to the end of the script.
TASKS = {
    "gallery rebuild, 2,000 pictures": f"{_READ}{_NOW}gallery.rebuild()",
    "zimg show of a picture, whole process": (
        "from zimg_kernel.cli import main; main(['show', sys.argv[1]])"
    ),
    "its record alone": (
        "from zimg_kernel.images.metadata import read_record\n"
        f"read_record(Path(sys.argv[1]))\n{_NOW}"
        "for _ in range(3000): read_record(Path(sys.argv[1]))"
    ),
    "first 40 thumbnails of the gallery": (
        f"{_READ}from zimg_kernel.images.thumbnails import thumbnail\n"
        "entries = gallery.search(limit=40)\n"
        f"{_NOW}for entry in entries: thumbnail(entry.path)"
    ),
    "zimg generate, cold": (
        "from zimg_kernel.cli import main\n"
        "main(['generate', 'a red circle', '--model', 'nano-turbo', '--seed', '1'])"
    ),
    "import zimg_kernel": "import zimg_kernel",
}


def seconds(tree: Path, task: str, folder: Path) -> dict[str, float]:
    """Return the seconds of a task, by the clock and of the processor, with a tree's packages."""
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'widgets'}"}
        miniatures = folder / f"cache-{tree.name}"  # put together once; thumbnails never stay
        env |= {"ZIMG_HOME": cache, "OMP_NUM_THREADS": "1"}
        env["ZIMG_CACHE"] = cache if "thumbnails" in task else str(miniatures)
        picture = next((folder / "gallery").glob("*/*ours.png"))
        done = subprocess.run(
            [sys.executable, "-c", f"{_BEGIN}{TASKS[task]}{_END}", str(picture)],
            env=env, cwd=folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
    wall, cpu = done.stdout.splitlines()[-1].split()
    return {"wall": float(wall), "cpu": float(cpu)}


def main() -> None:
    """Run the rounds, print the table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--old", type=Path, required=True, help="another source tree")
    parser.add_argument("--new", type=Path, default=HERE, help="by default this one")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tasks", default="", help="only those with this in their name")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    trees = {"old": given.old.resolve(), "new": given.new.resolve()}
    tasks = [task for task in TASKS if given.tasks in task]
    taken: dict[str, list[dict[str, dict[str, float]]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_gallery(folder / "gallery", _PICTURES, 0.05)
        for number in range(-1, given.rounds):  # the first compiles, and is not counted
            order = sorted(trees, reverse=bool(number % 2))
            for task in tasks:
                pair = {name: seconds(trees[name], task, folder) for name in order}
                if number >= 0:
                    taken[task].append(pair)
    rows = [_row(task, taken[task]) for task in tasks]
    width = max(map(len, tasks))
    print(f"{'median seconds':{width}}  {'old':>8}{'new':>9}   new / old   in processor time")
    for row in rows:
        low, high = row["cpu"]["ratios"][0], row["cpu"]["ratios"][-1]
        times = f"{row['wall']['old']:8.4f}{row['wall']['new']:9.4f}{row['wall']['ratio']:12.3f}"
        spread = f"{row['cpu']['ratio']:11.3f} ({low:.3f} to {high:.3f})"
        print(f"{row['task']:{width}}  {times}{spread}")
    if given.json:
        report = {
            "old": _commit(trees["old"]), "new": _commit(trees["new"]), "rounds": given.rounds,
            "pictures": _PICTURES, "cores": os.cpu_count(), "load": round(os.getloadavg()[1], 1),
            "tasks": rows,
        }  # fmt: skip
        given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _row(task: str, pairs: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    row: dict[str, Any] = {"task": task}
    for kind in ("wall", "cpu"):
        ratios = sorted(pair["new"][kind] / pair["old"][kind] for pair in pairs)
        row[kind] = {
            "old": round(statistics.median(pair["old"][kind] for pair in pairs), 5),
            "new": round(statistics.median(pair["new"][kind] for pair in pairs), 5),
            "ratio": round(statistics.median(ratios), 4),
            "ratios": [round(ratio, 4) for ratio in ratios],
        }
    return row


def _commit(tree: Path) -> str:
    return subprocess.run(
        ["git", "-C", str(tree), "rev-parse", "--short", "HEAD"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip


if __name__ == "__main__":
    main()
