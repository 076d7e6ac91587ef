"""Answers in OpenAI's form: pictures, usage, events of a stream."""

from __future__ import annotations

import base64
import contextlib
import io
from typing import Any

from PIL import Image

from zimg_kernel.engine.events import Step
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.families.registry import family_of
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.open_file import open_image
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.models.weights import find_files
from zimg_kernel.params import GenerationParams
from zimg_kernel.service.pictures import encode
from zimg_kernel.service.served import Served

from .fields import Wanted

_PATCH = 16  # px of a side that the transformer takes as one token


def described(served: Served, wanted: Wanted) -> dict[str, Any]:
    """Return what answers and events say of the pictures."""
    params = served.job.params
    return {
        "background": "opaque",
        "output_format": wanted.output_format,
        "size": f"{params.width}x{params.height}",
    }


def base64_of(image: GeneratedImage, wanted: Wanted) -> str:
    """Return a picture's file in base64; called in a thread."""
    quality = max(1, wanted.compression)
    return base64.b64encode(encode(image, wanted.output_format, quality)).decode()


def partial_base64(served: Served, step: Step, wanted: Wanted) -> str | None:
    """Return a step's preview in the size and format of the picture; called in a thread."""
    jpeg = served.preview(step)
    if jpeg is None:
        return None
    params = served.job.params
    size = params.width or 64, params.height or 64
    with open_image(io.BytesIO(jpeg), ("JPEG",)) as small:
        picture = small.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, wanted.output_format.upper(), **_OPTIONS[wanted.output_format])
    return base64.b64encode(buffer.getvalue()).decode()


_OPTIONS: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 1}, "jpeg": {"quality": 80}, "webp": {"quality": 80, "method": 2},
}  # fmt: skip


def usage_of(params: GenerationParams, pictures: int = 0, sources: int = 0) -> dict[str, Any]:
    """Return tokens: those of the prompt, and patches of 16 by 16 pixels; called in a thread.

    Parameters
    ----------
    pictures : int
        How many were drawn.
    sources : int
        How many were given.
    """
    patches = -(-(params.width or 0) // _PATCH) * -(-(params.height or 0) // _PATCH)
    text, image, output = _prompt_tokens(params), sources * patches, pictures * patches
    return {
        "input_tokens": text + image,
        "input_tokens_details": {"text_tokens": text, "image_tokens": image},
        "output_tokens": output,
        "output_tokens_details": {"text_tokens": 0, "image_tokens": output},
        "total_tokens": text + image + output,
    }


def _prompt_tokens(params: GenerationParams) -> int:
    card = load_catalog().get(params.model or "")
    if card is not None:
        # A model elsewhere has no tokenizer here.
        with contextlib.suppress(ZimgError, BadInput, OSError):
            folder = find_files(card).tokenizer()
            if folder is not None:
                return family_of(card).count_tokens(folder, params.prompt)
    return max(1, len(params.prompt) // 3)
