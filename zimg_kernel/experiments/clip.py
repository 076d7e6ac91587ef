"""CLIP models that are on this machine already: found, loaded and asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

CLIPSCORE_WEIGHT = 2.5
"""Weight w of CLIPScore, w max(cos, 0) (J. Hessel et al., "CLIPScore", EMNLP 2021)."""
PERCENT_WEIGHT = 100
"""Weight of the same score in percent, as torchmetrics has it."""
_ENGLISH, _CHINESE = "clip", "chinese_clip"  # model_type in config.json


@dataclass(frozen=True)
class ClipFolder:
    """Folder of a CLIP, or the reason why there is none."""

    folder: Path | None
    reason: str = ""


def find_clip(text: str) -> ClipFolder:
    """Return a CLIP that reads a text's language; nothing is ever downloaded for it.

    It is looked for where ``ZIMG_CLIP`` says, then in Hugging Face's and ModelScope's caches.
    """
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    wanted = _CHINESE if chinese else _ENGLISH
    for folder in installed():
        if _kind(folder) == wanted:
            return ClipFolder(folder)
    language, example = ("Chinese", "OFA-Sys/chinese-clip-vit-base-patch16") if chinese else (
        "English", "openai/clip-vit-base-patch32")  # fmt: skip
    return ClipFolder(
        None,
        f"No CLIP that reads {language} is on this machine: put one such as {example} into Hugging "
        "Face's or ModelScope's cache, or name its folder in ZIMG_CLIP.",
    )


def installed() -> list[Path]:
    """Return the folders of all CLIPs: the one that ``ZIMG_CLIP`` names, then those cached."""
    named = settings.settings().clip
    first = [named] if named else []
    cached = sorted({folder for folder in _cached_folders() if _kind(folder)})
    return [*(folder for folder in first if _kind(folder)), *cached]


def _cached_folders() -> Iterator[Path]:
    base = settings.modelscope_cache()
    for name in ("*clip*", "*CLIP*"):
        for cache in (settings.huggingface_cache(), base / "models"):
            yield from cache.glob(f"{name}/snapshots/*")
        for cache in (base, base / "models", base / "hub", base / "hub" / "models"):
            yield from cache.glob(f"*/{name}")


def _kind(folder: Path) -> str:
    """Return the model's type, if the folder holds a CLIP with weights; else an empty text."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    kind = config.get("model_type", "") if isinstance(config, dict) else ""
    weights = ("model.safetensors", "pytorch_model.bin")
    if kind not in (_ENGLISH, _CHINESE) or not any((folder / f).exists() for f in weights):
        return ""
    return str(kind)


class Clip:
    """A CLIP, which embeds pictures and texts in one space (Radford et al. 2021).

    Parameters
    ----------
    folder : Path
        Its files, with those of its tokenizer and image processor. Safetensors are taken where
        it has them; a pickle, which is all that OpenAI's smaller CLIPs have, is read as plain
        tensors, and runs nothing.

    Raises
    ------
    BadInput
        A file is damaged, or holds other things than tensors.
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModel, AutoProcessor

        local = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._model: Any = AutoModel.from_pretrained(folder, weights_only=True, **local).eval()
            self._processor: Any = AutoProcessor.from_pretrained(folder, **local)
        except Exception as error:  # transformers raises almost anything
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise BadInput(
                f"The CLIP in {folder} cannot be read ({reason:.200}): download it again, or name "
                "another one in ZIMG_CLIP.",
                code="clip-unreadable",
                field="features",
            ) from error

    @staticmethod
    @lru_cache(maxsize=2)
    def load(folder: Path) -> Clip:
        """Return the CLIP of a folder, loaded once."""
        return Clip(folder)

    @classmethod
    def for_text(cls, text: str) -> Clip:
        """Return the CLIP that :func:`find_clip` finds.

        Raises
        ------
        BadInput
            There is none; nothing is ever downloaded for this.
        """
        found = find_clip(text)
        if found.folder is None:
            raise BadInput(found.reason, code="clip-missing", field="features")
        return cls.load(found.folder)

    def percent_score(self, image: Image.Image, text: str) -> float:
        """Return 100 × the cosine of picture and text, at least 0.

        The picture is prepared by the CLIP's own processor, which cuts off what a square in the
        middle does not hold.

        Parameters
        ----------
        image : PIL.Image.Image
            The picture.
        text : str
            Cut at the CLIP's limit (77 tokens for OpenAI's).
        """
        import torch

        inputs = self._processor(
            text=[text],
            images=image.convert("RGB"),
            return_tensors="pt",
            padding=True,
            truncation=True,
        )
        with torch.inference_mode():
            out = self._model(**inputs)
        a, b = (
            torch.nn.functional.normalize(e, dim=-1) for e in (out.image_embeds, out.text_embeds)
        )
        return max(0.0, PERCENT_WEIGHT * float((a * b).sum()))

    def clip_scores(self, pictures: Sequence[Image.Image], text: str) -> list[float]:
        """Return the CLIPScore, 2.5 max(cos, 0), of each whole picture and a text."""
        cosines = self.embed_pictures(pictures) @ self.embed_text(text)
        return [CLIPSCORE_WEIGHT * max(float(cosine), 0.0) for cosine in cosines]

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> NDArray[np.float64]:
        """Return (n, k) embeddings of length 1; the whole picture is brought to a square."""
        import numpy as np
        import torch
        from PIL import Image

        side = self._model.config.vision_config.image_size
        processor = self._processor.image_processor
        mean, deviation = np.array(processor.image_mean), np.array(processor.image_std)
        rows = []
        for picture in pictures:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
            pixels = (np.asarray(small) / 255 - mean) / deviation
            batch = torch.tensor(pixels, dtype=torch.float32).permute(2, 0, 1)[None]
            with torch.inference_mode():
                pooled = self._model.vision_model(pixel_values=batch).pooler_output
                rows.append(self._model.visual_projection(pooled)[0].double().numpy())
        return _unit(np.stack(rows)) if rows else np.zeros((0, 1))

    def embed_text(self, text: str) -> NDArray[np.float64]:
        """Return the (k,) embedding of length 1 of a text, cut to what the model reads."""
        import torch

        most = self._model.config.text_config.max_position_embeddings
        tokens = self._processor.tokenizer(
            text, return_tensors="pt", truncation=True, max_length=most
        )
        with torch.inference_mode():
            pooled = self._model.text_model(**tokens).pooler_output
            found = self._model.text_projection(pooled).double().numpy()
        return _unit(found)[0]


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
