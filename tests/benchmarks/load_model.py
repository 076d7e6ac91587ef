"""Measures how long a model takes from its files to ready, beside ``from_pretrained`` and the disk.

    python tests/benchmarks/load_model.py --folder MODEL --json load_model.json

Without a folder it loads the miniature. In one process, in turn, with the files in the page cache:
diffusers' ``from_pretrained(...).to(device)``, and the package's loading under each profile that
is named: ``exact:8`` keeps to 8 GB, ``fast+file`` loads weights that were rounded beforehand, for
which it writes 6 GB for a time. Beside them stands what plain reading of the same files by several
threads brings: from the page cache, and from the disk as far as the system lets the files be
dropped from memory. On a CPU, weights in the files' own format are mapped, not read, and GB/s says
little. What does not fit into the time is left out and named.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import mmap
import os
import statistics
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

CHUNK = 16 << 20
THREADS = 8
COLD_SECONDS = 12.0  # of reading from the disk: enough to know its speed


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a diffusers folder; the miniature otherwise")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=75, help="begin nothing after this time")
    parser.add_argument("--dtype", help="bfloat16 on a GPU and float32 on a CPU otherwise")
    parser.add_argument("--profiles", nargs="*", help="speed or speed:GB, such as exact fast:8")
    given = parser.parse_args()
    near = given.folder.parent if given.folder and os.access(given.folder.parent, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=near, ignore_cleanup_errors=True) as homes:
        measure(given, Path(homes))


def measure(given: argparse.Namespace, homes: Path) -> None:
    """Measure with folders of settings of its own."""
    bench = Bench(given.folder, given.json, given.seconds, homes)
    bench.dtype = given.dtype or bench.dtype
    bench.found["dtype"] = bench.dtype
    try:
        bench.disk()
    except OSError as error:
        bench.note("disk failed", str(error))
    usual = ["stock", "exact", "fast"] if bench.device.type == "cuda" else ["stock"]
    bench.loads(given.profiles or usual, given.rounds)


class Bench:
    """One run: the model, what was found so far, and where it is written."""

    def __init__(self, folder: Path | None, out: Path | None, seconds: float, homes: Path) -> None:
        from zimg_kernel import get_card
        from zimg_kernel.models.device import describe
        from zimg_kernel.models.diffusers_folder import weight_files, weighted_components
        from zimg_kernel.models.weights import require_weights

        self.homes = homes
        os.environ["ZIMG_HOME"] = str(homes / "without")
        self.began, self.seconds, self.out = time.monotonic(), seconds, out
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.card = get_card("z-image-turbo" if folder else "nano-turbo")
        self.folder = folder or require_weights(self.card)
        self.dtype = "bfloat16" if self.device.type == "cuda" else "float32"
        parts = weighted_components(self.folder)
        self.files = [path for part in parts for path in weight_files(self.folder / part)]
        self.bytes = sum(path.stat().st_size for path in self.files)
        self.found: dict[str, Any] = {
            "device": describe(self.device),
            "torch": torch.__version__,
            "files GB": round(self.bytes / 1e9, 3),
            "cpus": os.cpu_count(),
        }
        self._warm_up()

    def note(self, name: str, value: Any) -> None:
        """Keep a figure, print it, and write all of them."""
        self.found[name] = value
        print(f"[{time.monotonic() - self.began:4.0f} s] {name}: {value}", flush=True)
        if self.out is not None:
            self.out.write_text(json.dumps(self.found, ensure_ascii=False, indent=1) + "\n")

    def disk(self) -> None:
        """Note the speed of plain reading: from the disk, then from the page cache."""
        left = drop(self.files)
        size, seconds = read_all(self.files, COLD_SECONDS)
        self.note("disk", {"GB/s": speed(size, seconds), "GB": round(size / 1e9, 2),
                           "share still in memory": left})  # fmt: skip
        read_all(self.files)
        size, seconds = read_all(self.files)
        self.note("page cache", {"GB/s": speed(size, seconds)})

    def loads(self, profiles: list[str], rounds: int) -> None:
        """Note seconds of all ways, in turn."""
        ways: dict[str, Callable[[], Any]] = {"from_pretrained, then to": self._stock}
        ways |= {name: lambda name=name: self._ours(name) for name in profiles}
        times: dict[str, list[float]] = {name: [] for name in ways}
        sums: dict[str, Any] = {}
        for _ in range(rounds):
            for name, load in ways.items():
                longest = max(times[name], default=0.0)
                if time.monotonic() - self.began + longest > self.seconds:
                    self.note(f"left out of a round: {name}", "no time")
                    continue
                try:
                    self._file(name)
                    self._once(name, load, times, sums)
                except Exception as error:
                    traceback.print_exc()
                    self.note(f"{name} failed", f"{type(error).__name__}: {error}"[:300])
                self._clear()
        usual = times["from_pretrained, then to"]
        for name, seconds in times.items():
            if usual and seconds and seconds is not usual:
                ratio = statistics.median(usual) / statistics.median(seconds)
                self.note(f"from_pretrained / {name}", round(ratio, 2))
        first = next(iter(sums.values()), None)
        for name, found in sums.items():
            self.note(f"numbers of {name} are from_pretrained's", found == first)

    def _once(
        self,
        name: str,
        load: Callable[[], Any],
        times: dict[str, list[float]],
        sums: dict[str, Any],
    ) -> None:
        began = time.perf_counter()
        model = load()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - began
        times[name].append(round(seconds, 3))
        median = statistics.median(times[name])
        told: dict[str, Any] = {"s": round(median, 3), "GB/s": speed(self.bytes, median)}
        if self.device.type == "cuda":
            told["GB at most"] = round(torch.cuda.max_memory_reserved() / 1e9, 2)
            torch.cuda.reset_peak_memory_stats()
        self.note(name, {**told, "runs": times[name]})
        quick = self.device.type == "cuda" or self.bytes < 1e9
        if quick and name not in sums and ":" not in name and "fast" not in name:
            sums[name] = check_sums(getattr(model, "pipe", model))

    def _stock(self) -> Any:
        import diffusers

        kind = getattr(diffusers, self.card.pipeline, diffusers.ZImagePipeline)
        dtype = getattr(torch, self.dtype)
        return kind.from_pretrained(self.folder, dtype=dtype, use_safetensors=True).to(self.device)

    def _ours(self, name: str) -> Any:
        from zimg_kernel.models.load_profile import LoadProfile
        from zimg_kernel.models.loading import ModelStore

        kind, _, memory = name.replace("+file", "").partition(":")
        profile = LoadProfile(self.dtype, speed=kind, memory=float(memory or 0))  # type: ignore[arg-type]
        return ModelStore(self.device).get(self.card, self.folder, profile)

    def _file(self, name: str) -> None:
        """Let the file of 8-bit weights be there, or not."""
        if "+file" not in name:
            os.environ["ZIMG_HOME"] = str(self.homes / "without")
            return
        from zimg_kernel.models.fp8_file import make_fp8

        os.environ["ZIMG_HOME"] = str(self.homes / "with")
        began = time.perf_counter()
        made = make_fp8(self.card, self.folder, lambda _: None)
        if "fp8 file" not in self.found:
            told = {"s to make": round(time.perf_counter() - began, 1)}
            self.note("fp8 file", {**told, "GB": round(made.stat().st_size / 1e9, 2)})

    def _warm_up(self) -> None:
        """Import all that loading needs, and begin the device's work."""
        import diffusers

        from zimg_kernel import get_card
        from zimg_kernel.models.load_profile import LoadProfile
        from zimg_kernel.models.loading import ModelStore
        from zimg_kernel.models.weights import require_weights

        diffusers.utils.logging.disable_progress_bar()
        small = get_card("nano-turbo")
        ModelStore(self.device).get(small, require_weights(small), LoadProfile(self.dtype))
        self._clear()

    def _clear(self) -> None:
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def speed(size: float, seconds: float) -> float:
    """Return GB/s."""
    return round(size / 1e9 / max(seconds, 1e-9), 2)


