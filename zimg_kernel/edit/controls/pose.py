"""Pose maps by transformers: people detected, joints estimated, skeletons drawn."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zimg_kernel.errors import BadInput, ZimgWarning

from .estimators import PERSON, POSE, find_estimator, load_estimator, require_estimator
from .sizes import check_size
from .skeleton import draw_skeletons, openpose_joints

_PERSON_SCORE = 0.5  # how sure the detector must be of a person
_FEWEST_JOINTS = 3  # a skeleton of fewer is a mistake


def pose_map(
    image: Image.Image,
    threshold: float = 0.3,
    people: int = 10,
    model: str | os.PathLike[str] | None = None,
    detector: str | os.PathLike[str] | None = None,
) -> Image.Image:
    """Return the people of a picture as OpenPose skeletons on black.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB, at least 16 px a side.
    threshold : float
        How sure a joint must be (the height of ViTPose's heat map), 0 to 1.
    people : int
        At most so many, the surest first.
    model : str or Path, optional
        The folder of another ViTPose for ``VitPoseForPoseEstimation``, of COCO's 17 joints.
    detector : str or Path, optional
        The folder of a model for ``AutoModelForObjectDetection`` that knows a "person". Without
        one on this machine the whole picture counts as one person.
    """
    check_size(image, "pose")
    folder = require_estimator(POSE, model)
    finder = find_estimator(PERSON) if detector is None else require_estimator(PERSON, detector)
    if finder is None:
        warnings.warn(
            ZimgWarning(
                f"{PERSON.title}, which finds people, is not on this machine, so the whole picture "
                "counts as one person; for several run: zimg pull person",
                code="detector-missing",
                field="detector",
            ),
            stacklevel=3,
        )
        boxes = np.array([[0, 0, image.width, image.height]], np.float32)
    else:
        boxes = _find_people(image, finder)[: int(people)]
    skeletons = [openpose_joints(*joints) for joints in _estimate(image, boxes, folder)]
    seen = [one for one in skeletons if (one[:, 2] >= threshold).sum() >= _FEWEST_JOINTS]
    if not seen:
        raise BadInput(
            "No person was found in the picture, so there is no pose to follow: choose one with "
            f"people in sight, or lower threshold ({threshold:g} now).",
            code="nothing-found",
            field="image",
        )
    return draw_skeletons(seen, image.size, threshold)


def _find_people(image: Image.Image, folder: Path) -> NDArray[np.float32]:
    """(n, 4) boxes as left, top, width, height in px, the surest first."""
    import torch

    net, processor = load_estimator(folder, "AutoModelForObjectDetection")
    persons = [i for i, name in net.config.id2label.items() if str(name).lower() == "person"]
    if not persons:
        raise BadInput(
            f"The detector in {folder} knows no person: name another one's folder.",
            code="not-a-person-detector",
            field="model",
        )
    inputs = processor(images=image, return_tensors="pt")
    with torch.inference_mode():
        seen = net(**inputs)
    found = processor.post_process_object_detection(
        seen, threshold=_PERSON_SCORE, target_sizes=[(image.height, image.width)]
    )[0]
    people = found["labels"] == int(persons[0])
    corners = found["boxes"][people][found["scores"][people].argsort(descending=True)].numpy()
    corners = corners.clip(0, [image.width, image.height] * 2)
    boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    return boxes[(boxes[:, 2:] >= 1).all(axis=1)].astype(np.float32)


def _estimate(
    image: Image.Image, boxes: NDArray[np.float32], folder: Path
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """For each box COCO's joints: (17, 2) places in px and (17,) scores."""
    import torch

    if not len(boxes):
        return []
    net, processor = load_estimator(folder, "VitPoseForPoseEstimation")
    inputs = processor(images=image, boxes=[boxes], return_tensors="pt")
    experts = getattr(net.config.backbone_config, "num_experts", 1)
    if experts > 1:  # ViTPose+: the expert for COCO is the first
        inputs["dataset_index"] = torch.zeros(len(boxes), dtype=torch.int64)
    with torch.inference_mode():
        seen = net(**inputs)
    people = processor.post_process_pose_estimation(seen, boxes=[boxes])[0]
    return [
        (one["keypoints"].double().numpy(), one["scores"].double().numpy().reshape(-1))
        for one in people
    ]
