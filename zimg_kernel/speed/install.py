"""Installation of the faster parts into a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from .encoder_layer import packable
from .forward import FastForward
from .graphs import StepGraphs
from .residence import Residence
from .text_encoder import FastEncoder
from .vae import FastDecoder, supports

_FAST = "_zimg_fast"

_SPARE = 0.6e9
"""Bytes more to leave free for a picture larger than planned: its pieces are larger, too, and what
is left between them."""


@dataclass
class Installed:
    """The faster parts of a pipeline; None where its own are kept."""

    transformer: FastForward | None
    encoder: FastEncoder | None
    decoder: FastDecoder | None
    residence: Residence | None
    graphs: StepGraphs
    _let_go: float = 0.0  # bytes of what stayed at first and waits by now

    def fit(self, pixels: int) -> None:
        """Let more parts wait in RAM, where a picture of so many pixels takes more than planned."""
        planned = self.residence
        if planned is None:
            return
        short = planned.peak - planned.room - self._let_go
        if pixels > planned.pixels:
            short += _SPARE
        short += planned.sizes.work(pixels) - planned.sizes.work(planned.pixels)
        for part in (self.encoder, self.transformer):
            stream = None if part is None else part.stream
            while stream is not None and short > 0 and stream.resident:
                freed = stream.let_go()
                self._let_go += freed
                short -= freed

    @property
    def failures(self) -> dict[str, str]:
        """Names of parts that gave way to the stock ones, and why."""
        parts = (self.transformer, self.encoder, self.decoder)
        backs = (part.fallback for part in parts if part is not None)
        return {back.name: back.failure for back in backs if back.failure is not None}

    @contextmanager
    def trusting(self) -> Iterator[Callable[[], bool]]:
        """Let steps not wait to see that a second process goes on.

        Yields
        ------
        callable
            Tells whether all steps until now were right, once the device has done them.
        """
        split = None if self.transformer is None else self.transformer.split
        if split is None:
            yield lambda: True
            return
        split.trusting = True
        try:
            yield split.held
        finally:
            split.trusting = False

    def make_room(self) -> None:
        """Make room for decoding, where memory is short."""
        if self.residence is not None and self.transformer is not None:
            self.transformer.make_room()


def install(
    pipe: Any, device: torch.device, fp8: bool, residence: Residence | None, split: int = 1
) -> Installed:
    """Put the faster parts into a ZImage pipeline.

    Parts that another pipeline shares have theirs already, and keep them.

    Parameters
    ----------
    pipe : diffusers pipeline
        On its device, or in RAM with a residence.
    device : torch.device
        Where it computes.
    fp8 : bool
        Whether the main blocks compute in fp8.
    residence : Residence or None
        What stays on the device.
    split : int
        Devices that compute each step together: 2 for the next CUDA device, too.
    """
    blocks = residence.blocks if residence else None
    layers = residence.encoder_layers if residence else None
    band = residence.band if residence else None
    if residence is not None:
        for name, part in pipe.components.items():
            if isinstance(part, torch.nn.Module) and name not in ("transformer", "text_encoder"):
                part.to(device)
    graphs = StepGraphs()
    installed = Installed(
        _forward(pipe.transformer, device, fp8, blocks, graphs),
        _encoder(pipe.text_encoder, device, layers, fp8, graphs),
        _decoder(pipe.vae, band, graphs),
        residence,
        graphs,
    )
    if device.type == "cuda":
        torch.cuda.empty_cache()  # what packing held
    forward = installed.transformer
    if split > 1 and residence is None and forward is not None and forward.split is None:
        forward.split_with(_next(device))
    return installed


def _next(device: torch.device) -> torch.device:
    """Return the CUDA device behind one, the first behind the last."""
    own = torch.cuda.current_device() if device.index is None else device.index
    return torch.device("cuda", (own + 1) % torch.cuda.device_count())


def _forward(
    module: Any, device: torch.device, fp8: bool, blocks: int | None, graphs: StepGraphs
) -> Any:
    if isinstance(module.forward, FastForward):
        return module.forward
    if type(module).__name__ != "ZImageTransformer2DModel":
        return None
    return FastForward(module, device, fp8=fp8, resident=blocks, graphs=graphs)


def _encoder(
    encoder: Any, device: torch.device, layers: int | None, small: bool, graphs: StepGraphs
) -> FastEncoder | None:
    if type(encoder).__name__ != "Qwen3Model" or not packable(encoder):
        return None
    found: FastEncoder | None = vars(encoder).get(_FAST)
    if found is None:
        found = FastEncoder(encoder, device, resident=layers, small=small, graphs=graphs)
        vars(encoder)[_FAST] = found  # packed once, whatever pipelines share it
    return found


def _decoder(vae: Any, band: int | None, graphs: StepGraphs) -> FastDecoder | None:
    if isinstance(vae.decoder.forward, FastDecoder):
        return vae.decoder.forward
    return FastDecoder(vae.decoder, band, graphs) if supports(vae.decoder) else None
