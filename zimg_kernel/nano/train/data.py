"""Pools of pictures with tokenised captions, made by worker processes, held on the device."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from zimg_kernel.nano.draw.marks import COLUMNS, NOTHING
from zimg_kernel.nano.draw.render import Packed
from zimg_kernel.nano.draw.sign_render import encode
from zimg_kernel.nano.draw.things import scene_flags, scene_marks
from zimg_kernel.nano.text.captions import LANGUAGES, caption
from zimg_kernel.nano.tokenizer import PAD_ID, UNK_ID, build, chat, padded_length
from zimg_kernel.nano.world.edits import sample_edit
from zimg_kernel.nano.world.scenes import Scene, sample
from zimg_kernel.nano.world.signs import fits

from .lesson_scenes import lesson_example

BUCKETS = (32, 64, 96)
CHUNK = 5_000
SMALL = 128
"""Pictures that can be drawn with this many pixels a side (signs may be too long) are small."""

Maker = Callable[[random.Random], tuple[tuple[Scene, ...], str]]
"""Makes the scenes of one example (one; or source and target of an edit) and its words."""


def text_example(rng: random.Random) -> tuple[tuple[Scene, ...], str]:
    """A scene and its caption."""
    scene = sample(rng)
    if scene.kind == "empty" and rng.random() < 0.5:
        return (scene,), ""
    return (scene,), caption(scene, rng, rng.choice(LANGUAGES))


def edit_example(rng: random.Random) -> tuple[tuple[Scene, ...], str]:
    """Source and target of an edit, and its instruction."""
    edit = sample_edit(rng)
    return (edit.source, edit.target), edit.instruction


MAKERS: dict[str, Maker] = {"text": text_example, "edit": edit_example, "lesson": lesson_example}


def corpus(n: int, seed: int) -> list[str]:
    """Captions and instructions to train the tokenizer on."""
    rng = random.Random(f"corpus {seed}")
    return [MAKERS["edit" if i % 4 == 0 else "text"](rng)[1] for i in range(n)]


def make_tokenizer(n: int, seed: int) -> Tokenizer:
    """The tokenizer, from ``n`` captions."""
    return build(chat(c) for c in corpus(n, seed))


class Chunk(NamedTuple):
    """Arrays for some examples; pictures of one example follow each other."""

    marks: np.ndarray
    """(M, 24) float16: the marks of all pictures, one after the other."""
    counts: np.ndarray
    """(pictures,) how many marks each has."""
    flags: np.ndarray
    """(pictures, 3)."""
    signs: np.ndarray
    """(pictures, 14) float16."""
    ids: np.ndarray
    """(examples, 96) tokens."""
    length: np.ndarray
    """(examples,)."""
    small: np.ndarray
    """(examples,) bool."""


def make_chunk(tokenizer_json: str, n: int, seed: int, index: int, task: str = "text") -> Chunk:
    """``n`` examples; the same arguments give the same chunk.

    No words contain ``<unk>``. Three in a hundred get one to three of its ids put in somewhere,
    so that the model learns to pass over words that it does not know.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    rng = random.Random(f"pool {task} {seed} {index}")
    tokenizer = Tokenizer.from_str(tokenizer_json)
    make = MAKERS[task]
    examples = [make(rng) for _ in range(n)]
    encoded = [e.ids for e in tokenizer.encode_batch([chat(t) for _, t in examples])]
    ids = np.full((n, BUCKETS[-1]), PAD_ID, dtype=np.int16)
    length = np.zeros(n, dtype=np.int16)
    for i, row in enumerate(encoded):
        if UNK_ID in row:
            raise ValueError(f"caption with unknown tokens: {examples[i][1]!r}")
        if rng.random() < 0.03:
            for _ in range(rng.randint(1, 3)):
                row.insert(rng.randint(2, len(row) - 3), UNK_ID)
        row = row[: BUCKETS[-1]]
        ids[i, : len(row)] = row
        length[i] = len(row)
    scenes = [s for group, _ in examples for s in group]
    marks = [scene_marks(s) for s in scenes]
    rows = [row for m in marks for row in m]
    return Chunk(
        np.array(rows, dtype=np.float16).reshape(-1, COLUMNS),
        np.array([len(m) for m in marks], dtype=np.int64),
        np.array([scene_flags(s) for s in scenes], dtype=np.int64),
        np.array([encode(s.sign) for s in scenes], dtype=np.float16),
        ids,
        length,
        np.array(
            [all(s.sign is None or fits(s.sign, SMALL, SMALL) for s in g) for g, _ in examples]
        ),
    )


def _in_background() -> None:
    """Lower a worker's priority: training has much to compile at the start."""
    torch.set_num_threads(1)
    if hasattr(os, "nice"):
        os.nice(10)


