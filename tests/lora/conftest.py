"""No LoRA in memory at the start of each test of this folder."""

from __future__ import annotations

import pytest
import torch

from zimg_kernel.lora import unload_loras


@pytest.fixture(autouse=True)
def nothing_loaded() -> None:
    """Every test begins with no LoRA in memory."""
    unload_loras()


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same random weights in each test."""
    torch.manual_seed(0)
