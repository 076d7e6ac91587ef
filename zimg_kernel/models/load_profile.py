"""Load profile: how a model's weights stand in memory and what computes with them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal, cast, get_args

from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.settings import settings

from .cards import require_cards, wanted_split
from .device import pick_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

    from .card import ModelCard

Offload = Literal["auto", "never", "model"]
"""Where the parts wait: as the room is, on the device, or in RAM, each brought there in turn."""

Speed = Literal["stock", "exact", "fast"]
"""What computes: diffusers' own modules; the same sums by faster kernels; those in 8 bits."""

Runtime = Literal["torch", "onnx", "onnx-int8"]
"""What runs the modules: torch, or onnxruntime on the CPU, in fp32 or with products in 8 bits."""

_LEAST_GB, _MOST_GB = 3.0, 1024.0
_AMPERE = (8, 0)  # compute capability: the first with bf16 in its kernels
_FP8 = (8, 9)  # Ada, Hopper and later multiply in fp8


@dataclass(frozen=True)
class LoadProfile:
    """How a model is loaded; one model may stand in memory in several ways at once.

    Attributes
    ----------
    dtype : str
        Number format, as torch calls it.
    speed : {"stock", "exact", "fast"}
        What computes.
    memory : float
        Gigabytes (1e9 bytes) of the GPU to keep to, the process's own included; 0 for all that
        is free.
    offload : {"auto", "never", "model"}
        Where the parts wait for their turn.
    attention : str
        Attention backend of diffusers; "" for the usual one.
    runtime : {"torch", "onnx", "onnx-int8"}
        What runs the modules.
    split : int
        Cards that draw one picture together, 1 or 2, each with half of its tokens.
    """

    dtype: str
    speed: Speed = "stock"
    memory: float = 0.0
    offload: Offload = "auto"
    attention: str = ""
    runtime: Runtime = "torch"
    split: int = 1

    @property
    def torch_dtype(self) -> torch.dtype:
        """The number format as torch's value."""
        import torch

        found: torch.dtype = getattr(torch, self.dtype)
        return found

    @property
    def description(self) -> str:
        """What tells it from the usual one, for a picture's record; empty where nothing does."""
        if self.runtime != "torch":
            return f", onnxruntime {version('onnxruntime')}" + self.runtime.removeprefix(
                "onnx"
            ).replace("-", " ")
        speeds = {"stock": "", "exact": ", exact", "fast": ", fast (fp8)"}
        kept = f", within {self.memory:g} GB" if self.memory else ""
        cards = f", {self.split} cards" if self.split > 1 else ""
        return speeds[self.speed] + kept + cards

    def variant_of(self, component: str) -> str:
        """Return what tells a component of this profile from others of the same files."""
        if self.runtime != "torch":
            return self.runtime
        if component == "text_encoder":
            return ""
        speed = "" if self.speed == "stock" else self.speed
        if component == "vae":
            return "exact" if speed else ""
        split = f"split{self.split}" if self.split > 1 else ""
        return "-".join(part for part in (speed, self.attention, split) if part)

    def require_possible(self, card: ModelCard, device: torch.device) -> None:
        """Refuse what cannot be done with a model on a device.

        Raises
        ------
        BadInput
            Says why, and what can be done.
        """
        if self.runtime != "torch":
            self._require_runtime(card, device)
        if self.split > 1:
            require_cards(self, device)
        if self.speed == "stock":
            return
        speeds = family_of(card).speeds
        if self.speed not in speeds:
            raise BadInput(
                f"{card.title} is drawn by stock modules only: leave speed={self.speed} out.",
                code="profile-not-possible",
                field="speed",
            )
        if self.speed == "fast" and not has_fp8(device, self.dtype):
            raise BadInput(
                f"speed=fast computes in 8 bits, which {device} cannot: it needs an NVIDIA card "
                "of the RTX 40 series, H100 or newer, and bf16. Take speed=exact.",
                code="profile-not-possible",
                field="speed",
            )

    def _require_runtime(self, card: ModelCard, device: torch.device) -> None:
        if not family_of(card).has_runtime(card, self.runtime):
            raise BadInput(
                f"{card.title} is drawn by torch only: leave runtime={self.runtime} out.",
                code="profile-not-possible",
                field="runtime",
            )
        if (device.type, self.dtype, self.speed) != ("cpu", "float32", "stock"):
            raise BadInput(
                f"runtime={self.runtime} draws on the CPU, from weights in fp32: set "
                "ZIMG_DEVICE=cpu, and leave ZIMG_DTYPE and ZIMG_SPEED out.",
                code="profile-not-possible",
                field="runtime",
            )

    def require_loras(self, card: ModelCard) -> None:
        """Refuse LoRAs where layers cannot be exchanged for a picture.

        Raises
        ------
        BadInput
            Says what would do.
        """
        if self.runtime != "torch":
            raise BadInput(
                f"{card.title} takes no LoRAs in onnxruntime, whose weights are written into its "
                "files: leave loras out, or unset ZIMG_RUNTIME.",
                code="lora-not-supported",
                field="loras",
            )


