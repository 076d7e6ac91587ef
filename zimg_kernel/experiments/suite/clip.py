"""Scores picture and text with a CLIP that is on this machine; downloads nothing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any


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
