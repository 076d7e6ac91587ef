"""Parts that fail on a machine give way to the stock ones, once and for all."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from small_transformer import caption, latents, make_transformer
from zimg_kernel.speed import transformer as fast
from zimg_kernel.speed.forward import FastForward

pytestmark = pytest.mark.usefixtures("may_give_way")


@pytest.mark.parametrize("resident", [None, 1])
def test_a_kernel_that_cannot_be_built(
    resident: int | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stock = make_transformer()
    module = copy.deepcopy(stock)
    FastForward(module, torch.device("cpu"), resident=resident)
    calls: list[int] = []

    def fails(*_: Any) -> None:
        calls.append(1)
        raise RuntimeError("no C compiler")

    monkeypatch.setattr(fast.PlainTransformer, "step", fails)
    given = [latents(16, 16)], torch.tensor([0.3]), [caption(20)]
    with torch.inference_mode():
        expected = stock(*given, return_dict=False)[0][0]
        for _ in range(2):
            found = module(*given, return_dict=False)[0][0]
            assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
    assert len(calls) == 1
    assert "no C compiler" in caplog.text


def test_no_memory_is_no_failure_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    module = make_transformer()
    FastForward(module, torch.device("cpu"))

    def full(*_: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(fast.PlainTransformer, "step", full)
    with torch.inference_mode(), pytest.raises(torch.OutOfMemoryError):
        module([latents(16, 16)], torch.tensor([0.3]), [caption(20)])