class Pool:
    """Examples on a device, filled while training runs.

    Parameters
    ----------
    tokenizer : Tokenizer
    total : int
        How many examples to make in all.
    seed : int
    device : str
    workers : int
        0: make them at once in this process.
    task : {"text", "edit", "lesson"}
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        total: int,
        seed: int,
        device: str,
        workers: int = 0,
        task: str = "text",
    ) -> None:
        self.device, self.task = device, task
        self.each = 2 if task == "edit" else 1
        self.size = self.used = 0
        self.marks = torch.zeros(0, COLUMNS, dtype=torch.float16, device=device)
        self.counts = np.zeros(total * self.each, dtype=np.int64)
        self.starts = np.zeros(total * self.each, dtype=np.int64)
        self.flags = torch.zeros(total * self.each, 3, dtype=torch.int16, device=device)
        self.signs = torch.zeros(total * self.each, 14, dtype=torch.float16, device=device)
        self.ids = torch.zeros(total, BUCKETS[-1], dtype=torch.int16, device=device)
        self.length = torch.zeros(total, dtype=torch.int16, device=device)
        self.buckets: dict[tuple[int, bool], list[np.ndarray]] = {
            (b, s): [] for b in BUCKETS for s in (True, False)
        }
        self.nothing = torch.tensor(NOTHING, device=device)
        self.numbers = np.random.default_rng(seed)
        self.pending: list[Future[Chunk]] = []
        text = tokenizer.to_str()
        sizes = [min(CHUNK, total - i) for i in range(0, total, CHUNK)]
        if workers:
            self.executor = ProcessPoolExecutor(workers, get_context("spawn"), _in_background)
            self.pending = [
                self.executor.submit(make_chunk, text, n, seed, i, task)
                for i, n in enumerate(sizes)
            ]
        else:
            for i, n in enumerate(sizes):
                self._add(make_chunk(text, n, seed, i, task))

    def _add(self, chunk: Chunk) -> None:
        a, b = self.size, self.size + len(chunk.length)
        for name in ("ids", "length"):
            getattr(self, name)[a:b] = torch.from_numpy(getattr(chunk, name)).to(self.device)
        pictures = slice(a * self.each, b * self.each)
        for name in ("flags", "signs"):
            getattr(self, name)[pictures] = torch.from_numpy(getattr(chunk, name)).to(self.device)
        self.counts[pictures] = chunk.counts
        self.starts[pictures] = self.used + np.cumsum(chunk.counts) - chunk.counts
        end = self.used + len(chunk.marks)
        if end > len(self.marks):
            more = torch.zeros(end, COLUMNS, dtype=torch.float16, device=self.device)
            self.marks = torch.cat([self.marks, more])
        self.marks[self.used : end] = torch.from_numpy(chunk.marks).to(self.device)
        self.used = end
        padded = padded_length(chunk.length.astype(np.int64))
        for bucket, small in self.buckets:
            found = np.flatnonzero((padded == bucket) & (chunk.small == small)) + a
            self.buckets[bucket, small].append(found)
        self.size = b

    def refresh(self, least: int = 0) -> None:
        """Take in what the workers have finished; wait until ``least`` are there."""
        while self.pending and (self.pending[0].done() or self.size < least):
            self._add(self.pending.pop(0).result())
        if not self.pending and hasattr(self, "executor"):
            self.executor.shutdown(wait=False)

    def _choice(self, bucket: int, small: bool) -> np.ndarray:
        """Examples of a bucket; ``small``: only those that fit into small pictures."""
        for key in ((bucket, True), (bucket, False)):
            if len(self.buckets[key]) > 1:
                self.buckets[key] = [np.concatenate(self.buckets[key])]
        parts = self.buckets[bucket, True] + ([] if small else self.buckets[bucket, False])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def pictures(self, index: np.ndarray) -> Packed:
        """Pictures by number, in this order."""
        counts, starts = self.counts[index], self.starts[index]
        most = int(counts.max(initial=0))
        column = np.arange(most)
        inside = column[None] < counts[:, None]
        rows = np.where(inside, starts[:, None] + column[None], -1)
        at = torch.from_numpy(rows).to(self.device, non_blocking=True)
        marks = self.marks[at.clamp(min=0)].float()
        marks = torch.where((at >= 0)[..., None], marks, self.nothing)
        # At least two: for a single picture the compiled painter would be compiled once more.
        reach = [
            min(len(index), max(2, int(np.flatnonzero(counts > j)[-1]) + 1)) for j in range(most)
        ]
        where = torch.from_numpy(index).to(self.device, non_blocking=True)
        return Packed(marks, self.flags[where].long(), self.signs[where].float(), reach)

    def scenes(self, n: int, small: bool = True) -> Packed:
        """``n`` random pictures."""
        some = [self._choice(b, small) for b in BUCKETS]
        index = self.numbers.choice(np.concatenate(some), n) * self.each
        return self.pictures(index[np.argsort(-self.counts[index])])

    def batch(self, n: int, rng: random.Random, small: bool) -> tuple[list[Packed], Tensor, Tensor]:
        """Pictures (source and target in an edit pool), ids (n, L) and mask of real tokens (n, L).

        All are of one bucket L, chosen with ``rng`` as often as its captions occur.
        """
        sizes = [len(self._choice(b, small)) for b in BUCKETS]
        bucket = rng.choices(BUCKETS, [s if s >= n else 0 for s in sizes])[0]
        index = self.numbers.choice(self._choice(bucket, small), n)
        index = index[np.argsort(-self.counts[index * self.each])]
        packed = [self.pictures(index * self.each + k) for k in range(self.each)]
        where = torch.from_numpy(index).to(self.device, non_blocking=True)
        ids = self.ids[where, :bucket].long()
        real = torch.arange(bucket, device=self.device) < self.length[where, None]
        return packed, ids, real
