"""A family of models with random weights."""

from __future__ import annotations

import shutil

import pytest
import torch
from tokenizers import Tokenizer
from torch import nn

from zimg_kernel.models import embedded
from zimg_kernel.nano import TURBO, models
from zimg_kernel.nano.train.export import export_family

RANK = 4  # of the difference between base and turbo


def randomise(model: nn.Module, seed: int) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    for p in model.parameters():
        p.data += 0.05 * torch.randn(p.shape, generator=generator)
    return model.eval()


def student_of(base: nn.Module) -> nn.Module:
    """A model whose block matrices differ by a product of rank 4, and the rest at will."""
    generator = torch.Generator().manual_seed(7)
    student = models.make_transformer(n_layers=1)
    state = {name: value.bfloat16().float() for name, value in base.state_dict().items()}
    for name, value in state.items():
        if name.startswith("layers") and value.ndim == 2:
            up = torch.randn(len(value), RANK, generator=generator)
            value += 0.03 * up @ torch.randn(RANK, value.shape[1], generator=generator)
        elif "final" in name or "norm" in name:
            value += 0.1 * torch.randn(value.shape, generator=generator)
    student.load_state_dict(state)
    return student


@pytest.fixture(scope="session")
def stored(tmp_path_factory):
    """The stored files of a family with random weights, and its two transformers."""
    out = tmp_path_factory.mktemp("weights")
    tokenizer = Tokenizer.from_file(str(TURBO / "tokenizer" / "tokenizer.json"))
    torch.manual_seed(0)
    base = randomise(models.make_transformer(n_layers=1), 1)
    encoder = randomise(models.make_encoder(tokenizer.get_vocab_size(), num_hidden_layers=2), 2)
    vae = randomise(models.make_vae(block_out_channels=[16] * 4), 3)
    student = student_of(base)
    report = export_family(out, base, encoder, vae, tokenizer, student, RANK)
    return out, report, base, student


@pytest.fixture
def root(stored, tmp_path, monkeypatch):
    """The stored files in a place of this test's own, with an empty cache."""
    root = tmp_path / "weights"
    shutil.copytree(stored[0], root)
    monkeypatch.setattr(embedded, "_ROOT", root)
    monkeypatch.setenv("ZIMG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    return root


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"
