"""Training: a toy run on the CPU trains, stops, goes on, and exports a folder that opens."""

from __future__ import annotations

import pytest
import torch

from zimg_kernel.nano import family
from zimg_kernel.nano.optim import Muon, orthogonalise
from zimg_kernel.nano.train import main, seconds


def test_budgets_are_read():
    assert [seconds(t) for t in ("20m", "90s", "1h", "5")] == [1200, 90, 3600, 5]


def test_orthogonalise_gives_singular_values_near_one():
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(3, 24, 40)).float())
    assert values.min() > 0.5
    assert values.max() < 1.4


def test_muon_takes_convolutions_and_lowers_a_loss():
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(8, 8, 3, bias=False)
    muon, x = Muon([layer.weight]), torch.randn(4, 8, 6, 6)
    losses = []
    for _ in range(20):
        layer.zero_grad()
        loss = layer(x).pow(2).mean()
        loss.backward()
        muon.step(0.02)
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]


@pytest.mark.slow
def test_toy_training_resumes_and_exports(tmp_path, capsys, monkeypatch):
    from diffusers import ZImagePipeline

    common = ["--out", str(tmp_path), "--device", "cpu", "--workers", "0", "--budget", "12s"]
    main([*common, "--stages", "vae"])
    assert (tmp_path / "vae.pt").exists()
    assert not (tmp_path / "base.pt").exists()
    stamp = (tmp_path / "vae.pt").stat().st_mtime
    main(common)
    assert (tmp_path / "vae.pt").stat().st_mtime == stamp
    assert "base" in capsys.readouterr().out
    with family.stored_in(tmp_path):
        pipe = ZImagePipeline.from_pretrained(family.folder("nano-turbo"), dtype=torch.float32)
    image = pipe("红圆", width=64, height=64, num_inference_steps=2, guidance_scale=0.0).images[0]
    assert image.size == (64, 64)
