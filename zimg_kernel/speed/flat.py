"""Parameters of a module in one piece of memory, to be moved as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn

_ALIGNED = 256  # bytes


class FlatModule:
    """A module whose parameters are views of one piece of memory.

    Parameters
    ----------
    module : Module
        Of one number format.
    """

    def __init__(self, module: nn.Module) -> None:
        import torch

        self.module = module
        self._parameters = list(module.parameters())
        sizes = [p.numel() * p.element_size() for p in self._parameters]
        padded = [-(-size // _ALIGNED) * _ALIGNED for size in sizes]
        self._places = [sum(padded[:i]) for i in range(len(sizes))]
        device = self._parameters[0].device
        self.storage = torch.empty(sum(padded), dtype=torch.uint8, device=device)
        for parameter, view in zip(self._parameters, self._views(self.storage), strict=True):
            view.copy_(parameter.data)
            parameter.data = view

    def show(self, storage: torch.Tensor) -> None:
        """Let the parameters be views of another piece that holds the same."""
        for parameter, view in zip(self._parameters, self._views(storage), strict=True):
            parameter.data = view

    def _views(self, storage: torch.Tensor) -> list[torch.Tensor]:
        found = []
        for parameter, place in zip(self._parameters, self._places, strict=True):
            size = parameter.numel() * parameter.element_size()
            part = storage[place : place + size].view(parameter.dtype)
            found.append(part.view(parameter.shape))
        return found
