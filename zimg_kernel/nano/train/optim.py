"""Optimisers: Muon for matrices (batched by shape), AdamW for the rest, and weight averages."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import torch
from torch import Tensor, nn

from .distributed import Distributed


def orthogonalise(g: Tensor, steps: int = 5) -> Tensor:
    """Newton-Schulz iteration towards the nearest orthogonal matrices, for a stack (n, r, c).

    Coefficients from Jordan et al., "Muon: an optimizer for hidden layers" (2024).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[-2] > g.shape[-1]
    x = g.to(torch.bfloat16) if g.is_cuda else g  # a CPU is slow in bf16
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return (x.mT if tall else x).to(g.dtype)


class Muon:
    """Momentum whose update is orthogonalised, scaled to the step size of AdamW.

    Weights of equal shape are handled in one stack, so that a small model is not slowed
    down by hundreds of tiny kernels. Kernels of convolutions count as (out, rest) matrices.
    """

    def __init__(self, params: list[nn.Parameter], momentum: float = 0.95) -> None:
        groups: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
        for p in params:
            groups[p.shape].append(p)
        self.groups = list(groups.values())
        self.momentum = momentum
        self.state = [torch.zeros(len(g), *g[0].shape, device=g[0].device) for g in self.groups]

    @torch.no_grad()
    def step(self, lr: float, decay: float = 0.01) -> None:
        """Update the weights from their gradients."""
        for group, buffer in zip(self.groups, self.state, strict=True):
            grad = torch.stack([p.grad if p.grad is not None else p * 0 for p in group])
            buffer.lerp_(grad, 1 - self.momentum)
            flat = grad.lerp(buffer, self.momentum).flatten(2)
            update = orthogonalise(flat) * (0.2 * max(flat.shape[1:]) ** 0.5)
            data = [p.data for p in group]
            torch._foreach_mul_(data, 1 - lr * decay)
            torch._foreach_add_(data, list(update.view_as(grad).unbind(0)), alpha=-lr)


def is_inner_matrix(name: str, p: nn.Parameter) -> bool:
    """Return whether Muon suits a weight: attention, feed-forward and inner convolutions."""
    if p.ndim == 4:
        return "conv_in" not in name and "conv_out" not in name
    return p.ndim == 2 and ("layers" in name or "refiner" in name) and "adaLN" not in name


class Optimiser:
    """Muon on inner matrices, AdamW on everything else."""

    def __init__(self, models: list[nn.Module]) -> None:
        named = [(n, p) for m in models for n, p in m.named_parameters() if p.requires_grad]
        matrices = [p for n, p in named if is_inner_matrix(n, p)]
        others = [p for n, p in named if not is_inner_matrix(n, p)]
        self.params = matrices + others
        self.muon = Muon(matrices)
        self.adamw = torch.optim.AdamW(
            others, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0, foreach=True
        )

    def step(
        self,
        lr: float,
        adam_lr: float | None = None,
        distributed: Distributed | None = None,
        clip: float = 1.0,
    ) -> None:
        """Average the gradients over all processes, clip them, update, and clear them."""
        if distributed is not None:
            distributed.average_gradients(self.params)
        nn.utils.clip_grad_norm_(self.params, clip, foreach=True)
        self.muon.step(lr)
        self.adamw.param_groups[0]["lr"] = lr if adam_lr is None else adam_lr
        self.adamw.step()
        for p in self.params:
            p.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Momenta of both optimisers."""
        return {"muon": self.muon.state, "adamw": self.adamw.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up saved momenta."""
        for mine, saved in zip(self.muon.state, state["muon"], strict=True):
            mine.copy_(saved)
        self.adamw.load_state_dict(state["adamw"])


class Average:
    """Exponential moving average of the weights of some models."""

    def __init__(self, models: list[nn.Module], decay: float = 0.999) -> None:
        self.models = models
        self.copies = [copy.deepcopy(m).requires_grad_(False).eval() for m in models]
        self.decay = decay
        self.count = 0

    @torch.no_grad()
    def update(self) -> None:
        """Move the averages towards the current weights."""
        self.count += 1
        decay = min(self.decay, (1 + self.count) / (10 + self.count))
        mine = [p.data for m in self.copies for p in m.parameters()]
        theirs = [p.data for m in self.models for p in m.parameters()]
        torch._foreach_lerp_(mine, theirs, 1 - decay)
