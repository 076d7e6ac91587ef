"""Skeletons as OpenPose draws them: 18 joints and 17 limbs in fixed colours on black.

Joints, limbs, colours and proportions are those of ControlNet's annotator (``draw_bodypose`` in
annotator/openpose/util.py of lllyasviel/ControlNet, after OpenPose's COCO model, Cao et al.
2019), which ControlNets have been trained on.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zimg_kernel.errors import BadInput

JOINTS = (
    "nose", "neck",
    "right shoulder", "right elbow", "right wrist",
    "left shoulder", "left elbow", "left wrist",
    "right hip", "right knee", "right ankle",
    "left hip", "left knee", "left ankle",
    "right eye", "left eye", "right ear", "left ear",
)  # fmt: skip
"""OpenPose's joints in its order; left and right are the person's own."""

# COCO's 17 joints are nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, the left
# one of each pair first. Here: for each joint of OpenPose its number there; the neck has none.
_FROM_COCO = (0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
_NECK = 1
_SHOULDERS = (5, 6)  # COCO's

LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12),
    (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
"""Pairs of joints in the order in which they are drawn; limb i has colour i."""

COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip
"""RGB: of limb i at 60 % brightness, of joint i in full."""

_DIM = 0.6
_RADIUS = 4  # px at 512 px: half the width of a limb, and a joint's radius


def openpose_joints(
    places: NDArray[np.float64], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (18, 3) joints of OpenPose (x and y in px, score) from COCO's 17.

    The neck lies between the shoulders and is as sure as the less sure of them.
    """
    if len(places) != 17:
        raise BadInput(
            f"The pose model gives {len(places)} joints instead of COCO's 17: take a ViTPose that "
            "was trained on COCO.",
            code="not-a-coco-model",
            field="model",
        )
    coco = np.concatenate([places, scores[:, None]], axis=1)
    joints: NDArray[np.float64] = coco[list(_FROM_COCO)]
    left, right = coco[list(_SHOULDERS)]
    joints[_NECK] = [*(left[:2] + right[:2]) / 2, min(left[2], right[2])]
    return joints


def draw_skeletons(
    people: Sequence[NDArray[np.float64]], size: tuple[int, int], threshold: float
) -> Image.Image:
    """Return an RGB picture of skeletons on black.

    Parameters
    ----------
    people : sequence of array of float, shape (18, 3)
        Joints in OpenPose's order: x, y in px and score.
    size : tuple of int
        Width and height, px.
    threshold : float
        Joints with lower scores are left out, and the limbs that end in them.
    """
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    radius = max(1, round(_RADIUS * min(size) / 512))
    for person in people:
        for limb, colour in zip(LIMBS, COLOURS, strict=False):
            ends = person[list(limb)]
            if (ends[:, 2] < threshold).any():
                continue
            (x, y), (across, along) = ends[:, :2].mean(axis=0), ends[0, :2] - ends[1, :2]
            half = int(np.hypot(across, along) / 2), radius
            angle = float(np.degrees(np.arctan2(along, across)))
            outline = np.array(
                cv2.ellipse2Poly((round(x), round(y)), half, round(angle), 0, 360, 1), np.int32
            )
            dim = [round(value * _DIM) for value in colour]
            cv2.fillConvexPoly(canvas, outline, dim)
    for person in people:
        for (x, y, score), colour in zip(person, COLOURS, strict=True):
            if score >= threshold:
                cv2.circle(canvas, (round(x), round(y)), radius, colour, thickness=-1)
    return Image.fromarray(canvas)
