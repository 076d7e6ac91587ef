"""Files of a ComfyUI server by the names of our models and LoRAs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from zimg_kernel.errors import BadInput, WeightsMissing
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import load_catalog

from .refusals import ComfyUnreachable
from .server import ComfyServer

_FRESH = 30.0  # seconds for which what a server told is taken for true
# Words in a file's name that make it another model than the one named without them.
_OTHERS = {
    "turbo", "base", "omni", "edit", "controlnet", "control", "union", "fun", "lora", "adapter",
    "distill", "distilled", "de", "patch",
}  # fmt: skip
_FORMATS = ("bf16", "", "fp16", "fp8")  # of one model's files the first in this order is taken
_TEXT_ENCODERS = ("qwen-3-4b", "qwen3-4b")
_VAES = ("ae", "flux-vae", "flux-ae", "z-image-ae", "z-image-vae")


@dataclass(frozen=True)
class ModelNames:
    """The files that draw one model, as the server's loaders call them."""

    model: str
    clip: str
    vae: str


class ServerNames:
    """What a server has, asked for anew when that may have changed; safe from several threads.

    Parameters
    ----------
    server : ComfyServer
    """

    def __init__(self, server: ComfyServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], tuple[float, list[str]]] = {}

    def forget(self) -> None:
        """Ask again the next time."""
        with self._lock:
            self._told = {key: (float("-inf"), found) for key, (_, found) in self._told.items()}

    def choices(self, node: str, name: str) -> list[str]:
        """Return what an input of a kind of node may be; what was told before if it is away.

        Raises
        ------
        ComfyUnreachable
            The server does not answer, and has not told it before.
        """
        with self._lock:
            known = self._told.get((node, name))
            if known is not None and time.monotonic() - known[0] < _FRESH:
                return known[1]
            try:
                found = _options(self._server.node_inputs(node).get(name))
            except ComfyUnreachable:
                if known is None:
                    raise
                return known[1]
            self._told[node, name] = time.monotonic(), found
            return found

    def find(self, card: ModelCard) -> ModelNames | None:
        """Return the files of a model; None if the server lacks it."""
        model = _best(card.id, self.choices("UNETLoader", "unet_name"))
        clips, vaes = self.choices("CLIPLoader", "clip_name"), self.choices("VAELoader", "vae_name")
        clip = _best(card.id, clips) or _named(_TEXT_ENCODERS, clips)
        vae = _best(card.id, vaes) or _named(_VAES, vaes)
        return ModelNames(model, clip, vae) if model and clip and vae else None

    def require(self, card: ModelCard) -> ModelNames:
        """Return the files of a model.

        Raises
        ------
        WeightsMissing
            The server lacks one of them.
        """
        found = self.find(card)
        if found is not None:
            return found
        raise WeightsMissing(
            f"The ComfyUI server at {self._server.shown} has no {card.title}: it needs a file "
            f"named like {card.id} among its diffusion models, qwen_3_4b among its text encoders "
            "and ae among its VAEs.",
            code="weights-missing",
            field="model",
        )

    def lora(self, name: str) -> str:
        """Return the server's name of a LoRA.

        Parameters
        ----------
        name : str
            With or without ending, and without its folder where only one is called so.

        Raises
        ------
        BadInput
            There is none, or there are several.
        """
        there = self.choices("LoraLoaderModelOnly", "lora_name")
        wanted = _plain(name)
        found = [one for one in there if _plain(one) == wanted]
        found = found or [one for one in there if _plain(one).rpartition("/")[2] == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput(
                f"Several LoRAs are called {name} at the server: name one of {', '.join(found)}.",
                code="ambiguous-lora",
                field="loras",
            )
        short = {_plain(one).rpartition("/")[2].lower(): one for one in there}
        close = get_close_matches(wanted.rpartition("/")[2].lower(), short, n=3, cutoff=0.4)
        near = [short[one] for one in close] or there[:8]
        hint = f"there are {', '.join(near)}" if near else "it has none"
        raise BadInput(
            f"The ComfyUI server at {self._server.shown} has no LoRA {name!r}: {hint}.",
            code="unknown-lora",
            field="loras",
        )


def _options(told: Any) -> list[str]:
    """Return the choices of an input: a list of them, or ``COMBO`` with options beside it."""
    if not isinstance(told, list) or not told:
        return []
    options = told[0]
    if not isinstance(options, list):
        more = told[1] if len(told) > 1 and isinstance(told[1], dict) else {}
        options = more.get("options")
    return [one for one in options if isinstance(one, str)] if isinstance(options, list) else []


def _plain(file: str) -> str:
    return file.replace("\\", "/").removesuffix(".safetensors").removesuffix(".sft")


def _words(file: str) -> list[str]:
    stem = re.sub(r"z[-_ ]?image[-_ ]?", "z-image-", _plain(file).rpartition("/")[2].lower())
    return [word for word in re.split(r"[^a-z0-9]+", stem) if word]


def _best(model: str, files: Iterable[str]) -> str | None:
    """Return the file whose name begins with a model's id, and with no other model's."""
    wanted = _words(model)
    longer = [words for other in load_catalog() if len(words := _words(other)) > len(wanted)]
    fitting = []
    for file in files:
        words = _words(file)
        rest = words[len(wanted) :]
        if words[: len(wanted)] != wanted or _OTHERS & set(rest):
            continue
        if any(words[: len(other)] == other for other in longer):
            continue
        fitting.append((_rank(rest), len(words), file))
    return min(fitting)[2] if fitting else None


def _rank(words: list[str]) -> int:
    for rank, name in enumerate(_FORMATS):
        if (name and any(word.startswith(name) for word in words)) or (not name and not words):
            return rank
    return len(_FORMATS)


def _named(names: Iterable[str], files: Iterable[str]) -> str | None:
    """Return the file whose name is one of these, or begins with one."""
    fitting = []
    for file in files:
        stem = "-".join(_words(file))
        for rank, name in enumerate(names):
            if stem == name or stem.startswith(f"{name}-"):
                fitting.append((rank, len(stem), file))
    return min(fitting)[2] if fitting else None
