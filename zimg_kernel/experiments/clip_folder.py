"""Finds a CLIP model that is already on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zimg_kernel import settings

_ENGLISH, _CHINESE = "clip", "chinese_clip"  # model_type in config.json


@dataclass(frozen=True)
class Found:
    """A CLIP's folder, or the reason why there is none."""

    folder: Path | None
    reason: str = ""


def find_clip(text: str) -> Found:
    """Return a CLIP that reads a text's language; nothing is ever downloaded for it.

    It is looked for where ``ZIMG_CLIP`` says, then in Hugging Face's and ModelScope's caches.
    """
    kinds = {folder: _kind(folder) for folder in installed()}
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    wanted = _CHINESE if chinese else _ENGLISH
    for folder, kind in kinds.items():
        if kind == wanted:
            return Found(folder)
    language, example = ("Chinese", "OFA-Sys/chinese-clip-vit-base-patch16") if chinese else (
        "English", "openai/clip-vit-base-patch32")  # fmt: skip
    return Found(
        None,
        f"No CLIP that reads {language} is on this machine: put one such as {example} into Hugging "
        "Face's or ModelScope's cache, or name its folder in ZIMG_CLIP.",
    )


def installed() -> list[Path]:
    """Return the folders of all CLIPs: the one that ``ZIMG_CLIP`` names, then those cached."""
    named = settings.settings().clip
    first = [named] if named else []
    cached = sorted({folder for folder in _folders() if _kind(folder)})
    return [*(folder for folder in first if _kind(folder)), *cached]


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
