"""Scores picture and text with a CLIP that is in the local cache; downloads nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .. import settings

_ENGLISH, _CHINESE = "clip", "chinese_clip"  # model_type in config.json


@dataclass(frozen=True)
class Found:
    """A CLIP's folder, or the reason why there is none."""

    folder: Path | None
    reason: str = ""


def find_clip(text: str) -> Found:
    """Return a CLIP that reads a text's language."""
    kinds = {folder: _kind(folder) for folder in installed()}
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    wanted = _CHINESE if chinese else _ENGLISH
    for folder, kind in kinds.items():
        if kind == wanted:
            return Found(folder)
    language, example = ("Chinese", "OFA-Sys/chinese-clip-vit-base-patch16") if chinese else (
        "English", "openai/clip-vit-base-patch32")  # fmt: skip
    return Found(None, f"No CLIP that reads {language} is in the local cache (such as {example}).")


def installed() -> list[Path]:
    """Return the folders of all CLIPs in Hugging Face's and ModelScope's caches."""
    return sorted({folder for folder in _folders() if _kind(folder)})


def _folders() -> Iterator[Path]:
    for cache in (settings.huggingface_cache(), settings.modelscope_cache() / "models"):
        for name in ("*clip*", "*CLIP*"):
            yield from cache.glob(f"{name}/snapshots/*")
    base = settings.modelscope_cache()
    for cache in (base, base / "models", base / "hub", base / "hub" / "models"):
        for name in ("*clip*", "*CLIP*"):
            yield from cache.glob(f"*/{name}")


def _kind(folder: Path) -> str:
    """The model's type, if the folder holds a CLIP with weights; else an empty text."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    kind = config.get("model_type", "") if isinstance(config, dict) else ""
    weights = ("model.safetensors", "pytorch_model.bin")
    if kind not in (_ENGLISH, _CHINESE) or not any((folder / f).exists() for f in weights):
        return ""
    return str(kind)


def score(image: Any, text: str, folder: Path) -> float:
    """Return 100 × the cosine of the embeddings of picture and text, at least 0.

    Parameters
    ----------
    image : PIL.Image.Image
        The picture.
    text : str
        What it is compared with; cut at the CLIP's limit (77 tokens for OpenAI's).
    folder : Path
        The CLIP's files.
    """
    import torch

    model, processor = _load(folder)
    inputs = processor(
        text=[text], images=image.convert("RGB"), return_tensors="pt", padding=True, truncation=True
    )
    with torch.inference_mode():
        out = model(**inputs)
    a, b = (torch.nn.functional.normalize(e, dim=-1) for e in (out.image_embeds, out.text_embeds))
    return max(0.0, 100 * float((a * b).sum()))


@lru_cache(maxsize=2)
def _load(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoProcessor

    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    return model, AutoProcessor.from_pretrained(folder, local_files_only=True)
