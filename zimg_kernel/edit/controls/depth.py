"""Depth maps by transformers: near is white, far is black."""

from __future__ import annotations

import os

import numpy as np
from PIL import Image

from zimg_kernel.errors import BadInput

from .estimators import DEPTH, load_estimator, require_estimator
from .sizes import check_size

_FLAT = 1e-4  # of the depth's own size: less is rounding, also of its enlarging


def depth_map(image: Image.Image, model: str | os.PathLike[str] | None = None) -> Image.Image:
    """Return the relative depth of a picture, from 0 (farthest) to 255 (nearest).

    Depth Anything V2 (Yang et al. 2024) estimates the inverse depth up to scale and shift, so
    the map is stretched to the whole range, which is what ControlNets have been trained on.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB, at least 16 px a side.
    model : str or Path, optional
        The folder of another model for ``AutoModelForDepthEstimation`` of relative depth.
    """
    import torch

    check_size(image, "depth")
    folder = require_estimator(DEPTH, model)
    net, processor = load_estimator(folder, "AutoModelForDepthEstimation")
    inputs = processor(images=image, return_tensors="pt")
    with torch.inference_mode():
        seen = net(**inputs)
    sizes = [(image.height, image.width)]
    found = processor.post_process_depth_estimation(seen, target_sizes=sizes)[0]
    depth = found["predicted_depth"].double().numpy()
    low, high = float(depth.min()), float(depth.max())
    if not high - low > _FLAT * max(abs(low), abs(high), 1e-6):
        raise BadInput(
            "The depth model sees no depth in this picture: it is flat. Choose another picture, or "
            "another kind of map.",
            code="nothing-found",
            field="image",
        )
    values = np.round(255 * (depth - low) / (high - low)).astype(np.uint8)
    return Image.fromarray(values).convert("RGB")
