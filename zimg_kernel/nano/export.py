"""Writes the trained miniature as a plain diffusers folder with bf16 safetensors."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from zimg_kernel.nano import tokenizer as nano_tokenizer
from zimg_kernel.nano.models import make_scheduler

SHARD = "15MB"
_INDEX = """{
  "_class_name": "ZImagePipeline",
  "_diffusers_version": "0.42.1",
  "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
  "text_encoder": ["transformers", "Qwen3Model"],
  "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
  "transformer": ["diffusers", "ZImageTransformer2DModel"],
  "vae": ["diffusers", "AutoencoderKL"]
}
"""


def export(folder: Path, transformer: Any, encoder: Any, vae: Any, tokenizer: Tokenizer) -> int:
    """Write the folder that ``ZImagePipeline.from_pretrained`` opens.

    The class name ``PreTrainedTokenizerFast`` is written out, because transformers 5 would
    write a private name that older versions do not know.

    Returns
    -------
    int
        Size of all files in bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in (("transformer", transformer), ("text_encoder", encoder), ("vae", vae)):
        half = copy.deepcopy(model).to("cpu").to(torch.bfloat16)
        half.save_pretrained(folder / name, max_shard_size=SHARD, safe_serialization=True)
    make_scheduler().save_pretrained(folder / "scheduler")
    nano_tokenizer.save(tokenizer, folder / "tokenizer")
    (folder / "model_index.json").write_text(_INDEX, encoding="utf-8")
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
