"""Times putting pictures back from the trash, and the lineage of a long chain of versions.

    python tests/benchmarks/gallery_undo_and_lineage.py --pictures 1000 --chain 500

A baseline is the same script with ``PYTHONPATH`` at another checkout.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from families import Maker
from zimg_kernel import Gallery


def main() -> None:
    """Print the seconds of each as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--chain", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        gallery = Gallery(Path(place))
        maker = Maker(gallery)
        last = maker.new("red")
        for number in range(given.chain - 1):
            last = maker.edit(last, f"#{number:04x}07", "instruct", "again")
        seconds = {"lineage of a chain": measure(lambda: gallery.lineage(last))}
        assert len(gallery.lineage(last)) == given.chain
        paths = []
        for number in range(given.pictures):
            image = maker.new(f"#{number:04x}09")
            assert image.path is not None
            paths.append(image.path)
        trashed = gallery.trash(paths)
        seconds["restore"] = measure(lambda: gallery.restore(trashed))
        assert len(gallery) == given.chain + given.pictures
    print(json.dumps({name: round(value, 3) for name, value in seconds.items()}))


def measure(action: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
