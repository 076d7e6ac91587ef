"""Tokenizer of the miniature: a token for each Chinese character and each known word.

Text is normalised first (full-width forms, a few traditional characters), so that wordings that
mean the same give the same tokens. Capitals and digits are tokens of their own, because signs are
written with them. Characters that no caption uses become ``<unk>``; no text makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from .draw.glyphs import CHARS
from .text.words import TRADITIONAL

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>")
PAD_ID = 0
UNK_ID = 3
VOCABULARY = 2048
PREFIX = "<|im_start|>user\n"
SUFFIX = "<|im_end|>\n<|im_start|>assistant\n"

CHAT_TEMPLATE = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] "
    "+ '<|im_end|>' + '\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
"""The part of Qwen3's chat template that the pipeline uses."""

_SAME = {"。": ".", "、": ",", "《": '"', "》": '"', "「": '"', "」": '"', "“": '"', "”": '"'}
_SAME |= {"’": "'", "‘": "'", "—": "-", "–": "-"}


def chat(prompt: str) -> str:
    """Wrap a prompt as the pipeline does."""
    return PREFIX + prompt + SUFFIX


def build(captions: Iterable[str]) -> Tokenizer:
    """Train the tokenizer on captions: every word in them becomes one token."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=False))
    swaps = [normalizers.Replace(a, b) for a, b in {**_SAME, **TRADITIONAL}.items() if a != b]
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), *swaps])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\s+"), "removed"),
            pre_tokenizers.Split(Regex(r"[a-z]+|[^a-z]"), "isolated"),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=[*map(chr, range(33, 127)), *CHARS],
        show_progress=False,
        min_frequency=2,
    )
    words = [*captions, "user assistant " * 99]
    tokenizer.train_from_iterator(words, trainer)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write the tokenizer as transformers' ``PreTrainedTokenizerFast`` into a folder."""
    from transformers import PreTrainedTokenizerFast

    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        pad_token="<|endoftext|>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
        padding_side="right",
        model_max_length=512,
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
    config = Path(folder) / "tokenizer_config.json"
    text = config.read_text(encoding="utf-8")
    text = text.replace("TokenizersBackend", "PreTrainedTokenizerFast")
    config.write_text(text, encoding="utf-8")


def padded_length(tokens: Any) -> Any:
    """Length (a number or an array of them) after padding to a multiple of 32."""
    return -(-tokens // 32) * 32
