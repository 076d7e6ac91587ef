"""Text encoder without padding and without its unused last layer, as a graph or from RAM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from .encoder_layer import PackedLayer, packable, run_layers
from .flat import FlatModule
from .graphs import StepGraphs
from .streaming import Stream

_MULTIPLE = 32
"""Prompts are filled up to a multiple of so many tokens: a recording for each length in use.

A causal encoder's states do not depend on tokens behind them.
"""


class FastEncoder:
    """Embeddings of prompts by a Qwen3 model's second last states.

    Parameters
    ----------
    encoder : Qwen3Model
        On its device, or on the CPU.
    device : torch.device
        Where it computes.
    resident : int, optional
        Layers that stay on the device; the others wait in RAM. None where all are there.
    graphs : StepGraphs, optional
        Where lengths in use are recorded; not with layers that come and go.
    """

    def __init__(
        self,
        encoder: Any,
        device: torch.device,
        *,
        resident: int | None = None,
        graphs: StepGraphs | None = None,
    ) -> None:
        self.encoder, self.device = encoder, device
        self._layers = list(encoder.layers[: encoder.config.num_hidden_layers - 1])
        self._flat: list[FlatModule] = []
        self._stream: Stream | None = None
        self._packed: list[PackedLayer] = []
        if resident is None and packable(encoder):
            encoder.to(device)
            self._packed = [PackedLayer(layer) for layer in self._layers]
        if resident is not None:
            self._flat = [FlatModule(layer) for layer in self._layers]
            self._stream = Stream([flat.storage for flat in self._flat], device, resident)
            for flat, piece in zip(self._flat, self._stream.pieces, strict=True):
                flat.show(piece)
            encoder.rotary_emb.to(device)
        whole = self._stream is None and device.type == "cuda"
        self._graphs = graphs if whole else None

    @torch.inference_mode()
    def __call__(self, ids: torch.Tensor) -> torch.Tensor:
        """Return embeddings (tokens, features) of token numbers (1, tokens) of one prompt."""
        count = ids.shape[1]
        if self._graphs is None:
            return self._states(ids)[0]
        padded = torch.nn.functional.pad(ids, (0, -count % _MULTIPLE)).to(self.device)
        return self._graphs.run("encoder", self._states, padded)[0, :count].clone()

    def _states(self, ids: torch.Tensor) -> torch.Tensor:
        encoder = self.encoder
        states = encoder.embed_tokens(ids.to(encoder.embed_tokens.weight.device)).to(self.device)
        places = torch.arange(ids.shape[1], device=self.device)[None]
        angles = encoder.rotary_emb(states, places)
        if self._packed:
            half = angles[0].shape[-1] // 2
            cos, sin = (angle[0, :, :half].float() for angle in angles)
            return run_layers(self._packed, states, cos.contiguous(), sin.contiguous())
        for index, layer in enumerate(self._layers):
            with self._at_hand(index):
                out = layer(
                    states,
                    attention_mask=None,
                    position_ids=places,
                    position_embeddings=angles,
                )
            states = out if isinstance(out, torch.Tensor) else out[0]
        if self._stream is not None:
            self._stream.give_rooms_back()  # until the next new prompt
        return states

    @contextmanager
    def _at_hand(self, index: int) -> Iterator[None]:
        """Have a layer's weights on the device for a while."""
        if self._stream is None:
            yield
            return
        self._flat[index].show(self._stream.take(index))
        try:
            yield
        finally:
            self._stream.release(index)
            self._flat[index].show(self._stream.pieces[index])
