"""Makes tiny Z-Image folders whose text encoders, real small Qwen3, babble or know one answer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tiny import make_tiny_model

PROMPT = "一只猫和一块招牌，上面写着“新品上市”"
ANSWER = (
    "一只橘色的猫坐在木桌左侧，窗外的晨光从右边照进来，桌上立着一块白底招牌，"
    "上面写着“新品上市”，黑色宋体，背景是虚化的砖墙。"
)
ROWS = 60_000  # of the babbler's embedding, which is most of it: 61 MB
_VOCABULARY = 1200
_STEPS, _LEARNED = 80, 0.1

# What matters of Qwen3's chat template.
_TEMPLATE = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] "
    "+ '<|im_end|>\n' }}{%- endfor -%}{%- if add_generation_prompt -%}"
    "{{ '<|im_start|>assistant\n' }}{%- if enable_thinking is defined and not enable_thinking -%}"
    "{{ '<think>\n\n</think>\n\n' }}{%- endif -%}{%- endif -%}"
)


def make_babbler(folder: Path) -> Path:
    """Write a folder whose text encoder has random weights; return it."""
    import torch
    from transformers import Qwen3Model

    make_tiny_model(folder)
    tokenizer = _tokenizer(folder)
    torch.manual_seed(0)
    encoder = Qwen3Model(_config(tokenizer, ROWS)).eval()
    shutil.rmtree(folder / "text_encoder")
    encoder.save_pretrained(folder / "text_encoder")
    return folder


def make_writer(folder: Path, babbler: Path) -> Path:
    """Write a folder whose text encoder has learned ``ANSWER`` to ``PROMPT``; return it."""
    import torch
    from transformers import AutoTokenizer, Qwen3Model

    shutil.copytree(babbler, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    ids, before = _lesson(tokenizer)
    torch.manual_seed(0)
    encoder = Qwen3Model(_config(tokenizer, _VOCABULARY)).train()
    head = encoder.embed_tokens.weight
    optimizer = torch.optim.Adam(encoder.parameters(), lr=3e-3)
    for _ in range(_STEPS):
        states = encoder(ids[:, :-1]).last_hidden_state[0, before - 1 :]
        loss = torch.nn.functional.cross_entropy(states @ head.T, ids[0, before:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < _LEARNED:
            break
    shutil.rmtree(folder / "text_encoder")
    encoder.save_pretrained(folder / "text_encoder")
    return folder


def _config(tokenizer: Any, rows: int) -> Any:
    from transformers import Qwen3Config

    return Qwen3Config(
        vocab_size=rows,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _tokenizer(folder: Path) -> Any:
    """A byte-level one, as Qwen's, which needs several tokens for a rare character."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    from zimg_kernel.prompts.enhancer.instructions import messages

    said = [m["content"] for lang in ("en", "zh") for m in messages(PROMPT, lang)]
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(said, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bare,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
        model_max_length=2048,
    )
    tokenizer.chat_template = _TEMPLATE
    tokenizer.save_pretrained(folder / "tokenizer")
    path = folder / "tokenizer" / "tokenizer_config.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("TokenizersBackend", "PreTrainedTokenizerFast"), encoding="utf-8")
    return tokenizer


def _lesson(tokenizer: Any) -> tuple[Any, int]:
    import torch

    from zimg_kernel.prompts.enhancer.instructions import messages

    asked = tokenizer.apply_chat_template(
        messages(PROMPT, "zh"), tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
    before = len(tokenizer(asked).input_ids)
    ids = torch.tensor([tokenizer(asked + ANSWER + "<|im_end|>").input_ids])
    return ids, before
