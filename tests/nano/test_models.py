"""Training sees what the stock pipeline sees: the same tokens, the same numbers."""

from __future__ import annotations

import random

import pytest
import torch
from tokenizers import Tokenizer
from torch import nn

from zimg_kernel.nano import TURBO
from zimg_kernel.nano.forward import encode_text, velocity
from zimg_kernel.nano.models import make_encoder, make_scheduler, make_transformer, sigmas
from zimg_kernel.nano.text.captions import LANGUAGES, caption
from zimg_kernel.nano.tokenizer import UNK_ID, VOCABULARY, chat, padded_length
from zimg_kernel.nano.train.data import make_chunk, make_tokenizer
from zimg_kernel.nano.world.scenes import sample_scene


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(TURBO / "tokenizer" / "tokenizer.json"))


def test_tokens_are_those_of_the_pipeline(tokenizer):
    from transformers import AutoTokenizer

    stock = AutoTokenizer.from_pretrained(TURBO / "tokenizer")
    rng = random.Random(0)
    prompts = [caption(sample_scene(rng), rng, rng.choice(LANGUAGES)) for _ in range(100)]
    for prompt in ["", "左边一个红色的圆，右边一个蓝色的方块", "A RED ball!", *prompts]:
        text = stock.apply_chat_template(
            [{"role": "user", "content": prompt}],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=True,
        )
        assert text == chat(prompt)
        row = stock([text], padding="max_length", max_length=512, return_tensors="pt")
        real = row.input_ids[0][row.attention_mask[0].bool()].tolist()
        assert real == tokenizer.encode(chat(prompt)).ids
        assert padded_length(len(real)) % 32 == 0


def test_captions_have_no_unknown_tokens_and_any_text_has_tokens(tokenizer):
    assert tokenizer.get_vocab_size() <= VOCABULARY
    fresh = make_tokenizer(12_000, 0)
    assert fresh.get_vocab_size() <= VOCABULARY
    for task in ("text", "edit"):
        chunk = make_chunk(fresh.to_str(), 300, 5, 0, task)  # raises on an unknown token
        assert chunk.length.min() > 4
        assert len(chunk.marks) == chunk.counts.sum()
    assert UNK_ID in tokenizer.encode(chat("龘🙂")).ids
    for text in ("\x00\ufffe", "مرحبا", "🧑‍🚀" * 50, "\u200b", "𠀀", "a\tb\r\nc"):
        assert tokenizer.encode(chat(text)).ids
    same = ("一个红色的圆，", "一个红色的圆,", "一個紅色的圓 ,")
    assert len({tuple(tokenizer.encode(t).ids) for t in same}) == 1


def _randomised(model: nn.Module) -> nn.Module:
    for name, p in model.named_parameters():
        if p.ndim > 1:
            nn.init.normal_(p, std=0.05)
        else:
            nn.init.normal_(p, mean=1.0 if "norm" in name else 0.0, std=0.1)
    return model.eval()


@pytest.mark.parametrize(("h", "w", "length"), [(16, 16, 23), (24, 32, 40), (20, 20, 32)])
@torch.no_grad()
def test_batched_forward_equals_diffusers(h, w, length):
    torch.manual_seed(0)
    model = _randomised(make_transformer(n_layers=2))
    z, t, features = torch.randn(2, 16, h, w), torch.rand(2), torch.randn(2, length, 256)
    stock = model([x[:, None] for x in z], t, list(features), return_dict=False)[0]
    padded = padded_length(length)
    caption_features = torch.zeros(2, padded, 256)
    caption_features[:, :length] = features
    real = (torch.arange(padded) < length).expand(2, -1)
    ours = velocity(model, z, t, caption_features, real)
    assert (ours - torch.stack(list(stock))[:, :, 0]).abs().max() < 1e-5


@torch.no_grad()
def test_text_features_do_not_depend_on_padding():
    torch.manual_seed(0)
    model = make_encoder(600).eval()
    ids = torch.randint(4, 600, (1, 32))
    mask = torch.ones(1, 32, dtype=torch.bool)
    mask[:, 20:] = False
    stock = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    expected = stock.hidden_states[-2][:, :20]
    assert (encode_text(model, ids)[:, :20] - expected).abs().max() < 1e-5
    assert (encode_text(model, ids[:, :20]) - expected).abs().max() < 1e-5


def test_noise_levels_are_the_scheduler_s():
    scheduler = make_scheduler()
    scheduler.set_timesteps(sigmas=torch.linspace(1.0, 1 / 8, 8).tolist())
    assert torch.allclose(scheduler.sigmas, sigmas(8), atol=1e-6)
