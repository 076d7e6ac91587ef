"""Text encoder without padding and without its unused last layer, as a graph or from RAM."""

from __future__ import annotations

import copy
from typing import Any

import torch

from .encoder_layer import PackedLayer, first_rows
from .fallback import Fallback
from .fused import Rows
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
        On its device, or on the CPU; one that is ``packable``.
    device : torch.device
        Where it computes.
    resident : int, optional
        Layers that stay on the device; the others wait in RAM, and so does the table of tokens.
        None where all are there.
    small : bool
        Whether layers are kept in 8 bits, where not all are there.
    graphs : StepGraphs, optional
        Where lengths in use are recorded; not with layers that come and go.
    """

    def __init__(
        self,
        encoder: Any,
        device: torch.device,
        *,
        resident: int | None = None,
        small: bool = False,
        graphs: StepGraphs | None = None,
    ) -> None:
        self.encoder, self.device = encoder, device
        self.fallback = Fallback("text encoder")
        self._angles = copy.deepcopy(encoder.rotary_emb).to(device)
        used = encoder.layers[: encoder.config.num_hidden_layers - 1]
        self.stream: Stream | None = None
        if resident is None:
            encoder.to(device)
            self._layers = [PackedLayer(layer, device, device) for layer in used]
        else:
            cpu = torch.device("cpu")
            self._layers = [PackedLayer(layer, device, cpu, small=small) for layer in used]
            self.stream = Stream([layer.storage for layer in self._layers], device, resident)
            for layer, piece in zip(self._layers, self.stream.pieces, strict=True):
                layer.move(piece)
        self._graphs = graphs if self.stream is None and device.type == "cuda" else None

    @torch.inference_mode()
    def __call__(self, ids: torch.Tensor) -> torch.Tensor:
        """Return embeddings (tokens, features) of token numbers (1, tokens) of one prompt."""
        found: torch.Tensor = self.fallback.run(lambda: self._fast(ids), lambda: self._stock(ids))
        return found

    def _stock(self, ids: torch.Tensor) -> torch.Tensor:
        ids = ids.to(self.encoder.embed_tokens.weight.device)
        states = self.encoder(input_ids=ids, output_hidden_states=True).hidden_states
        found: torch.Tensor = states[-2][0].to(self.device)
        return found

    def _fast(self, ids: torch.Tensor) -> torch.Tensor:
        count = ids.shape[1]
        if self._graphs is None:
            return self._states(ids)[0]
        padded = torch.nn.functional.pad(ids, (0, -count % _MULTIPLE)).to(self.device)
        return self._graphs.run("encoder", self._states, padded)[0, :count].clone()

    def _states(self, ids: torch.Tensor) -> torch.Tensor:
        table = self.encoder.embed_tokens
        states = table(ids.to(table.weight.device)).to(self.device)
        places = torch.arange(ids.shape[1], device=self.device)[None]
        angles = self._angles(states, places)
        half = angles[0].shape[-1] // 2
        cos, sin = (angle[0, :, :half].float().contiguous() for angle in angles)
        rows: Rows | None = first_rows(self._layers[0], states)
        for index, layer in enumerate(self._layers):
            last = index + 1 == len(self._layers)
            after = None if last else self._layers[index + 1].first_norm
            storage = None if self.stream is None else self.stream.take(index)
            assert rows is not None
            states, rows = layer.run(states, rows, cos, sin, after, storage)
            if self.stream is not None:
                self.stream.release(index)
        if self.stream is not None:
            self.stream.give_rooms_back()  # until the next new prompt
        return states