def profile_of(card: ModelCard, device: torch.device) -> LoadProfile:
    """Return the profile that settings and card ask for on a device.

    Raises
    ------
    BadInput
        A setting has another value than there are.
    """
    dtype = str(pick_dtype(card, device)).removeprefix("torch.")
    runtime = _wanted_runtime()
    if runtime != "torch" and family_of(card).has_runtime(card, runtime):
        return LoadProfile(dtype, runtime=runtime)
    memory = _wanted_memory()
    if device.type != "cuda":
        memory = 0.0
    speed = _speed(card, device, dtype)
    return LoadProfile(dtype, speed=speed, memory=memory, split=wanted_split())


def use_profile(
    speed: Speed | Literal["auto"] | None = None,
    memory: str | float | None = None,
    runtime: Runtime | None = None,
) -> None:
    """Choose how models are loaded by this process and those that it starts, from now on.

    The next picture loads its model anew where that asks for another profile; settings of the
    environment (``ZIMG_SPEED``, ``ZIMG_MEMORY``, ``ZIMG_RUNTIME``) say the same from outside.

    Parameters
    ----------
    speed : {"auto", "stock", "exact", "fast"}, optional
        What computes; left as it is where none is named. "auto" is exact on a CUDA GPU in bf16,
        stock elsewhere.
    memory : str or float, optional
        Memory of the GPU to keep to, such as "8GB" or 8 (gigabytes, 1e9 bytes), from 3 on;
        "auto" for all that is free.
    runtime : {"torch", "onnx", "onnx-int8"}, optional
        What runs the modules.

    Raises
    ------
    BadInput
        There is no such speed, memory or runtime; nothing is changed.
    """
    size = memory if memory is None or isinstance(memory, str) else f"{memory:g}GB"
    given = {"ZIMG_SPEED": speed, "ZIMG_MEMORY": size, "ZIMG_RUNTIME": runtime}
    before = {name: os.environ.get(name) for name in given}
    _set(given)
    try:
        _wanted_speed()
        _wanted_memory()
        _wanted_runtime()
    except BadInput:
        _set({name: value or "" for name, value in before.items()})
        raise


def _set(values: Mapping[str, str | None]) -> None:
    """Set environment variables; empty text takes one out, None leaves it."""
    for name, value in values.items():
        if value:
            os.environ[name] = value
        elif value is not None:
            os.environ.pop(name, None)


def _wanted_runtime() -> Runtime:
    wanted = (settings().runtime or "torch").lower()
    if wanted not in get_args(Runtime):
        raise BadInput(
            f"ZIMG_RUNTIME={wanted} is not known: use {', '.join(get_args(Runtime))}.",
            code="unknown-choice",
            field="ZIMG_RUNTIME",
        )
    return cast(Runtime, wanted)


def _speed(card: ModelCard, device: torch.device, dtype: str) -> Speed:
    wanted = _wanted_speed()
    if wanted == "auto":
        wanted = "exact" if dtype == "bfloat16" and _has_kernels(device) else "stock"
    return wanted if wanted in family_of(card).speeds else "stock"


def _has_kernels(device: torch.device) -> bool:
    """Return whether the faster kernels are for this device: NVIDIA's of Ampere and later."""
    from importlib.util import find_spec

    import torch

    if device.type != "cuda" or torch.version.hip:
        return False
    if not torch.cuda.is_available():
        return True  # asked about another machine
    new = torch.cuda.get_device_capability(device) >= _AMPERE
    return new and find_spec("triton") is not None


def _wanted_speed() -> Speed | Literal["auto"]:
    given = settings().speed or "auto"
    wanted = given.lower()
    if wanted not in (*get_args(Speed), "auto"):
        raise BadInput(
            f"ZIMG_SPEED={given} is not known: use {', '.join(get_args(Speed))} or auto.",
            code="unknown-choice",
            field="ZIMG_SPEED",
        )
    return cast(Speed, wanted)


def _wanted_memory() -> float:
    given = settings().memory or "auto"
    wanted = given.lower().replace(" ", "")
    if wanted == "auto":
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:gb?)?", wanted)
    gigabytes = float(found[1]) if found else 0.0
    if not _LEAST_GB <= gigabytes <= _MOST_GB:
        raise BadInput(
            f"ZIMG_MEMORY={given} is no size to keep to: write gigabytes from {_LEAST_GB:g} on, "
            "such as 8GB, or auto.",
            code="out-of-range",
            field="ZIMG_MEMORY",
        )
    return gigabytes


def has_fp8(device: torch.device, dtype: str) -> bool:
    """Return whether a device multiplies in fp8 beside a number format."""
    import torch

    if device.type != "cuda" or dtype != "bfloat16" or torch.version.hip:
        return False
    return torch.cuda.get_device_capability(device) >= _FP8
