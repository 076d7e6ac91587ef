"""Program of the second process: it computes its half of the tokens, as the first one tells it.

    python -m zimg_kernel.speed.split.second PIPE MEETING DEVICE PARENT

It ends with the first process, however that ends.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


def _watch(parent: int) -> None:
    """End this process once another one has become its parent."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


class Second:
    """What the second process keeps: its blocks, rotations of the shapes seen, recordings."""

    def __init__(self, pipe: Connection, channel: Any, device: Any) -> None:
        from zimg_kernel.speed.graphs import StepGraphs

        self.pipe, self.channel, self.device = pipe, channel, device
        self.rows: dict[str, Any] = {}
        self.turns: dict[Any, Any] = {}
        self.graphs = StepGraphs() if device.type == "cuda" else None

    def take_blocks(self, rows: dict[str, dict[str, Any]], dtype: str) -> None:
        """Receive the weights of each row of blocks."""
        import torch

        from zimg_kernel.speed.attention import pick_attention, pick_attention_fp8
        from zimg_kernel.speed.blocks import Resident, Row

        from .exchange import Exchange
        from .plan import received

        attention = pick_attention(self.device, getattr(torch, dtype))
        for name, row in rows.items():
            blocks = [received(plan, self.device, self.channel.share) for plan in row["blocks"]]
            small = pick_attention_fp8(self.device) if row["attention_fp8"] else None
            self.rows[name] = Row(
                Resident(blocks), row["heads"], row["eps"], attention, small,
                across=Exchange(self.channel, 1),
            )  # fmt: skip

    def take_shape(self, key: Any, shapes: list[tuple[int, ...]]) -> None:
        """Receive the rotations of its tokens of a shape."""
        import torch

        from zimg_kernel.speed.blocks import Rotation

        found = [torch.empty(s, dtype=torch.float32, device=self.device) for s in shapes]
        found = [self.channel.share(x) for x in found]
        self.turns[key] = (Rotation(*found[:2]), Rotation(*found[2:]))

    def step(self, key: Any, shapes: list[tuple[int, ...]], dtypes: list[str]) -> None:
        """Compute a step's share."""
        if self.graphs is None:
            self._step(key, shapes, dtypes)
        else:
            self.graphs.run(key, lambda: self._step(key, shapes, dtypes))

    def _step(self, key: Any, shapes: list[tuple[int, ...]], dtypes: list[str]) -> Any:
        import torch

        from zimg_kernel.speed.transformer import run_rows

        from .exchange import modulations

        x, captions, *times = (
            self.channel.share(torch.empty(shape, dtype=getattr(torch, dtype), device=self.device))
            for shape, dtype in zip(shapes, dtypes, strict=True)
        )
        picture, both = self.turns[key]
        early, late = modulations(times)
        found = run_rows(self.rows, picture, both, x, captions, early, late)
        return self.channel.share(found[:, : x.shape[1]], root=1)


def serve(pipe: Connection, meeting: str, place: str) -> None:
    """Do what the first process says until it says that this is the end, or is gone."""
    import torch

    from .channel import Channel

    device = torch.device(place)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    pipe.send(("ready", ""))
    channel = Channel(Path(meeting), 1, device)
    channel.open()
    second = Second(pipe, channel, device)
    calls: dict[str, Any] = {
        "blocks": second.take_blocks,
        "shape": second.take_shape,
        "step": second.step,
    }
    pipe.send(("ready", ""))
    with torch.inference_mode():
        while True:
            what, *more = pipe.recv()
            if what == "end":
                break
            calls[what](*more)
            if what == "blocks":
                if device.type == "cuda":
                    torch.cuda.synchronize()
                pipe.send(("ready", ""))
    if device.type == "cuda":
        torch.cuda.synchronize()
    # Recordings hold the communicator's kernels: they go first.
    if second.graphs is not None:
        second.graphs.clear()
    channel.abort()
    channel.wait(5.0)


def main() -> None:
    """Serve; on an error say it to the first process in one sentence."""
    descriptor, meeting, place, parent = sys.argv[1:5]
    threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()
    pipe = Connection(int(descriptor))
    try:
        serve(pipe, meeting, place)
    except EOFError:
        os._exit(1)
    except Exception as error:
        try:
            pipe.send(("failed", f"{type(error).__name__}: {error}".splitlines()[0][:300]))
        except OSError:
            pass
        os._exit(1)
    os._exit(0)  # without waiting for what libraries still hold


if __name__ == "__main__":
    main()
