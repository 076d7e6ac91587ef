"""A pool of scenes with tokenised captions, made by worker processes and kept on the device."""

from __future__ import annotations

import os
import random
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from zimg_kernel.nano.captions import LANGUAGES, caption
from zimg_kernel.nano.render import Packed, pack
from zimg_kernel.nano.tokenizer import PAD_ID, UNK_ID, build, chat, padded_length
from zimg_kernel.nano.world import sample_scene

BUCKETS = (32, 64, 96)
SHARES = (0.76, 0.2, 0.04)
"""How often a batch comes from each bucket of padded caption length."""

CHUNK = 10_000


def corpus(n: int, seed: int) -> list[str]:
    """Captions to train the tokenizer on."""
    rng = random.Random(f"corpus {seed}")
    return [caption(sample_scene(rng), rng, rng.choice(LANGUAGES)) for _ in range(n)]


def make_tokenizer(n: int, seed: int) -> Tokenizer:
    """The tokenizer, from ``n`` captions."""
    return build(chat(c) for c in corpus(n, seed))


class Chunk(NamedTuple):
    """Arrays for some scenes: their geometry, kinds, backgrounds and captions."""

    geometry: np.ndarray
    kinds: np.ndarray
    background: np.ndarray
    ids: np.ndarray
    length: np.ndarray


def make_chunk(tokenizer_json: str, n: int, seed: int, index: int) -> Chunk:
    """``n`` scenes with captions; the same arguments give the same chunk.

    No caption contains ``<unk>``. Three in a hundred get one to three of its ids put in
    somewhere, so that the model learns to pass over words that it does not know.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    rng = random.Random(f"pool {seed} {index}")
    tokenizer = Tokenizer.from_str(tokenizer_json)
    scenes = [sample_scene(rng) for _ in range(n)]
    texts = [caption(s, rng, rng.choice(LANGUAGES)) for s in scenes]
    encoded = [e.ids for e in tokenizer.encode_batch([chat(t) for t in texts])]
    ids = np.full((n, BUCKETS[-1]), PAD_ID, dtype=np.int16)
    length = np.zeros(n, dtype=np.int16)
    for i, row in enumerate(encoded):
        if UNK_ID in row:
            raise ValueError(f"caption with unknown tokens: {texts[i]!r}")
        if rng.random() < 0.03:
            for _ in range(rng.randint(1, 3)):
                row.insert(rng.randint(2, len(row) - 3), UNK_ID)
        row = row[: BUCKETS[-1]]
        ids[i, : len(row)] = row
        length[i] = len(row)
    packed = pack(scenes)
    return Chunk(
        packed.geometry.numpy(),
        packed.kinds.to(torch.int8).numpy(),
        packed.background.to(torch.int8).numpy(),
        ids,
        length,
    )


class Pool:
    """Scenes and captions on a device, filled while training runs.

    Parameters
    ----------
    tokenizer : Tokenizer
    total : int
        How many to make in all.
    seed : int
    device : str
    workers : int
        0: make them at once in this process.
    """

    def __init__(
        self, tokenizer: Tokenizer, total: int, seed: int, device: str, workers: int = 0
    ) -> None:
        self.device = device
        self.size = 0
        self.geometry = torch.zeros(total, 5, 3, device=device)
        self.kinds = torch.zeros(total, 5, 3, dtype=torch.int8, device=device)
        self.background = torch.zeros(total, dtype=torch.int8, device=device)
        self.ids = torch.zeros(total, BUCKETS[-1], dtype=torch.int16, device=device)
        self.length = torch.zeros(total, dtype=torch.int16, device=device)
        self.buckets = {b: torch.zeros(0, dtype=torch.long, device=device) for b in BUCKETS}
        self.pending: list[Future[Chunk]] = []
        self.total = total
        text = tokenizer.to_str()
        sizes = [min(CHUNK, total - i) for i in range(0, total, CHUNK)]
        if workers:
            self.executor = ProcessPoolExecutor(
                workers, get_context("spawn"), torch.set_num_threads, (1,)
            )
            self.pending = [
                self.executor.submit(make_chunk, text, n, seed, i) for i, n in enumerate(sizes)
            ]
        else:
            for i, n in enumerate(sizes):
                self._add(make_chunk(text, n, seed, i))

    def _add(self, chunk: Chunk) -> None:
        a, b = self.size, self.size + len(chunk.length)
        for name, values in chunk._asdict().items():
            getattr(self, name)[a:b] = torch.from_numpy(values).to(self.device)
        padded = torch.from_numpy(padded_length(chunk.length.astype(np.int64)))
        for bucket in BUCKETS:
            found = (padded == bucket).nonzero()[:, 0].to(self.device) + a
            self.buckets[bucket] = torch.cat([self.buckets[bucket], found])
        self.size = b

    def refresh(self, least: int = 0) -> None:
        """Take in what the workers have finished; wait until ``least`` are there."""
        while self.pending and (self.pending[0].done() or self.size < least):
            self._add(self.pending.pop(0).result())
        if not self.pending and hasattr(self, "executor"):
            self.executor.shutdown(wait=False)

    def scenes(self, n: int) -> Packed:
        """``n`` random scenes."""
        return self._packed(torch.randint(0, self.size, (n,), device=self.device))

    def _packed(self, index: Tensor) -> Packed:
        return Packed(self.geometry[index], self.kinds[index].long(), self.background[index].long())

    def batch(self, n: int, rng: random.Random) -> tuple[Packed, Tensor, Tensor]:
        """Scenes, ids (n, L) and mask of real tokens (n, L), all of one bucket L."""
        bucket = rng.choices(BUCKETS, SHARES)[0]
        if len(self.buckets[bucket]) < n:
            bucket = BUCKETS[0]
        chosen = self.buckets[bucket]
        index = chosen[torch.randint(0, len(chosen), (n,), device=self.device)]
        ids = self.ids[index, :bucket].long()
        real = torch.arange(bucket, device=self.device) < self.length[index, None]
        return self._packed(index), ids, real
