"""Forward of Z-Image's transformer without lists and masks, for one size and caption length.

It computes what ``ZImageTransformer2DModel.forward`` of diffusers 0.42 does for a batch of pictures
of one size with captions of one padded length, over packed weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import rope
from .attention import Attention
from .blocks import Modulation, Rotation, Row, Weights
from .lora_factors import Factors, factors_of
from .packed import linears

if TYPE_CHECKING:
    import torch
    from torch import nn

_KEPT = 24  # tables of positions: sizes and caption lengths in use
_PATCH = "2-1"  # the only patch size of the published models
LoraFactors = dict[str, list[dict[str, Factors]]]
"""LoRAs of each row of blocks, of each block, of each product."""

ROWS = ("noise_refiner", "context_refiner", "layers")


class PlainTransformer:
    """The transformer's parts, called without lists.

    Parameters
    ----------
    module : ZImageTransformer2DModel
        Keeps its embedders and its final layer, which are called as they are, LoRAs and all.
    weights : dict of str to Weights
        Of each of :data:`ROWS`.
    attention, attention_fp8 : callable
        Of :func:`zimg_kernel.speed.attention.pick_attention`, and that for blocks in fp8.
    device : torch.device
        Where it computes.
    """

    def __init__(
        self,
        module: Any,
        weights: dict[str, Weights],
        attention: Attention,
        attention_fp8: Attention | None,
        device: torch.device,
    ) -> None:
        self.attention_fp8 = attention_fp8
        self.module, self.weights, self.attention = module, weights, attention
        self._tables: dict[Any, Any] = {}
        self._packed: dict[str, list[Any]] = {name: linears_of(module, name) for name in ROWS}
        self.factors: LoraFactors = {}
        self._modulate = _stacked(module, device)

    def read_loras(self) -> LoraFactors:
        """Return the factors of the LoRAs that stand in the module's layers now.

        Raises
        ------
        NotPlain
            One of them cannot be drawn this way.
        """
        dtype = self.module.dtype
        found: LoraFactors = {}
        for name, blocks in self._packed.items():
            found[name] = []
            for places in blocks:
                made = {
                    part: factors_of([getattr(*at) for at in at_all], dtype)
                    for part, at_all in places.items()
                }
                found[name].append({part: fs for part, fs in made.items() if fs is not None})
        return found

    def caption(self, embeddings: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        """Return a refined caption (1, padded tokens, features).

        It does not depend on the time: one for a prompt will do.

        Parameters
        ----------
        embeddings : Tensor
            (padded tokens, features), anything behind the prompt's own.
        count : Tensor
            How many are the prompt's own, a tensor so that one recording does for all of a length.
        """
        import torch

        module = self.module
        embedded = module.cap_embedder(embeddings)
        own = torch.arange(len(embeddings), device=embeddings.device)[:, None] < count
        tokens = torch.where(own, embedded, module.cap_pad_token.to(embedded.dtype))
        turn = self.caption_table(len(tokens), embeddings.device)
        return self.row("context_refiner").run(tokens[None], turn, None)

    def caption_table(self, tokens: int, device: torch.device) -> Rotation:
        """Return the rotation of a padded caption."""

        def make() -> Rotation:
            return Rotation(*rope.tables(self.module, rope.caption_positions(tokens, device)))

        return self._kept(("caption", tokens, device), make)

    def step(
        self,
        latents: torch.Tensor,
        times: torch.Tensor,
        captions: torch.Tensor,
        blocks: Callable[..., torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Return the prediction of one step.

        Parameters
        ----------
        latents : Tensor
            (batch, channels, height, width), sides multiples of 2.
        times : Tensor
            (batch,), 0 for noise to 1 for a picture.
        captions : Tensor
            (batch, tokens, features) of :meth:`caption`.
        blocks : callable, optional
            Computes both rows of blocks instead, from the picture's tokens, the captions and the
            modulations of both rows.

        Returns
        -------
        Tensor
            Like the latents.
        """
        import torch

        module = self.module
        batch, channels, height, width = latents.shape
        rows, columns = height // 2, width // 2
        count, padding = rows * columns, rope.padding(rows * columns)
        picture, both = self.tables(captions.shape[1], rows, columns, latents.device)
        time = module.t_embedder(times * module.t_scale).type_as(latents)
        early, late = self._modulate(time)
        patches = latents.view(batch, channels, rows, 2, columns, 2).permute(0, 2, 4, 3, 5, 1)
        x = module.all_x_embedder[_PATCH](patches.reshape(batch, count, 4 * channels))
        if padding:
            pads = module.x_pad_token.to(x.dtype).expand(batch, padding, -1)
            x = torch.cat([x, pads], 1)
        if blocks is None:
            rows_of = {name: self.row(name) for name in ("noise_refiner", "layers")}
            x = run_rows(rows_of, picture, both, x, captions, early, late)
        else:
            x = blocks(x, captions, early, late)
        out = module.all_final_layer[_PATCH](x[:, :count].contiguous(), c=time)
        out = out.view(batch, rows, columns, 2, 2, channels).permute(0, 5, 1, 3, 2, 4)
        return out.reshape(latents.shape)

    def tables(
        self, caption: int, rows: int, columns: int, device: torch.device
    ) -> tuple[Rotation, Rotation]:
        """Return the rotations of a picture, and of it with its caption behind it."""
        import torch

        def make() -> tuple[Rotation, Rotation]:
            first = rope.picture_positions(caption, rows, columns, device)
            second = rope.caption_positions(caption, device)
            picture = Rotation(*rope.tables(self.module, first))
            return picture, Rotation(*rope.tables(self.module, torch.cat([first, second])))

        return self._kept((caption, rows, columns, device), make)

    def _kept(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return tables made once; those used first go first."""
        if key not in self._tables:
            if len(self._tables) >= _KEPT:
                self._tables.pop(next(iter(self._tables)))
            self._tables[key] = make()
        return self._tables[key]

    def row(self, name: str) -> Row:
        """Return a row of blocks with the LoRAs in use."""
        eps = float(getattr(self.module, name)[0].attention_norm1.eps)
        factors = self.factors.get(name, [])
        return Row(
            self.weights[name],
            self.module.n_heads,
            eps,
            self.attention,
            self.attention_fp8,
            factors,
        )


def run_rows(
    rows: Mapping[str, Row],
    picture: Rotation,
    both: Rotation,
    x: torch.Tensor,
    captions: torch.Tensor,
    early: Modulation,
    late: Modulation,
) -> torch.Tensor:
    """Return a picture's and its caption's tokens behind the last block."""
    import torch

    x = rows["noise_refiner"].run(x, picture, early)
    return rows["layers"].run(torch.cat([x, captions], 1), both, late)


def linears_of(module: Any, row: str) -> list[dict[str, list[tuple[nn.Module, str]]]]:
    """Return where the layers of each packed product of each block stand."""
    return [linears(block) for block in getattr(module, row)]


def _stacked(
    module: Any, device: torch.device
) -> Callable[[torch.Tensor], tuple[Modulation, Modulation]]:
    """Return what makes the modulation of all blocks of a time (batch, features) at once.

    The layers' weights become views of one memory. A LoRA on one of these layers is applied by
    calling each layer.
    """
    import torch

    blocks = [*module.noise_refiner, *module.layers]
    first = [block.adaLN_modulation[0] for block in blocks]
    weight = torch.stack([layer.weight.data for layer in first]).to(device)
    bias = torch.stack([layer.bias.data for layer in first]).to(device)
    for layer, own_weight, own_bias in zip(first, weight, bias, strict=True):
        layer.weight.data, layer.bias.data = own_weight, own_bias
    early = len(module.noise_refiner)

    def modulate(time: torch.Tensor) -> tuple[Modulation, Modulation]:
        layers = [block.adaLN_modulation[0] for block in blocks]
        if all(layer is own for layer, own in zip(layers, first, strict=True)):
            made = torch.einsum("loi,bi->lbo", weight, time) + bias[:, None]
        else:
            made = torch.stack([layer(time) for layer in layers])
        scale_1, gate_1, scale_2, gate_2 = made.chunk(4, -1)
        scales = 1 + torch.stack((scale_1, scale_2), 1)
        gates = torch.stack((gate_1, gate_2), 1).tanh()
        return (
            Modulation(scales[:early], gates[:early]),
            Modulation(scales[early:], gates[early:]),
        )

    return modulate
