"""Parameters found in another tool's picture, translated to ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from zimg_kernel.errors import BadInput
from zimg_kernel.params import MAX_STEPS, SIDE_MULTIPLE, GenerationParams

from ..text import clean
from .lora_tags import lora_name, take_lora_tags
from .numbers import number

_SAMPLERS = {
    "euler": "euler", "keuler": "euler", "euler trailing": "euler", "flow euler": "euler",
    "default": "euler",  # SD.Next's name for the scheduler of the model itself
    "flowmatcheulerdiscrete": "euler", "flowmatcheulerdiscretescheduler": "euler",
    "lcm": "lcm", "klcm": "lcm", "lcm trailing": "lcm", "unipc": "unipc", "unipcbh2": "unipc",
    "unipc trailing": "unipc", "unipcmultistep": "unipc",
}  # fmt: skip
_EVEN = "simple normal linear uniform automatic auto default native sgmuniform ddimuniform flow"
_SIGMAS = {name: name for name in ("karras", "exponential", "beta")}
_NO_PROMPT = "It was drawn without a prompt: write one to draw with its settings."
_SIGMAS |= dict.fromkeys(["", *_EVEN.split()], "linear")


@dataclass
class Found:
    """Settings that a reader found in a picture, under the names of the tool that wrote it.

    Numbers may still be texts; what is out of range or no number is left out later.
    """

    software: str
    prompt: str
    negative: str = ""
    seed: Any = None
    steps: Any = None
    cfg: Any = None
    """The guidance scale that counts from 1 (off)."""
    sampler: Any = None
    scheduler: Any = None
    shift: Any = None
    size: tuple[Any, Any] = (None, None)
    loras: list[tuple[str, Any]] = field(default_factory=list)
    """Names as written, and weights on the model."""
    models: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    """Everything else worth keeping, with the tool's own names."""
    notes: list[str] = field(default_factory=list)
    graph: Any = None

    def record(self, size: tuple[int, int]) -> dict[str, Any] | None:
        """Return our record of it, or None if its values are none of ours.

        Where the tool drew without a prompt, the record's is empty, and a note tells it.

        Parameters
        ----------
        size : tuple of int
            Width and height of the picture, px. It counts where a model draws such a size
            (multiples of 16), otherwise the one that the tool names.
        """
        prompt, tagged = take_lora_tags(clean(self.prompt))
        negative, _ = take_lora_tags(clean(self.negative))
        notes = list(self.notes)
        if not prompt:
            notes.append(_NO_PROMPT)
        loras = _loras([*self.loras, *tagged], notes)
        fields = {
            "prompt": prompt or "-",  # which refuses an empty one
            "negative_prompt": negative,
            "loras": loras,
            **_size(size, self.size),
            **self._numbers(),
            **self._sampler(notes),
        }
        try:
            params = GenerationParams(**fields)
        except BadInput:
            return None
        foreign: dict[str, Any] = {
            "models": [clean(str(model)) for model in self.models],
            "sampler": {clean(str(k)): clean(str(v)) for k, v in self._details().items()},
        }
        if notes:
            foreign["notes"] = notes
        if self.graph is not None:
            foreign["graph"] = self.graph
        values = {**params.model_dump(), "prompt": prompt}
        return {"params": values, "software": self.software, "foreign": foreign}

    def _details(self) -> dict[str, Any]:
        own = {
            "sampler": self.sampler,
            "scheduler": self.scheduler,
            "steps": self.steps,
            "seed": self.seed,
            "cfg_scale": self.cfg,
            "shift": self.shift,
        }
        return {k: v for k, v in {**own, **self.details}.items() if v not in (None, "")}

    def _numbers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        steps, seed = number(self.steps), number(self.seed)
        cfg, shift = number(self.cfg), number(self.shift)
        if steps is not None and 1 <= steps <= MAX_STEPS:
            found["steps"] = int(steps)
        if seed is not None and 0 <= seed < 2**64:
            found["seed"] = int(seed)
        if cfg is not None and 1 <= cfg <= 31:
            found["guidance"] = round(cfg - 1, 9)
        if shift is not None and 0.1 <= shift <= 20:
            found["shift"] = float(shift)
        return found

    def _sampler(self, notes: list[str]) -> dict[str, str]:
        name, spacing = _plain(self.sampler), _plain(self.scheduler)
        for suffix in ("karras", "exponential", "beta"):  # "DPM++ 2M Karras", "euler_k"
            if name.endswith(" " + suffix):
                name, spacing = name.removesuffix(suffix).strip(), spacing or suffix
        sampler = _SAMPLERS.get(name) or _SAMPLERS.get(name.replace(" ", ""))
        if name and sampler is None:
            notes.append(
                f"It was drawn with the sampler {clean(str(self.sampler))}, which is not among "
                "ours: euler takes its place, and the picture will differ."
            )
        sigmas = _SIGMAS.get(spacing.replace(" ", ""))
        if sigmas is None or (sampler == "unipc" and sigmas != "linear"):
            notes.append(
                f"Its noise levels were spaced by {clean(str(self.scheduler or spacing))}, which "
                f"is not among ours{' for unipc' if sampler == 'unipc' else ''}: linear takes its "
                "place."
            )
            sigmas = "linear"
        return {"sampler": sampler or "euler", "sigmas": sigmas}


def _plain(name: Any) -> str:
    return re.sub(r"[\s_+-]+", " ", name).strip().lower() if isinstance(name, str) else ""


def _size(picture: tuple[int, int], stated: tuple[Any, Any]) -> dict[str, int | None]:
    if not all(map(_is_side, picture)):
        width, height = (number(side) for side in stated)
        if _is_side(width) and _is_side(height):
            return {"width": width, "height": height}
    sides = [side if _is_side(side) else None for side in picture]
    return {"width": sides[0], "height": sides[1]}


def _is_side(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and value >= SIDE_MULTIPLE and value % SIDE_MULTIPLE == 0


def _loras(given: list[tuple[str, Any]], notes: list[str]) -> dict[str, float]:
    """Return weights by name; a LoRA that is applied twice acts with the sum of both."""
    found: dict[str, float] = {}
    spelled: dict[str, str] = {}
    tags = set()
    for raw, weight in given:
        name, value = lora_name(raw), number(1 if weight is None else weight)
        if not name or value is None or (raw, value) in tags:
            continue
        tags.add((raw, value))
        key = spelled.setdefault(name.rpartition("/")[2].lower(), name)
        found[key] = round(found.get(key, 0.0) + value, 9)
    for name, value in list(found.items()):
        if not -4 <= value <= 4:
            notes.append(f"The LoRA {name} is left out: its weight {value:g} is out of range.")
        if value == 0 or not -4 <= value <= 4:
            del found[name]
    return found
