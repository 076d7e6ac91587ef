"""Recordings of steps on a CUDA GPU: they go on to be right whatever else lets memory go."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from small_transformer import caption, latents, make_transformer
from zimg_kernel.speed.forward import FastForward
from zimg_kernel.speed.graphs import StepGraphs

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")


def test_a_recording_keeps_the_tables_that_it_reads() -> None:
    module: Any = make_transformer().cuda()
    fast = FastForward(module, torch.device("cuda"), graphs=StepGraphs())
    given = [latents(16, 16).cuda()], torch.tensor([0.3]).cuda(), [caption(20).cuda()]
    with torch.inference_mode():
        for _ in range(3):  # the third is played
            expected = module(*given, return_dict=False)[0][0]
        fast.plain._tables.clear()  # as when many sizes are in use
        waste = [torch.full((1 << 16,), 7.0, device="cuda") for _ in range(64)]
        assert torch.equal(module(*given, return_dict=False)[0][0], expected)
    assert fast.fallback.failure is None
    assert waste
