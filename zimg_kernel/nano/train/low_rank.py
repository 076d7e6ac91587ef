"""Low-rank training: a small difference to the start instead of whole matrices."""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor, nn

from zimg_kernel.models.weight_difference import is_factored

from .distributed import Distributed


class LowRank(nn.Module):
    """The difference of a model to its start, and the optimiser of it.

    Inner matrices are held at ``start + up @ down`` (Hu et al., "LoRA", 2021), other tensors are
    trained whole. The model itself is untouched: it computes its gradients as always, and
    :meth:`step` hands them on to the factors. The start is rounded to bf16, as it is stored.

    Parameters
    ----------
    model : nn.Module
        Its weights are changed in place by each step.
    rank : int
        Rank of the difference.
    """

    def __init__(self, model: nn.Module, rank: int) -> None:
        super().__init__()
        named = dict(model.named_parameters())
        groups: dict[torch.Size, list[str]] = defaultdict(list)
        for name, p in named.items():
            if is_factored(name, p, rank):
                groups[p.shape].append(name)
        self.names = list(groups.values())
        self.matrices = [[named[n] for n in group] for group in self.names]
        factored = {n for group in self.names for n in group}
        self.whole_names = [n for n in named if n not in factored]
        self.whole = nn.ParameterList(named[n] for n in self.whole_names)
        self.up, self.down = nn.ParameterList(), nn.ParameterList()
        for i, group in enumerate(self.matrices):
            start = torch.stack([p.detach().bfloat16().float() for p in group])
            self.register_buffer(f"start{i}", start)
            n, rows, columns = start.shape
            self.up.append(nn.Parameter(start.new_zeros(n, rows, rank)))
            down = torch.randn(n, rank, columns, device=start.device) / columns**0.5
            self.down.append(nn.Parameter(down))
        self.adamw = torch.optim.AdamW(
            [
                {"params": [*self.up, *self.down]},
                {"params": list(self.whole)},
            ],
            betas=(0.9, 0.99),
            weight_decay=0.0,
            foreach=True,
        )

    def products(self, i: int) -> Tensor:
        """(n, rows, columns) weights of group ``i``."""
        start: Tensor = getattr(self, f"start{i}")
        return start + self.up[i] @ self.down[i]

    @torch.no_grad()
    def step(
        self, lr: float, whole_lr: float, distributed: Distributed | None = None, clip: float = 1.0
    ) -> None:
        """Take the model's gradients over, update the difference, and put it into the model.

        Parameters
        ----------
        lr, whole_lr : float
            Step size for the factors and for the tensors that are trained whole.
        distributed : Distributed, optional
            Gradients are averaged over it.
        clip : float
            Largest norm of all gradients.
        """
        for group, up, down in zip(self.matrices, self.up, self.down, strict=True):
            grad = torch.stack([p.grad if p.grad is not None else p * 0 for p in group])
            up.grad, down.grad = grad @ down.mT, up.mT @ grad
            for p in group:
                p.grad = None
        params = list(self.parameters())
        if distributed is not None:
            distributed.average_gradients(params)
        nn.utils.clip_grad_norm_(params, clip, foreach=True)
        self.adamw.param_groups[0]["lr"], self.adamw.param_groups[1]["lr"] = lr, whole_lr
        self.adamw.step()
        self.adamw.zero_grad(set_to_none=True)
        for i, group in enumerate(self.matrices):
            torch._foreach_copy_([p.data for p in group], list(self.products(i).unbind(0)))

    @torch.no_grad()
    def weights(self) -> dict[str, Tensor]:
        """The model's weights by name."""
        found: dict[str, Tensor] = dict(zip(self.whole_names, self.whole, strict=True))
        for i, names in enumerate(self.names):
            found |= dict(zip(names, self.products(i).unbind(0), strict=True))
        return {name: value.detach().clone() for name, value in found.items()}
