"""Settings, stage clock and checkpoints of training."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from zimg_kernel.errors import BadInput
from zimg_kernel.nano.draw import render
from zimg_kernel.nano.forward import block_forward
from zimg_kernel.nano.forward_omni import omni_block_forward

from .distributed import Distributed

T = TypeVar("T")
TOY_SIDE = 64
WARM_UP = 8
"""Steps at the start of a stage that do not count as time: they compile."""


@dataclass(frozen=True)
class TrainSettings:
    """Settings of a training run. On a CPU everything runs at toy scale."""

    out: Path
    device: str
    seed: int = 0
    distributed: Distributed = field(default_factory=Distributed)
    parts: Path | None = None
    """A diffusers folder whose autoencoder, text encoder and tokenizer are taken over."""

    start: Path | None = None
    """A diffusers folder whose parts are taken over, its transformer to be trained further."""

    ends: float | None = None
    """End of all training by the monotonic clock, for a machine that is lent for a time."""

    @property
    def lesson(self) -> bool:
        """True where only the transformer is trained, in a small world."""
        return self.parts is not None

    @property
    def side(self) -> int:
        """Side in pixels of pictures at toy scale: ready-made autoencoders need 128."""
        return 2 * TOY_SIDE if self.ready else TOY_SIDE

    @property
    def ready(self) -> Path | None:
        """The folder with a ready-made autoencoder, if there is one."""
        return self.parts or self.start

    @property
    def toy(self) -> bool:
        """True to train at toy scale."""
        return self.device == "cpu"

    def toy_or(self, toy: T, full: T) -> T:
        """The first value at toy scale, else the second."""
        return toy if self.toy else full

    def compiled(self, what: str) -> Callable[..., Any]:
        """The compiled painter of a mark ("put") or transformer block ("block", "omni")."""
        functions: dict[str, Callable[..., Any]] = {
            "put": render.paint,
            "block": block_forward,
            "omni": omni_block_forward,
        }
        function = functions[what]
        return function if self.toy else _compiled(function)


@lru_cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    # Else sizes that happen to be equal (256 pictures of 256 pixels) are taken for the same
    # number, and everything is compiled again when they differ.
    torch.fx.experimental._config.use_duck_shape = False
    torch._dynamo.config.recompile_limit = 64  # with and without gradients, in both precisions
    return torch.compile(function, dynamic=True)


def autocast(device: str) -> AbstractContextManager[Any]:
    """bf16 where it is safe, on a GPU; full precision on a CPU."""
    return torch.autocast("cuda", dtype=torch.bfloat16, enabled=device != "cpu")


def load_checkpoint(path: Path, device: Any = "cpu") -> dict[str, Any]:
    """Read a checkpoint: tensors and plain values only, so that no code in it can run.

    Raises
    ------
    BadInput
        It is damaged, or holds something else.
    """
    try:
        loaded: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        if not isinstance(loaded, dict):
            raise ValueError("it holds no values by name")
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise BadInput(
            f"{path} is no checkpoint of this training ({type(error).__name__}): move it away, "
            "and its stage begins anew.",
            code="checkpoint-unreadable",
            field="folder",
        ) from None
    return loaded


class TrainingStage:
    """A stage's clock and checkpoints: it runs for a time and can be taken up again.

    Parameters
    ----------
    settings : TrainSettings
    name : str
        Names the checkpoint, ``<out>/<name>.pt``.
    seconds : float
        How long the stage trains in all: earlier runs count, compiling does not.
    part : float
        Where the settings has an end: the stage's share of the time until then.
    """

    def __init__(
        self, settings: TrainSettings, name: str, seconds: float, part: float = 1.0
    ) -> None:
        self.name, self.seconds, self.settings, self.part = name, seconds, settings, part
        self.path = settings.out / f"{name}.pt"
        self.step, self.elapsed, self.samples, self.ticks = 0, 0.0, 0, 0
        self.share = 0.0
        self.losses: list[tuple[int, float, float]] = []
        self.start = self.shown = self.saved = time.monotonic()

    @property
    def done(self) -> bool:
        """True if an earlier run finished the stage."""
        return self.path.exists() and bool(self._load()["done"])

    def _load(self) -> dict[str, Any]:
        return load_checkpoint(self.path, self.settings.device)

    def restore(self, objects: dict[str, Any]) -> dict[str, Any] | None:
        """Load the checkpoint, if there is one, into ``objects``; returns its notes."""
        notes = None
        if self.path.exists():
            state = self._load()
            self.step, self.elapsed, notes = state["step"], state["elapsed"], state["notes"]
            self.losses = state["losses"]
            for key, item in objects.items():
                item.load_state_dict(state["objects"][key])
        self.start = self.shown = self.saved = time.monotonic()
        return notes

    @property
    def time(self) -> float:
        """Seconds trained so far."""
        return self.elapsed + time.monotonic() - self.start

    @property
    def progress(self) -> float:
        """Share of the stage's time that was over when the step began, 0 to 1."""
        return min(1.0, self.share)

    def running(self) -> bool:
        """True while there is time left; the main process's clock counts for all."""
        self.share = self.settings.distributed.broadcast_value(self.time / self.seconds)
        return self.ticks < WARM_UP or self.share < 1

    def tick(self, count: int, loss: Tensor, objects: dict[str, Any]) -> None:
        """Count a step; print the speed now and then, and save once a minute."""
        self.step += 1
        self.samples += count * self.settings.distributed.size
        now = time.monotonic()
        self.ticks += 1
        if self.ticks == WARM_UP and not self.settings.toy:
            self._say(f"{self.name}: {now - self.start:.0f} s to compile and warm up")
            self.start, self.shown, self.samples = now, now, 0
            if self.settings.ends is not None:
                rest = self.settings.ends - now
                self.seconds = min(self.seconds, self.elapsed + max(1.0, rest * self.part))
        due = now - self.shown > self.settings.toy_or(5, 10)
        if due or self.settings.toy:  # on a GPU, reading the loss each time would hold it up
            value = float(loss.detach())
            self.losses.append((self.step, round(self.time, 1), round(value, 5)))
        if due:
            speed = self.samples / (now - self.start)
            self._say(
                f"{self.name} {self.time:.0f}/{self.seconds:.0f} s, step {self.step}, "
                f"{speed:.0f} samples/s, loss {value:.4f}"
            )
            if value != value:
                raise FloatingPointError(f"the loss of stage {self.name} is not a number")
            self.shown = now
        if now - self.saved > self.settings.toy_or(15, 60):
            self._save(objects, False, {})
            self.saved = now

    def _say(self, text: str) -> None:
        if self.settings.distributed.is_main:
            print(text, flush=True)

    def _save(self, objects: dict[str, Any], done: bool, notes: dict[str, Any]) -> None:
        if not self.settings.distributed.is_main:
            return
        state = {
            "losses": self.losses,
            "step": self.step,
            "elapsed": self.time,
            "done": done,
            "notes": notes,
            "objects": {k: v.state_dict() for k, v in objects.items()},
        }
        part = self.path.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.path)

    def finish(self, objects: dict[str, Any], notes: dict[str, Any] | None = None) -> None:
        """Save the end state, marked as done."""
        self._save(objects, True, notes or {})
        self.settings.distributed.barrier()
