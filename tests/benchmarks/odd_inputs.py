"""Reads many damaged and generated inputs: each is read or refused in one sentence, soon.

    python tests/benchmarks/odd_inputs.py --count 100000 --parts /tmp/parts

Damaged are pictures, LoRA files, models' folders, YAML files and notebooks; generated (by the
properties of ``tests/test_properties.py``) records, graphs, headers, YAML and names. Parts that
the folder ``--parts`` holds already are not run again, so that a run can be cut off and resumed.
Prints for each kind how many, tracebacks, the slowest and the most memory added, and exits with
1 where there is a traceback, one that took over a second, or one that added over 100 MB. Inputs
that fail so are kept in the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import gallery_inputs
import input_kinds
from zimg_kernel.cli.address_grammar import without_address_grammar
from zimg_kernel.errors import BadInput, ZimgError

PART = 500
MOST_SECONDS, MOST_BYTES = 1.0, 100_000_000
_HANGS = 60  # seconds
GENERATED = ("records", "graphs", "yaml", "headers_of_loras", "names_in_a_gallery")


@dataclass
class Part:
    """What some inputs of one kind led to: times in seconds, memory in bytes."""

    kind: str
    number: int
    seed: int
    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    memory: int = 0
    tracebacks: list[str] = field(default_factory=list)

    def measure(self, read: Callable[[], Any], inputs: int = 1) -> bool:
        """Read once, and again where that took long: another program may have been in the way.

        Returns False where it failed.
        """
        before = _peak(reset=True)
        seconds, well = self._once(read)
        self.memory = max(self.memory, _peak() - before)
        for _ in range(3 if 0.5 < seconds < _HANGS else 0):
            seconds = min(seconds, self._once(read, count=False)[0])
        self.slowest = max(self.slowest, seconds)
        self.inputs += inputs
        return well and seconds <= MOST_SECONDS and _peak() - before <= MOST_BYTES

    def _once(self, read: Callable[[], Any], count: bool = True) -> tuple[float, bool]:
        signal.alarm(_HANGS)
        start, well = time.perf_counter(), True
        try:
            read()
        except (BadInput, ZimgError, input_kinds.Refused) as error:
            self.refused += count
            well = isinstance(error, input_kinds.Refused) or len(str(error).splitlines()) == 1
            if not well and count:
                self.tracebacks.append(f"two lines: {error!r}")
        except Exception as error:
            well = False
            place = traceback.extract_tb(error.__traceback__)[-1]
            if count:
                self.tracebacks.append(
                    f"{error!r:.300} ({Path(place.filename).name}:{place.lineno})"
                )
        finally:
            signal.alarm(0)
        return time.perf_counter() - start, well


def main() -> int:
    """Run the parts that are not there yet; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", type=Path, help="a folder, to be resumed; else a fresh one")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--kinds", default="", help="only those with this in their name")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ["ZIMG_EXAMPLES"] = str(max(1000, PART))  # from 1000 on not always the same ones
    signal.signal(signal.SIGALRM, _hangs)
    kept = given.parts or Path(tempfile.mkdtemp(prefix="odd-inputs-"))
    kept.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + given.seconds
    with tempfile.TemporaryDirectory() as place, without_address_grammar():
        runs = dict(_runs(Path(place), kept))
        chosen = [name for name in runs if given.kinds in name]
        parts = -(-given.count // (PART * len(chosen)))
        for number in range(parts):
            for name in chosen:
                file = kept / f"{name.replace('/', '-')} {given.seed} {number}.json"
                if file.exists() or time.monotonic() > end:
                    continue
                part = Part(name, number, given.seed)
                runs[name](part)
                file.write_text(json.dumps(asdict(part)))
    return table([Part(**json.loads(path.read_text())) for path in sorted(kept.glob("* *.json"))])


def table(parts: list[Part]) -> int:
    """Print a line for each kind and all failures; return the exit code."""
    print(f"{'kind':32}{'inputs':>8}{'refused':>9}{'tracebacks':>12}{'slowest s':>11}{'MB':>7}")
    bad: Counter[str] = Counter()
    for kind in sorted({part.kind for part in parts}):
        some = [part for part in parts if part.kind == kind]
        wrong = [f"{kind}: {text}" for part in some for text in part.tracebacks]
        slowest, memory = (max(getattr(p, n) for p in some) for n in ("slowest", "memory"))
        bad.update(wrong)
        if slowest > MOST_SECONDS or memory > MOST_BYTES:
            bad[f"{kind}: {slowest:.2f} s, {memory / 1e6:.0f} MB"] += 1
        counts = f"{sum(p.inputs for p in some):8}{sum(p.refused for p in some):9}"
        print(f"{kind:32}{counts}{len(wrong):12}{slowest:11.3f}{memory / 1e6:7.1f}")
    print(f"{'all':32}{sum(p.inputs for p in parts):8}{sum(p.refused for p in parts):9}")
    for text, count in bad.most_common(40):
        print(f"{count:6} {text!a}")
    return int(bool(bad))


def _runs(folder: Path, kept: Path) -> Iterator[tuple[str, Callable[[Part], None]]]:
    for kind in (*input_kinds.kinds(folder), *gallery_inputs.kinds(folder)):
        yield kind.name, lambda part, kind=kind: _damaged(kind, part, kept)  # type: ignore[misc]
    for name in GENERATED:
        yield f"generated {name}", lambda part, name=name: _generated(name, part, folder)  # type: ignore[misc]


def _damaged(kind: input_kinds.Kind, part: Part, kept: Path) -> None:
    Path(os.environ["ZIMG_MODELS"]).unlink(missing_ok=True)  # of another kind
    kind.make(None)()  # imports; a whole one is read
    chance = random.Random(f"{part.seed} {kind.name} {part.number}")
    while part.inputs < PART:
        read = kind.make(chance)
        if not part.measure(read, kind.inputs):
            target = kept / f"failed {part.seed} {part.number} {part.inputs} {kind.file.name}"
            copy = shutil.copytree if kind.file.is_dir() else shutil.copy
            copy(kind.file, target)


def _generated(name: str, part: Part, folder: Path) -> None:
    from hypothesis import seed

    import test_properties

    test = getattr(test_properties, f"test_{name}")
    handle = test.hypothesis
    inner = handle.inner_test

    def measured(**values: Any) -> None:
        if not part.measure(lambda: inner(**values)):
            part.tracebacks.append(f"with {values!r:.2000}")

    handle.inner_test = measured
    place = folder / f"{name}-{part.number}"
    place.mkdir()
    try:
        call = seed(f"{part.seed} {part.number}")(test)
        call(**({"tmp_path": place} if "tmp_path" in inner.__code__.co_varnames[:3] else {}))
    finally:
        handle.inner_test = inner
        shutil.rmtree(place)


def _peak(reset: bool = False) -> int:
    """Return the most memory that this process has had; after a reset, what it has now."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
    except OSError:  # not Linux
        return 0
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024


def _hangs(*_: Any) -> None:
    raise TimeoutError(f"more than {_HANGS} s")


if __name__ == "__main__":
    sys.exit(main())
