"""Exported parts against the stock modules, at sizes and lengths other than the export's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from small_transformer import make_transformer
from zimg_kernel import get_card
from zimg_kernel.models.weights import require_weights

pytest.importorskip("onnxscript")

from zimg_kernel.speed.onnx.export import write_part
from zimg_kernel.speed.onnx.manifest import MODEL, describe
from zimg_kernel.speed.onnx.parts import TEXT_ENCODER, TRANSFORMER, VAE_DECODER
from zimg_kernel.speed.onnx.sessions import Session
from zimg_kernel.speed.onnx.transformer import TransformerForExport

MIDDLE = {"dim": 512, "n_layers": 6, "axes_dims": [32, 48, 48], "cap_feat_dim": 320}
SIZES = [(32, 48), (26, 18)]
LENGTHS = [(17, 32), (75, 70)]


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def predicted(module: Any, latents: Any, time: Any, captions: list[torch.Tensor]) -> np.ndarray:
    """What the stock transformer predicts, one request at a time."""
    with torch.no_grad():
        made = [
            module([one[:, None]], time, [caption], return_dict=False)[0][0][:, 0]
            for one, caption in zip(latents, captions, strict=True)
        ]
    found: np.ndarray = torch.stack(made).numpy()
    return found


@pytest.mark.slow
def test_a_transformer_of_the_true_shape(tmp_path: Path) -> None:
    module = make_transformer(**MIDDLE)
    place = tmp_path / "transformer" / MODEL
    place.parent.mkdir()
    write_part(TRANSFORMER, TransformerForExport(module), place)
    assert place.stat().st_size < 2e6  # the weights lie beside it
    weights = 4 * sum(value.numel() for value in module.parameters())
    beside = sum(file.stat().st_size for file in place.parent.iterdir() if file != place)
    assert weights > 50e6
    assert beside > 0.95 * weights
    assert describe(place)["inputs"][0]["shape"] == ["batch", 16, "2*rows", "2*columns"]
    session = Session(place.parent)
    for height, width in SIZES:
        for lengths in LENGTHS:
            latents, time = noise(2, 16, height, width), torch.tensor([0.37])
            captions = [noise(n, 320, seed=n) for n in lengths]
            found = session(
                latents=latents.numpy(),
                time=time.numpy(),
                caption=torch.nn.utils.rnn.pad_sequence(captions, batch_first=True).numpy(),
                tokens=np.array(lengths),
            )
            expected = predicted(module, latents, time, captions)
            assert np.abs(found - expected).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_text_encoder_and_decoder(tmp_path: Path) -> None:
    from diffusers import AutoencoderKL
    from transformers import Qwen3Model

    folder = require_weights(get_card("nano-turbo"))
    sessions = {}
    for part in (TEXT_ENCODER, VAE_DECODER):
        place = tmp_path / part.name / MODEL
        place.parent.mkdir()
        write_part(part, part.load(folder / part.component), place)
        sessions[part.name] = Session(place.parent)
    encoder = Qwen3Model.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
    for length in (9, 40):
        ids = torch.arange(3, 3 + length)
        with torch.no_grad():
            expected = encoder(ids[None], output_hidden_states=True).hidden_states[-2][0]
        found = sessions["text_encoder"](ids=ids.numpy())
        assert np.abs(found - expected.numpy()).max() <= 1e-4 * float(expected.abs().max())
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).eval()
    for height, width in ((16, 20), (11, 7)):
        latents = noise(1, 16, height, width)
        with torch.no_grad():
            pixels = vae.decode(latents).sample.numpy()
        found = sessions["vae_decoder"](latents=latents.numpy())
        assert np.abs(found - pixels).max() <= 1e-4
