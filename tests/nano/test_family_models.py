"""The family's models: small differences, stock classes, shared memory, cards."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import ZImagePipeline

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine, get_card
from zimg_kernel.models import embedded
from zimg_kernel.models import weight_difference as difference
from zimg_kernel.models.weight_difference import merge, write_difference
from zimg_kernel.nano import models
from zimg_kernel.nano.train.export import _clear

PROMPT = "一个红色的圆"
RANK = 4


def test_a_difference_of_that_rank_is_exact_up_to_rounding(stored, tmp_path):
    _, report, base, student = stored
    assert report["unexplained"] < 1e-4
    assert report["worst"][1] < 1e-4
    assert report["factored"] == 8  # four of attention, three of the feed-forward, modulation
    path = tmp_path / "d.safetensors"
    again = write_difference(base.state_dict(), student.state_dict(), path, RANK)
    assert again["bytes"] == path.stat().st_size == report["bytes"]
    merged = merge(base.state_dict(), path)
    for name, value in student.state_dict().items():
        close = {"rtol": 0.008, "atol": 2e-3} if name.startswith("layers") else {"rtol": 0.004}
        assert torch.allclose(merged[name].float(), value, **{"atol": 0, **close}), name
        assert merged[name].dtype == torch.bfloat16


def test_a_lower_rank_says_what_it_leaves_out(stored, tmp_path):
    _, _, base, student = stored
    report = write_difference(base.state_dict(), student.state_dict(), tmp_path / "d", 1)
    assert 0.1 < report["unexplained"] < 0.9
    equal = write_difference(base.state_dict(), base.state_dict(), tmp_path / "d", 1)
    assert (equal["factored"], equal["whole"], equal["unexplained"]) == (0, 0, 0)
    with pytest.raises(ValueError, match="same tensors"):
        write_difference({}, student.state_dict(), tmp_path / "d", 1)


def test_parts_are_small_and_the_shared_ones_stored_once(stored):
    out, report, *_ = stored
    kept = {path.name for path in (out / "nano-turbo").iterdir()}
    assert kept == {"difference.safetensors", "model_index.json", "scheduler"}
    assert [path.name for path in (out / "nano-edit").iterdir()] == ["model_index.json"]
    assert report["nano-turbo"] < report["nano-base"] / 4


def test_export_leaves_nothing_of_what_was_there_but_the_readme(root):
    (root / "nano-turbo" / "vae").mkdir()
    for name in ("vae/config.json", "README.md", "difference.safetensors"):
        (root / "nano-turbo" / name).write_text("old")
    _clear(root / "nano-turbo")
    assert [path.name for path in (root / "nano-turbo").iterdir()] == ["README.md"]


def test_stock_diffusers_opens_base_and_turbo(root, stored, monkeypatch):
    monkeypatch.setattr(difference, "SHARD_BYTES", 1_000_000)
    assert embedded.folder("nano-base") == root / "nano-base"
    turbo = embedded.folder("nano-turbo")
    assert len(list((turbo / "transformer").glob("*.safetensors"))) > 2
    drawn = []
    for folder in (embedded.folder("nano-base"), turbo):
        pipe = ZImagePipeline.from_pretrained(folder, dtype=torch.float32)
        pipe.set_progress_bar_config(disable=True)
        call = {"prompt": PROMPT, "width": 64, "height": 64, "guidance_scale": 0.0}
        noise = torch.Generator().manual_seed(0)
        drawn.append(pipe(num_inference_steps=2, output_type="np", generator=noise, **call).images)
    assert np.abs(drawn[0] - drawn[1]).max() > 0.01
    student = stored[3].state_dict()
    for name, value in pipe.transformer.state_dict().items():
        assert torch.allclose(value, student[name], rtol=0.008, atol=2e-3)


def test_models_share_memory_and_edit_draws_as_base_does(root):
    engine = LocalEngine()
    base, edit, turbo = (engine.pipeline(n) for n in ("nano-base", "nano-edit", "nano-turbo"))
    assert base.transformer is edit.transformer
    assert base.transformer is not turbo.transformer
    for part in ("vae", "text_encoder"):
        assert getattr(base, part) is getattr(edit, part) is getattr(turbo, part)
    fields = {"prompt": PROMPT, "negative_prompt": "蓝色", "seed": 1, "steps": 2, "guidance": 3}
    drawn = [
        engine.submit(GenerationParams(model=name, width=128, height=128, **fields)).result(60)
        for name in ("nano-base", "nano-edit")
    ]
    assert drawn[0].image.tobytes() == drawn[1].image.tobytes()
    call = {"num_inference_steps": 1, "guidance_scale": 2.0}
    assert edit(image=drawn[0].image, prompt="把圆变成蓝色", **call).images[0].size == (128, 128)
    engine.close()


def test_a_stock_omni_model_needs_only_a_card(root, tmp_path, own_home):
    """As Z-Image-Edit is published: diffusers' own omni pipeline, with a SigLIP."""
    from diffusers import ZImageOmniPipeline
    from transformers import Siglip2ImageProcessor, Siglip2VisionConfig, Siglip2VisionModel

    stock = ZImagePipeline.from_pretrained(root / "nano-base", dtype=torch.float32)
    sizes = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1}
    siglip = Siglip2VisionModel(
        Siglip2VisionConfig(num_attention_heads=2, num_patches=64, patch_size=16, **sizes)
    )
    transformer = models.make_transformer(n_layers=1, siglip_feat_dim=64).eval()
    parts = {
        **stock.components,
        "transformer": transformer,
        "siglip": siglip,
        "siglip_processor": Siglip2ImageProcessor(patch_size=16, max_num_patches=64),
    }
    ZImageOmniPipeline(**parts).save_pretrained(tmp_path / "omni")
    own_home.mkdir()
    card = "{like: nano-base, pipeline: %s, source: {folder: %s}}\n"
    (own_home / "models.yaml").write_text(
        "omni: " + card % ("ZImageOmniPipeline", tmp_path / "omni")
        + "wrong: " + card % ("no.Where", tmp_path / "omni")
    )  # fmt: skip
    engine = LocalEngine()
    assert type(engine.pipeline("omni")) is ZImageOmniPipeline
    params = GenerationParams(model="omni", prompt=PROMPT, steps=2, width=128, height=128)
    assert engine.submit(params).result(60).image.size == (128, 128)
    with refused("unknown-pipeline", "pipeline"):
        engine.pipeline("wrong")
    engine.close()


def test_a_class_name_that_cannot_be_one_is_refused(own_home):
    own_home.mkdir()
    (own_home / "models.yaml").write_text("mine: {like: nano-base, pipeline: 'a b'}\n")
    with refused("invalid-card", "mine"):
        get_card("mine")
