"""Forward of Z-Image's transformer for export: real rotations, no lists, sizes that vary."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from zimg_kernel.speed.rope import MULTIPLE

Tables = tuple[torch.Tensor, torch.Tensor]
_PATCH = "2-1"  # the only patch size of the published models


class TransformerForExport(nn.Module):
    """Predictions for pictures of one size, from a stock transformer's weights.

    It computes what ``ZImageTransformer2DModel`` does (diffusers 0.42): captions and pictures are
    padded to a multiple of 32 with tokens of their own, which take part in attention. The last
    block computes the picture's tokens alone, as no other are used.

    Parameters
    ----------
    module : ZImageTransformer2DModel
        In float32; its parameters are shared.
    """

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module
        self.heads = module.n_heads
        self.head_size = module.dim // module.n_heads
        for axis, (size, length) in enumerate(zip(module.axes_dims, module.axes_lens, strict=True)):
            powers = torch.arange(0, size, 2, dtype=torch.float64) / size
            steps = torch.arange(length, dtype=torch.float64)
            angles = torch.outer(steps, 1.0 / module.rope_theta**powers).float()
            self.register_buffer(f"cos_{axis}", angles.cos(), persistent=False)
            self.register_buffer(f"sin_{axis}", angles.sin(), persistent=False)

    def forward(
        self,
        latents: torch.Tensor,
        time: torch.Tensor,
        caption: torch.Tensor,
        tokens: torch.Tensor,
    ) -> torch.Tensor:
        """Return the predictions (batch, channels, height, width).

        Parameters
        ----------
        latents : Tensor
            (batch, channels, height, width), float32; sides are even.
        time : Tensor
            (1,), 0 to 1, as the pipelines give it to the transformer: 1 - sigma.
        caption : Tensor
            (batch, longest, features), float32.
        tokens : Tensor
            (batch,), int64: how many of them each caption has. All of a batch are padded to the
            same multiple of 32.
        """
        module = self.module
        batch, channels, height, width = latents.shape
        rows, columns = height // 2, width // 2
        count = rows * columns
        condition = module.t_embedder(time * module.t_scale)
        words, word_tables = self._caption(caption, tokens)
        x = latents.reshape(batch, channels, rows, 2, columns, 2).permute(0, 2, 4, 3, 5, 1)
        x = module.all_x_embedder[_PATCH](x.reshape(batch, count, 4 * channels))
        places = torch.arange(_padded(count), device=x.device)
        x = torch.where(
            (places < count)[:, None], x[:, places.clamp(max=count - 1)], module.x_pad_token
        )
        row = places // columns
        first = torch.full_like(places, words.shape[1] + 1)
        positions = torch.stack([first, row, places - row * columns], -1)
        tables = self._tables(positions * (places < count)[:, None])
        for block in module.noise_refiner:
            x = self._block(block, x, tables, condition)
        x = torch.cat([x, words], 1)
        tables = (torch.cat([tables[0], word_tables[0]]), torch.cat([tables[1], word_tables[1]]))
        for block in module.layers[:-1]:
            x = self._block(block, x, tables, condition)
        x = self._block(module.layers[-1], x, tables, condition, count)
        last = module.all_final_layer[_PATCH]
        x = last.linear(last.norm_final(x) * (1 + last.adaLN_modulation(condition)))
        x = x.reshape(batch, rows, columns, 2, 2, channels).permute(0, 5, 1, 3, 2, 4)
        return x.reshape_as(latents)

    def _caption(self, caption: torch.Tensor, tokens: torch.Tensor) -> tuple[torch.Tensor, Tables]:
        """Return the refined tokens (batch, padded, dim) of captions, and their rotations."""
        module = self.module
        longest = caption.shape[1]
        places = torch.arange(_padded(longest), device=caption.device)
        words = module.cap_embedder(caption)[:, places.clamp(max=longest - 1)]
        words = torch.where((places < tokens[:, None])[..., None], words, module.cap_pad_token)
        zeros = torch.zeros_like(places)
        tables = self._tables(torch.stack([places + 1, zeros, zeros], -1))
        for block in module.context_refiner:
            words = self._block(block, words, tables, None)
        return words, tables

    def _tables(self, positions: torch.Tensor) -> Tables:
        """Return cosines and sines (tokens, head size / 2) of positions (tokens, 3)."""
        axes = range(len(self.module.axes_dims))
        cos = [getattr(self, f"cos_{axis}")[positions[:, axis]] for axis in axes]
        sin = [getattr(self, f"sin_{axis}")[positions[:, axis]] for axis in axes]
        return torch.cat(cos, -1), torch.cat(sin, -1)

    def _block(
        self,
        block: Any,
        x: torch.Tensor,
        tables: Tables,
        condition: torch.Tensor | None,
        first: int | None = None,
    ) -> torch.Tensor:
        """Return tokens after a block: all, or so many from the first on.

        Scales and gates are multiplied into the weights of the norms before and behind, so each
        norm is one operation.
        """
        norms = (block.attention_norm1, block.attention_norm2, block.ffn_norm1, block.ffn_norm2)
        weights = [norm.weight for norm in norms]
        if condition is not None:
            factors = block.adaLN_modulation(condition)[0].chunk(4)
            scales = (1 + factors[0], factors[1].tanh(), 1 + factors[2], factors[3].tanh())
            weights = [weight * scale for weight, scale in zip(weights, scales, strict=True)]
        h = self._attention(block.attention, _norm(x, weights[0], norms[0]), tables, first)
        x = (x if first is None else x[:, :first]) + _norm(h, weights[1], norms[1])
        h = _norm(x, weights[2], norms[2])
        feed = block.feed_forward
        h = feed.w2(F.silu(feed.w1(h)) * feed.w3(h))
        return x + _norm(h, weights[3], norms[3])

    def _attention(
        self, part: Any, x: torch.Tensor, tables: Tables, first: int | None
    ) -> torch.Tensor:
        """Return the attention of all tokens, or of so many from the first on."""
        asking, at = x, tables
        if first is not None:
            asking, at = x[:, :first], (tables[0][:first], tables[1][:first])
        q = self._rotated(part.to_q(asking), part.norm_q, at)
        k = self._rotated(part.to_k(x), part.norm_k, tables)
        heads = {"q_num_heads": self.heads, "kv_num_heads": self.heads}
        out = torch.onnx.ops.attention(q, k, part.to_v(x), **heads)[0]
        mixed: torch.Tensor = part.to_out[0](out)
        return mixed

    def _rotated(self, x: torch.Tensor, norm: Any, tables: Tables) -> torch.Tensor:
        """Return tokens (batch, tokens, dim): each head normed, its pairs of features turned."""
        if norm is not None:
            heads = x.unflatten(-1, (self.heads, self.head_size))
            x = _norm(heads, norm.weight, norm).flatten(2)
        cos, sin = (table.expand(x.shape[0], -1, -1) for table in tables)
        return torch.onnx.ops.rotary_embedding(x, cos, sin, interleaved=True, num_heads=self.heads)


def _norm(x: torch.Tensor, weight: torch.Tensor, norm: Any) -> torch.Tensor:
    return F.rms_norm(x, (x.shape[-1],), weight, norm.eps)


def _padded(count: int) -> int:
    return (count + MULTIPLE - 1) // MULTIPLE * MULTIPLE