def read_all(files: list[Path], most: float = float("inf")) -> tuple[int, float]:
    """Read files by several threads for so many seconds at most; return bytes and seconds."""
    began, own = time.perf_counter(), threading.local()

    def read(job: tuple[Path, int]) -> int:
        if time.perf_counter() - began > most:
            return 0
        if not hasattr(own, "buffer"):
            own.buffer = bytearray(CHUNK)
        with job[0].open("rb", buffering=0) as file:
            file.seek(job[1])
            return file.readinto(own.buffer) or 0  # type: ignore[attr-defined, no-any-return]

    jobs = [(path, at) for path in files for at in range(0, path.stat().st_size, CHUNK)]
    with ThreadPoolExecutor(THREADS) as pool:
        size = sum(pool.map(read, jobs))
    return size, time.perf_counter() - began


def drop(files: list[Path]) -> float | str:
    """Ask the system to forget the files' pages; return the share that is still in memory."""
    if not hasattr(os, "posix_fadvise"):
        return "unknown"
    there = pages = 0
    for path in files:
        with path.open("r+b" if os.access(path, os.W_OK) else "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            found = _in_memory(file.fileno(), path.stat().st_size)
        if found is None:
            return "unknown"
        there, pages = there + found[0], pages + found[1]
    return round(there / max(pages, 1), 3)


def _in_memory(number: int, size: int) -> tuple[int, int] | None:
    """Return how many pages of an open file are in memory, and of how many."""
    both = mmap.PROT_READ | mmap.PROT_WRITE  # ctypes takes the address of nothing less
    try:
        with mmap.mmap(number, size, flags=mmap.MAP_PRIVATE, prot=both) as view:
            state = np.zeros(-(-size // mmap.PAGESIZE), np.uint8)
            anchor = ctypes.c_char.from_buffer(view)
            failed = ctypes.CDLL(None).mincore(
                ctypes.c_void_p(ctypes.addressof(anchor)),
                ctypes.c_size_t(size),
                ctypes.c_void_p(state.ctypes.data),
            )
            del anchor
            return None if failed else (int((state & 1).sum()), len(state))
    except (OSError, ValueError, AttributeError):
        return None


@torch.no_grad()
def check_sums(pipe: Any) -> dict[str, int]:
    """Return a sum of the bits of each parameter and buffer."""
    found = {}
    for name, part in pipe.components.items():
        if isinstance(part, torch.nn.Module):
            for key, value in [*part.named_parameters(), *part.named_buffers()]:
                bits = {2: torch.int16, 4: torch.int32}.get(value.element_size())
                if bits is not None:
                    found[f"{name}.{key}"] = int(value.view(bits).sum(dtype=torch.int64))
    return found


if __name__ == "__main__":
    main()
