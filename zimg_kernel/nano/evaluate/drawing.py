"""Drawing of evaluation cases, by diffusers' own pipelines or many at once on a GPU."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from zimg_kernel.nano.forward import encode_text, velocity
from zimg_kernel.nano.forward_omni import edit_velocity
from zimg_kernel.nano.models import sigmas

from .cases import EvaluationCase

Draw = Callable[[Sequence[EvaluationCase], "Sequence[Image.Image] | None"], list[Image.Image]]
"""draw(cases, sources) gives one picture for each case; sources are the pictures to edit."""


def stock_draw(
    folder: Path,
    *,
    steps: int = 8,
    guidance: float = 0.0,
    size: int = 256,
    device: str = "cpu",
    edit: bool = False,
) -> Draw:
    """Draw with diffusers' own pipeline on a folder, one picture at a time."""
    from diffusers import ZImagePipeline

    from zimg_kernel.nano.omni import NanoOmniPipeline

    kind: Any = NanoOmniPipeline if edit else ZImagePipeline
    pipe = kind.from_pretrained(folder, dtype=torch.float32).to(device)
    pipe.set_progress_bar_config(disable=True)

    def draw(
        cases: Sequence[EvaluationCase], sources: Sequence[Image.Image] | None
    ) -> list[Image.Image]:
        images = []
        for i, case in enumerate(cases):
            extra = {"image": sources[i]} if sources is not None else {}
            out = pipe(
                prompt=case.prompt,
                negative_prompt=case.negative or None,
                width=size,
                height=size,
                num_inference_steps=steps,
                guidance_scale=guidance,
                generator=torch.Generator().manual_seed(case.seed),
                **extra,
            )
            images.append(out.images[0])
        return images

    return draw


class FastDraw:
    """Drawing of many cases at once with the training code's forward passes.

    The numbers are those of the pipelines up to rounding (tests compare the forwards), with the
    same noise for a seed.
    """

    def __init__(self, folder: Path, device: str, size: int = 256, batch: int = 128) -> None:
        from diffusers import ZImagePipeline

        pipe = ZImagePipeline.from_pretrained(folder, dtype=torch.float32).to(device)
        self.transformer, self.encoder, self.vae = pipe.transformer, pipe.text_encoder, pipe.vae
        self.tokenizer, self.device, self.size, self.batch = pipe.tokenizer, device, size, batch

    def tokens(self, texts: Sequence[str], length: int) -> tuple[Tensor, Tensor]:
        """Ids (N, length) and mask of real tokens for prompts."""
        from zimg_kernel.nano.tokenizer import PAD_ID, chat

        ids = torch.full((len(texts), length), PAD_ID)
        for i, row in enumerate(self.tokenizer([chat(t) for t in texts])["input_ids"]):
            ids[i, : len(row)] = torch.tensor(row)
        lengths = [len(r) for r in self.tokenizer([chat(t) for t in texts])["input_ids"]]
        real = torch.arange(length)[None] < torch.tensor(lengths)[:, None]
        return ids.to(self.device), real.to(self.device)

    def length(self, text: str) -> int:
        """Padded length of a prompt."""
        from zimg_kernel.nano.tokenizer import chat, padded_length

        return int(padded_length(len(self.tokenizer([chat(text)])["input_ids"][0])))

    @torch.inference_mode()
    def __call__(
        self,
        cases: Sequence[EvaluationCase],
        sources: Sequence[Image.Image] | None = None,
        *,
        steps: int = 8,
        guidance: float = 0.0,
    ) -> list[Image.Image]:
        """Draw the cases; with ``sources``, edit these."""
        out: dict[int, Image.Image] = {}
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, case in enumerate(cases):
            groups[self.length(case.prompt), self.length(case.negative)].append(i)
        for (long, short), members in groups.items():
            for start in range(0, len(members), self.batch):
                part = members[start : start + self.batch]
                chosen = [cases[i] for i in part]
                given = None if sources is None else [sources[i] for i in part]
                images = self._some(chosen, given, (long, short), steps, guidance)
                out |= dict(zip(part, images, strict=True))
        return [out[i] for i in range(len(cases))]

    def _some(
        self,
        cases: list[EvaluationCase],
        sources: list[Image.Image] | None,
        lengths: tuple[int, int],
        steps: int,
        guidance: float,
    ) -> list[Image.Image]:
        from zimg_kernel.nano.tokenizer import PREFIX

        side = self.size // 8
        noise = [
            torch.randn(1, 16, side, side, generator=torch.Generator().manual_seed(c.seed))
            for c in cases
        ]
        factor, shift = self.vae.config.scaling_factor, self.vae.config.shift_factor
        reference = prefix = None
        if sources is not None:
            x = torch.stack([_tensor(s) for s in sources]).to(self.device) * 2 - 1
            reference = (self.vae.encode(x).latent_dist.mode() - shift) * factor
            prefix = torch.tensor(self.tokenizer([PREFIX])["input_ids"]).to(self.device)
        empty = None
        if guidance > 0:
            empty = self.tokens([c.negative for c in cases], lengths[1])
        z = sample(
            self.transformer,
            self.encoder,
            self.tokens([c.prompt for c in cases], lengths[0]),
            (self.size, self.size),
            steps=steps,
            guidance=guidance,
            empty=empty,
            reference=reference,
            prefix=prefix,
            noise=torch.cat(noise).to(self.device),
        )
        pictures = self.vae.decode(z / factor + shift).sample / 2 + 0.5
        pixels = (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        return [Image.fromarray(p) for p in pixels]


@torch.no_grad()
def sample(
    model: Any,
    encoder: Any,
    words: tuple[Tensor, Tensor],
    size: tuple[int, int],
    *,
    steps: int = 8,
    guidance: float = 0.0,
    empty: tuple[Tensor, Tensor] | None = None,
    reference: Tensor | None = None,
    prefix: Tensor | None = None,
    noise: Tensor | None = None,
) -> Tensor:
    """Latents for words of one bucket, by the pipeline's Euler steps; for many at once.

    ``words`` and ``empty`` are ids (N, L) and their mask; with ``reference`` (N, 16, H, W) and
    the ids of the ``prefix`` (1, P) it edits.
    """
    ids, real = words
    n, device = len(ids), ids.device
    z = torch.randn(n, 16, size[0] // 8, size[1] // 8, device=device) if noise is None else noise
    levels = sigmas(steps)
    none = encode_text(encoder, empty[0]) if empty is not None and guidance else None
    caption = encode_text(encoder, ids)
    start = encode_text(encoder, prefix) if prefix is not None else None

    def forward(z: Tensor, t: Tensor, caption: Tensor, real: Tensor) -> Tensor:
        if reference is None or start is None:
            return velocity(model, z, t, caption, real).float()
        return edit_velocity(model, z, t, reference, caption, real, start).float()

    for now, after in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True):
        t = torch.full((n,), 1 - now, device=device)
        v = forward(z, t, caption, real)
        if none is not None and empty is not None:
            v = v + guidance * (v - forward(z, t, none, empty[1]))
        z = z + (now - after) * v
    return z


def _tensor(image: Image.Image) -> Tensor:
    import numpy as np

    data = torch.from_numpy(np.asarray(image.convert("RGB")).copy())
    return data.permute(2, 0, 1).float() / 255
