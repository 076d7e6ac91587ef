"""The edit mode: training sees what the pipeline computes, and the pipeline runs anywhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import ZImagePipeline
from PIL import Image
from tokenizers import Tokenizer
from torch import nn

from zimg_kernel.nano import forward_omni, models
from zimg_kernel.nano.forward import encode_text
from zimg_kernel.nano.forward_omni import edit_velocity, omni_texts
from zimg_kernel.nano.tokenizer import padded_length

SHORT, LONG = (
    "把圆变成蓝色",
    "把左边的红色圆形变成蓝色的三角形，然后在右边加一个绿色的方块，背景不变，其他都不变",
)


def randomise(model: nn.Module) -> nn.Module:
    for name, p in model.named_parameters():
        if p.ndim > 1:
            nn.init.normal_(p, std=0.05)
        else:
            nn.init.normal_(p, mean=1.0 if "norm" in name else 0.0, std=0.1)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def parts():
    """Random components; the tokenizer is a real one."""
    from transformers import AutoTokenizer

    from zimg_kernel.nano import TURBO

    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(TURBO / "tokenizer")
    return {
        "scheduler": models.make_scheduler(),
        "vae": randomise(models.make_vae(scaling_factor=0.7, shift_factor=0.1)),
        "text_encoder": randomise(models.make_encoder(len(tokenizer), num_hidden_layers=2)),
        "tokenizer": tokenizer,
        "transformer": randomise(models.make_transformer(n_layers=2)),
    }


@pytest.fixture(scope="module")
def pipe(parts):
    from zimg_kernel.nano.omni import NanoOmniPipeline

    pipe = NanoOmniPipeline(**parts)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def features(parts, text):
    tokenizer: Tokenizer = parts["tokenizer"].backend_tokenizer
    return encode_text(parts["text_encoder"], torch.tensor([tokenizer.encode(text).ids]))


def training_inputs(parts, instructions):
    """As the trainer makes them: one bucket for all instructions, garbage in the padding."""
    texts = [features(parts, omni_texts(item)[1])[0] for item in instructions]
    length = max(padded_length(len(text)) for text in texts)
    caption = torch.randn(len(texts), length, 256)
    for row, text in zip(caption, texts, strict=True):
        row[: len(text)] = text
    real = torch.arange(length) < torch.tensor([[len(text)] for text in texts])
    return caption, real, features(parts, omni_texts("")[0])


def stock_calls(pipe, **call):
    """What the pipeline hands to diffusers' transformer, and what that returns."""
    seen = []
    hook = pipe.transformer.register_forward_hook(
        lambda _module, _args, kwargs, output: seen.append((kwargs, output[0])), with_kwargs=True
    )
    try:
        pipe(max_sequence_length=128, output_type="latent", **call)
    finally:
        hook.remove()
    return seen


@pytest.mark.parametrize("instruction", ["", SHORT, LONG])
@pytest.mark.parametrize(("size", "source"), [((128, 192), (128, 192)), ((80, 112), (96, 64))])
@torch.no_grad()
def test_training_forward_equals_the_pipeline(parts, pipe, instruction, size, source):
    noise = np.random.default_rng(0).integers(0, 255, (source[1], source[0], 3), np.uint8)
    call = {"image": Image.fromarray(noise), "prompt": instruction, "negative_prompt": instruction}
    calls = stock_calls(
        pipe, width=size[0], height=size[1], num_inference_steps=2, guidance_scale=1.0, **call
    )
    assert len(calls) == 2
    caption, real, prefix = training_inputs(parts, [instruction] * 2)
    for given, out in calls:
        reference = torch.stack([x[0][:, 0] for x in given["x"]])
        z = torch.stack([x[1][:, 0] for x in given["x"]])
        ours = edit_velocity(pipe.transformer, z, given["t"], reference, caption, real, prefix)
        stock = torch.stack(list(out))[:, :, 0]
        assert stock.std() > 0.1
        assert (ours - stock).abs().max() < 1e-5


@torch.no_grad()
def test_reference_is_the_picture_as_training_encodes_it(pipe):
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    given, _ = stock_calls(
        pipe, image=Image.fromarray(pixels), prompt="", num_inference_steps=1, guidance_scale=0.0
    )[0]
    assert given["image_noise_mask"] == [[0, 1]]
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255 * 2 - 1
    mean = pipe.vae.encoder(x).chunk(2, 1)[0]
    expected = (mean - pipe.vae.config.shift_factor) * pipe.vae.config.scaling_factor
    assert (given["x"][0][0][:, 0] - expected[0]).abs().max() < 1e-5


def test_without_a_picture_it_is_the_text_pipeline(parts, pipe):
    stock = ZImagePipeline(**parts)
    stock.set_progress_bar_config(disable=True)
    for guidance in (0.0, 2.0):
        latents = [
            p(
                prompt=SHORT,
                width=64,
                height=64,
                num_inference_steps=2,
                guidance_scale=guidance,
                max_sequence_length=64,
                generator=torch.Generator().manual_seed(1),
                output_type="latent",
            ).images
            for p in (stock, pipe)
        ]
        assert torch.equal(*latents)


def test_it_draws_for_any_guidance_and_refuses_two_pictures(pipe):
    picture = Image.new("RGBA", (100, 70), "red")
    call = {"num_inference_steps": 2, "max_sequence_length": 64}
    for guidance in (0.0, 0.5, 3.0):
        image = pipe(image=picture, prompt=SHORT, guidance_scale=guidance, **call).images[0]
        assert image.size == (96, 64)
    with pytest.raises(ValueError, match="one picture"):
        pipe(image=[picture, picture], prompt=SHORT)


def test_training_forward_runs_under_autocast_and_learns(parts):
    model = models.make_transformer(n_layers=1)
    nn.init.normal_(model.all_final_layer["2-1"].linear.weight, std=0.05)
    caption, real, prefix = training_inputs(parts, [SHORT, LONG])
    caption.requires_grad_(True)
    z, reference, t = torch.randn(2, 16, 8, 8), torch.randn(2, 16, 8, 8), torch.rand(2)
    full = edit_velocity(model, z, t, reference, caption, real, prefix)
    with torch.autocast("cpu", torch.bfloat16):
        half = edit_velocity(model, z, t, reference, caption, real, prefix)
    assert (half.float() - full).abs().max() < 0.1 * full.abs().max()
    half.float().square().mean().backward()
    assert caption.grad[~real].abs().max() == 0 < caption.grad[real].abs().max()
    missing = {name for name, p in model.named_parameters() if p.grad is None}
    assert missing == {"cap_pad_token"}


def test_block_can_be_compiled_alone_for_any_shape():
    """Traces without a graph break; the compiler's back end is not needed for that."""
    model = randomise(models.make_transformer(n_layers=1))
    block = torch.compile(
        forward_omni.omni_block_forward, dynamic=True, fullgraph=True, backend="eager"
    )
    for n, length in ((1, 64), (3, 96)):
        args = (torch.randn(n, length, 288), torch.rand(length, 24), torch.rand(length, 24))
        args += (torch.randn(n, 256), torch.randn(1, 256), torch.arange(length) > 40)
        with torch.no_grad():
            plain = forward_omni.omni_block_forward(model.layers[0], *args)
            assert torch.allclose(block(model.layers[0], *args), plain, atol=1e-5)
