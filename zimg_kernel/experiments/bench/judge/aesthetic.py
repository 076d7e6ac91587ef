"""Aesthetic score of a picture by a predictor on a CLIP, where one is on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

_KINDS = ("AestheticsPredictorV1", "AestheticsPredictorV2Linear", "AestheticsPredictorV2ReLU")
_CLIP = ("vision_model.", "visual_projection.")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
NONE_HERE = (
    "No aesthetic predictor is on this machine: put one such as "
    "shunk031/aesthetics-predictor-v2-sac-logos-ava1-l14-linearMSE into Hugging Face's or "
    "ModelScope's cache."
)


def find_predictor() -> Path | None:
    """Return the folder of a predictor in the hubs' caches, or None; nothing is downloaded."""
    return next((folder for folder in sorted(set(_cached())) if _kind(folder)), None)


def _cached() -> Iterator[Path]:
    base = settings.modelscope_cache()
    for cache in (settings.huggingface_cache(), base / "models"):
        yield from cache.glob("*aesthetic*/snapshots/*")
    for cache in (base, base / "models", base / "hub", base / "hub" / "models"):
        yield from cache.glob("*/*aesthetic*")


def _kind(folder: Path) -> str:
    """Return the predictor's kind, if the folder holds one with weights; else an empty text."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kinds = [kind for kind in config["architectures"] if kind in _KINDS]
    except (OSError, ValueError, TypeError, KeyError):
        return ""
    return kinds[0] if kinds and any((folder / name).is_file() for name in _WEIGHTS) else ""


class Predictor:
    """Predicts the mean of the marks, 1 to 10, that people would give a picture.

    Linear layers on the unit embedding of a CLIP (C. Schuhmann, "Improved Aesthetic Predictor",
    2022), in the files of shunk031's conversions. Their own code is not run: safetensors are read
    where there are any, a pickle as plain tensors otherwise.

    Raises
    ------
    BadInput
        A file is damaged, or holds other things than tensors.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._load(folder)
        except Exception as error:  # transformers raises almost anything
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise BadInput(
                f"The aesthetic predictor in {folder} cannot be read ({reason:.200}): download it "
                "again.",
                code="clip-unreadable",
                field="features",
            ) from error

    @staticmethod
    @lru_cache(maxsize=1)
    def load(folder: Path) -> Predictor:
        """Return the predictor of a folder, loaded once."""
        return Predictor(folder)

    def score(self, image: Image.Image) -> float:
        """Return the predicted mark, about 1 to 10; the processor cuts a square out."""
        import torch

        inputs = self._processor(images=image.convert("RGB"), return_tensors="pt")
        with torch.inference_mode():
            values = self._clip(**inputs).image_embeds.float()
            values = values / values.norm(dim=-1, keepdim=True)
            for number, (weight, bias) in enumerate(self._layers):
                values = torch.nn.functional.linear(values, weight, bias)
                if self._bent and number < len(self._layers) - 1:
                    values = values.relu()
        return float(values)

    def _load(self, folder: Path) -> None:
        from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

        self._bent = _kind(folder).endswith("ReLU")
        tensors = _tensors(folder)
        config = CLIPVisionConfig.from_pretrained(folder, local_files_only=True)
        self._clip: Any = CLIPVisionModelWithProjection(config).eval()
        mine = {name: value for name, value in tensors.items() if name.startswith(_CLIP)}
        mine.pop("vision_model.embeddings.position_ids", None)  # of older files
        self._clip.load_state_dict(mine)
        self._processor: Any = CLIPImageProcessor.from_pretrained(folder, local_files_only=True)
        heads = [name.removesuffix(".weight") for name in tensors
                 if name.endswith(".weight") and not name.startswith(_CLIP)]  # fmt: skip
        heads.sort(key=lambda name: int(name.rpartition(".")[2]) if name[-1].isdigit() else 0)
        self._layers = [(tensors[f"{name}.weight"].float(), tensors[f"{name}.bias"].float())
                        for name in heads]  # fmt: skip
        if not self._layers or self._layers[-1][0].shape[0] != 1:
            raise ValueError("its last layer gives no single number")


def _tensors(folder: Path) -> dict[str, Any]:
    safe = folder / _WEIGHTS[0]
    if safe.is_file():
        from safetensors.torch import load_file

        return dict(load_file(safe))
    import torch

    return dict(torch.load(folder / _WEIGHTS[1], map_location="cpu", weights_only=True))
