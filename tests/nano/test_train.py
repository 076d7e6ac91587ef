"""Training: a toy run on the CPU trains, stops, goes on, and exports a folder that opens."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import torch

from zimg_kernel.models import embedded
from zimg_kernel.nano.train.optim import Muon, orthogonalise
from zimg_kernel.nano.train.run import SHARES, main, seconds


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

    common = ["--out", str(tmp_path), "--device", "cpu", "--fresh", "--workers", "0"]
    common += ["--budget", "6s"]
    main([*common, "--stages", "vae"])
    assert (tmp_path / "vae.pt").exists()
    assert not (tmp_path / "base.pt").exists()
    stamp = (tmp_path / "vae.pt").stat().st_mtime
    main(common)
    assert (tmp_path / "vae.pt").stat().st_mtime == stamp
    assert "base" in capsys.readouterr().out
    with embedded.stored_in(tmp_path):
        pipe = ZImagePipeline.from_pretrained(embedded.folder("nano-turbo"), dtype=torch.float32)
    image = pipe("红圆", width=64, height=64, num_inference_steps=2, guidance_scale=0.0).images[0]
    assert image.size == (64, 64)


@pytest.mark.nightly
def test_a_killed_stage_goes_on_where_it_was_saved(tmp_path):
    """A lesson is killed in the middle of its base stage, and started again."""
    command = [sys.executable, "-m", "zimg_kernel.nano.train.run", "--out", str(tmp_path)]
    command += ["--device", "cpu", "--stages", "base", "--budget", "600s"]
    saved = tmp_path / "base.pt"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 200
        while not saved.exists() and time.monotonic() < deadline:
            time.sleep(0.5)
        process.kill()
    state = torch.load(saved, map_location="cpu", weights_only=False)
    assert not state["done"]
    assert state["step"] > 3
    seconds_left = state["elapsed"] + 6
    command[-1] = f"{seconds_left * (SHARES['base'] + SHARES['turbo']) / SHARES['base']}s"
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = torch.load(saved, map_location="cpu", weights_only=False)
    assert after["done"]
    assert after["step"] > state["step"]
    steps = [step for step, _, _ in after["losses"]]
    assert steps == list(range(1, after["step"] + 1)), "every step once, in order"
    assert (tmp_path / "nano-base" / "model_index.json").exists()


@pytest.mark.nightly
def test_a_finished_model_is_trained_further_with_its_autoencoder_kept(tmp_path):
    from safetensors.torch import load_file

    start = embedded.stored_folder("nano-base")
    main(
        ["--out", str(tmp_path), "--device", "cpu", "--finetune", str(start), "--workers", "0",
         "--budget", "5s", "--stages", "base"]
    )  # fmt: skip
    out = tmp_path / "nano-base"
    vae = "vae/diffusion_pytorch_model.safetensors"
    assert (out / vae).read_bytes() == (start / vae).read_bytes()
    old, new = (
        {
            k: v
            for f in sorted((p / "transformer").glob("*.safetensors"))
            for k, v in load_file(f).items()
        }
        for p in (start, out)
    )
    changes = [float((old[k].float() - new[k].float()).abs().mean()) for k in old]
    assert max(changes) > 0
    # It goes on from there: a fresh model's weights would have nothing to do with the old ones.
    flat = [torch.cat([w[k].float().flatten() for k in sorted(old)]) for w in (old, new)]
    assert torch.cosine_similarity(flat[0], flat[1], dim=0) > 0.95
