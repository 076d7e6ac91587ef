"""Stand-ins for a pipeline's modules that compute in onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from zimg_kernel.errors import BadInput
from zimg_kernel.speed.rope import padding

from .sessions import Session


def hollow(module: nn.Module) -> nn.Module:
    """Replace a module's weights by empty ones: their session has them."""
    for part in module.modules():
        for name, value in part._parameters.items():
            if value is not None:
                empty = torch.empty(0, dtype=torch.float32)
                part._parameters[name] = nn.Parameter(empty, requires_grad=False)
    return module


class EncoderForward:
    """Forward of a Qwen3 model that knows its second last states alone."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, **_: Any
    ) -> Any:
        """Return an output whose ``hidden_states[-2]`` are embeddings (batch, tokens, features).

        Padding behind a prompt is left out and zeros stand in its place.
        """
        from transformers.modeling_outputs import BaseModelOutput

        rows = []
        for number, ids in enumerate(input_ids):
            known = ids if attention_mask is None else ids[attention_mask[number].bool()]
            found = torch.from_numpy(self.session(ids=known.numpy()))
            rows.append(nn.functional.pad(found, (0, 0, 0, len(ids) - len(known))))
        states = torch.stack(rows)
        return BaseModelOutput(last_hidden_state=None, hidden_states=(states, states))


class TransformerForward:
    """Forward of a ``ZImageTransformer2DModel`` for lists of latents of one size."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(
        self,
        x: list[torch.Tensor],
        t: torch.Tensor,
        cap_feats: list[torch.Tensor],
        return_dict: bool = True,
        controlnet_block_samples: Any = None,
        **_: Any,
    ) -> Any:
        """Return predictions (channels, 1, height, width), one for each of the latents."""
        from diffusers.models.modeling_outputs import Transformer2DModelOutput

        if controlnet_block_samples is not None:
            raise no_controlnet()
        found: list[Any] = [None] * len(x)
        for group in _alike(x, t, cap_feats):
            made = self.session(
                latents=torch.stack([x[i][:, 0] for i in group]).float().numpy(),
                time=t[group[:1]].float().numpy(),
                caption=_stacked([cap_feats[i] for i in group]),
                tokens=np.array([len(cap_feats[i]) for i in group]),
            )
            for place, prediction in zip(group, torch.from_numpy(made), strict=True):
                found[place] = prediction[:, None].to(x[place].dtype)
        return Transformer2DModelOutput(sample=found) if return_dict else (found,)


def _alike(x: list[torch.Tensor], t: torch.Tensor, captions: list[torch.Tensor]) -> list[list[int]]:
    """Return which requests one run computes: of one size, time and padded caption length."""
    groups: dict[Any, list[int]] = {}
    for index, (latents, caption) in enumerate(zip(x, captions, strict=True)):
        length = len(caption) + padding(len(caption))
        groups.setdefault((latents.shape, float(t[index]), length), []).append(index)
    return list(groups.values())


def _stacked(captions: list[torch.Tensor]) -> np.ndarray:
    stacked = nn.utils.rnn.pad_sequence([one.float() for one in captions], batch_first=True)
    found: np.ndarray = stacked.numpy()
    return found


class DecoderForward:
    """Forward of an autoencoder's decoder."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(self, sample: torch.Tensor, latent_embeds: Any = None) -> torch.Tensor:
        """Return pixels (batch, 3, height, width) of latents (batch, 16, height/8, width/8)."""
        made = [self.session(latents=one.float().contiguous().numpy()) for one in sample.split(1)]
        return torch.cat([torch.from_numpy(one) for one in made])


def no_controlnet() -> BadInput:
    """Return what to tell of a control map."""
    return BadInput(
        "Control maps are not followed by onnxruntime: unset ZIMG_RUNTIME for them.",
        code="control-not-supported",
        field="kind",
    )
