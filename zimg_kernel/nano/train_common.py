"""What the training stages share: settings, the clock of a stage, checkpoints, latents."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from zimg_kernel.nano import render
from zimg_kernel.nano.forward import block_forward, encode_text, velocity
from zimg_kernel.nano.models import sigmas

T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """Where and how to train. On a CPU everything runs at toy scale."""

    out: Path
    device: str
    seed: int = 0

    @property
    def toy(self) -> bool:
        """Whether to train at toy scale."""
        return self.device == "cpu"

    def toy_or(self, toy: T, full: T) -> T:
        """The first value at toy scale, else the second."""
        return toy if self.toy else full

    def compiled(self, what: str) -> Callable[..., Any]:
        """The compiled renderer of one thing ("put") or transformer block ("block")."""
        functions: dict[str, Callable[..., Any]] = {"put": render._put, "block": block_forward}
        function = functions[what]
        return function if self.toy else _compiled(function)


@lru_cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    return torch.compile(function, dynamic=True)


def autocast(device: str) -> AbstractContextManager[Any]:
    """bf16 where it is safe, on a GPU; full precision on a CPU."""
    return torch.autocast("cuda", dtype=torch.bfloat16, enabled=device != "cpu")


class Stage:
    """A stage's clock and checkpoints: it runs for a time and can be taken up again.

    Parameters
    ----------
    setting : Setting
    name : str
        Names the checkpoint, ``<out>/<name>.pt``.
    seconds : float
        How long the stage trains in all: earlier runs count, compiling does not.
    """

    def __init__(self, setting: Setting, name: str, seconds: float) -> None:
        self.name, self.seconds, self.setting = name, seconds, setting
        self.path = setting.out / f"{name}.pt"
        self.step, self.elapsed, self.samples, self.ticks = 0, 0.0, 0, 0
        self.start = self.shown = self.saved = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether an earlier run finished the stage."""
        return self.path.exists() and bool(self._load()["done"])

    def _load(self) -> dict[str, Any]:
        loaded: dict[str, Any] = torch.load(
            self.path, map_location=self.setting.device, weights_only=False
        )
        return loaded

    def restore(self, objects: dict[str, Any]) -> dict[str, Any] | None:
        """Load the checkpoint, if there is one, into ``objects``; returns its notes."""
        notes = None
        if self.path.exists():
            state = self._load()
            self.step, self.elapsed, notes = state["step"], state["elapsed"], state["notes"]
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
        """Share of the stage's time that is over, 0 to 1."""
        return min(1.0, self.time / self.seconds)

    def running(self) -> bool:
        """Whether there is time left."""
        return self.ticks < 3 or self.time < self.seconds

    def tick(self, count: int, loss: Tensor, objects: dict[str, Any]) -> None:
        """Count a step; print the speed now and then, and save once a minute."""
        self.step += 1
        self.samples += count
        now = time.monotonic()
        self.ticks += 1
        if self.ticks == 3:
            print(f"{self.name}: {now - self.start:.0f} s to compile and warm up", flush=True)
            self.start, self.shown, self.samples = now, now, 0
        if now - self.shown > self.setting.toy_or(5, 10):
            value = float(loss.detach())
            speed = self.samples / (now - self.start)
            print(
                f"{self.name} {self.time:.0f}/{self.seconds:.0f} s, step {self.step}, "
                f"{speed:.0f} samples/s, loss {value:.4f}",
                flush=True,
            )
            if value != value:
                raise FloatingPointError(f"the loss of stage {self.name} is not a number")
            self.shown = now
        if now - self.saved > 60:
            self._save(objects, False, {})
            self.saved = now

    def _save(self, objects: dict[str, Any], done: bool, notes: dict[str, Any]) -> None:
        state = {
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


class Latents:
    """Draws scenes and encodes them to standardised latents."""

    def __init__(self, setting: Setting, vae: Any) -> None:
        self.look = render.tables(setting.device)
        self.put = setting.compiled("put")
        self.vae, self.device = vae, setting.device

    @torch.no_grad()
    def encode(self, packed: render.Packed, height: int, width: int) -> Tensor:
        """Latents (N, 16, height / 8, width / 8) of mean 0 and deviation 1."""
        x = render.draw(packed, height, width, self.look, self.put) * 2 - 1
        x = x.contiguous(memory_format=torch.channels_last)
        with autocast(self.device):
            z = self.vae.encoder(x).float().chunk(2, 1)[0]
        factor, shift = self.vae.config.scaling_factor, self.vae.config.shift_factor
        return ((z - shift) * factor).contiguous()

    @torch.no_grad()
    def decode(self, z: Tensor) -> Tensor:
        """Pictures (N, 3, H, W) in 0..1."""
        factor, shift = self.vae.config.scaling_factor, self.vae.config.shift_factor
        return (self.vae.decode(z / factor + shift).sample.float() / 2 + 0.5).clamp(0, 1)


SIZES = {(256, 256): 0.62, (192, 256): 0.1, (256, 192): 0.1, (320, 320): 0.06, (128, 128): 0.12}


def pick_size(setting: Setting, rng: random.Random, count: int) -> tuple[int, int, int]:
    """Height, width and batch size: ``count`` is for 256 x 256, other sizes in proportion."""
    if setting.toy:
        return 64, 64, count
    height, width = rng.choices(tuple(SIZES), tuple(SIZES.values()))[0]
    return height, width, max(8, min(1024, int(count * 65536 / height / width) // 8 * 8))


@torch.no_grad()
def sample(
    model: Any,
    encoder: Any,
    ids: Tensor,
    real: Tensor,
    size: tuple[int, int],
    *,
    steps: int = 8,
    guidance: float = 0.0,
    empty: Tensor | None = None,
    noise: Tensor | None = None,
) -> Tensor:
    """Latents for captions of one bucket, by the pipeline's Euler steps."""
    n, device = len(ids), ids.device
    z = torch.randn(n, 16, size[0] // 8, size[1] // 8, device=device) if noise is None else noise
    levels = sigmas(steps)
    caption = encode_text(encoder, ids)
    for now, after in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True):
        t = torch.full((n,), 1 - now, device=device)
        v = velocity(model, z, t, caption, real).float()
        if guidance and empty is not None:
            e_ids, e_real = pad_empty(empty, n, ids.shape[1])
            without = velocity(model, z, t, encode_text(encoder, e_ids), e_real).float()
            v = v + guidance * (v - without)
        z = z + (now - after) * v
    return z


def pad_empty(empty: Tensor, n: int, length: int) -> tuple[Tensor, Tensor]:
    """The empty prompt's ids and mask for a batch of n captions of a padded length."""
    ids = torch.zeros(n, length, dtype=torch.long, device=empty.device)
    ids[:, : len(empty)] = empty
    real = torch.zeros(n, length, dtype=torch.bool, device=empty.device)
    real[:, : len(empty)] = True
    return ids, real
