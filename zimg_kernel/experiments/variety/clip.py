"""A CLIP model that is already on this machine, for features of pictures and prompts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.clip_folder import find_clip

# Of OpenAI's training pictures: preprocessor_config.json of openai/clip-vit-base-patch32.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
_SPREAD = np.array([0.26862954, 0.26130258, 0.27577711])


class Clip:
    """Embeds pictures and English texts in one space (Radford et al. 2021)."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer, CLIPModel

        self._model: Any = CLIPModel.from_pretrained(folder, local_files_only=True).eval()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)

    @staticmethod
    def here() -> Clip:
        """Return the CLIP model that :func:`find_clip` finds, loaded once.

        Raises
        ------
        BadInput
            There is none; nothing is ever downloaded for this.
        """
        found = find_clip("")
        if found.folder is None:
            raise BadInput(found.reason)
        return _load(found.folder)

    def of_pictures(self, pictures: Sequence[Image.Image]) -> NDArray[np.float64]:
        """Return (n, k) embeddings of length 1; the whole picture is brought to a square."""
        import torch

        side = self._model.config.vision_config.image_size
        rows = []
        for picture in pictures:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
            pixels = (np.asarray(small) / 255 - _MEAN) / _SPREAD
            batch = torch.tensor(pixels, dtype=torch.float32).permute(2, 0, 1)[None]
            with torch.inference_mode():
                pooled = self._model.vision_model(pixel_values=batch).pooler_output
                rows.append(self._model.visual_projection(pooled)[0].double().numpy())
        return _unit(np.stack(rows)) if rows else np.zeros((0, 1))

    def of_text(self, text: str) -> NDArray[np.float64]:
        """Return the (k,) embedding of length 1 of a text, cut to what the model reads."""
        import torch

        most = self._model.config.text_config.max_position_embeddings
        tokens = self._tokenizer(text, return_tensors="pt", truncation=True, max_length=most)
        with torch.inference_mode():
            pooled = self._model.text_model(**tokens).pooler_output
            found = self._model.text_projection(pooled).double().numpy()
        return _unit(found)[0]


@lru_cache(maxsize=1)
def _load(folder: Path) -> Clip:
    return Clip(folder)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
