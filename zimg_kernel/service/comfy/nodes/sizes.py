"""Nodes that change the size of pictures, or tell it."""

from __future__ import annotations

from typing import Any

from PIL import Image

from ..graph.inputs import choice, decimal, integer, link
from ..graph.node import Call, Node
from .resizing import CROPS, IMAGE_METHODS, check_size, resize
from .values import Mask, Picture

_LARGEST = 16_384


class ImageScale(Node):
    """Brings pictures to a size."""

    name = "ImageScale"
    title = "Upscale Image"
    category = "image/upscaling"
    inputs = {
        "image": link("IMAGE"),
        "upscale_method": choice(IMAGE_METHODS),
        "width": integer(512, 0, _LARGEST),
        "height": integer(512, 0, _LARGEST),
        "crop": choice(CROPS),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them; a side of 0 follows from the other one."""
        found = []
        for picture in inputs["image"]:
            wide, high = inputs["width"], inputs["height"]
            width, height = picture.image.size
            if wide or high:
                width, height = (
                    wide or max(1, round(width * high / height)),
                    high or max(1, round(height * wide / width)),
                )
            found.append(resize(picture, (width, height), inputs["upscale_method"], inputs["crop"]))
        return (tuple(found),)


class ImageScaleBy(Node):
    """Enlarges pictures by a factor."""

    name = "ImageScaleBy"
    title = "Upscale Image By"
    category = "image/upscaling"
    inputs = {
        "image": link("IMAGE"),
        "upscale_method": choice(IMAGE_METHODS),
        "scale_by": decimal(1.0, 0.01, 8.0),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them."""
        factor, method = inputs["scale_by"], inputs["upscale_method"]
        found = []
        for picture in inputs["image"]:
            width, height = (max(1, round(side * factor)) for side in picture.image.size)
            found.append(resize(picture, (width, height), method, "disabled"))
        return (tuple(found),)


class ImageScaleToTotalPixels(Node):
    """Brings pictures to a number of pixels."""

    name = "ImageScaleToTotalPixels"
    title = "Scale Image to Total Pixels"
    category = "image/upscaling"
    inputs = {
        "image": link("IMAGE"),
        "upscale_method": choice(IMAGE_METHODS),
        "megapixels": decimal(1.0, 0.01, 16.0),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them; a megapixel is 1024 times 1024."""
        found = []
        for picture in inputs["image"]:
            width, height = picture.image.size
            factor = (inputs["megapixels"] * 1024 * 1024 / (width * height)) ** 0.5
            size = max(1, round(width * factor)), max(1, round(height * factor))
            found.append(resize(picture, size, inputs["upscale_method"], "disabled"))
        return (tuple(found),)


class GetImageSize(Node):
    """Tells the size of pictures."""

    name = "GetImageSize"
    title = "Get Image Size"
    category = "image"
    inputs = {"image": link("IMAGE")}
    outputs = {"width": "INT", "height": "INT", "batch_size": "INT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return width, height and number."""
        return (*inputs["image"][0].image.size, len(inputs["image"]))


class ImagePadForOutpaint(Node):
    """Adds margins to a picture, and returns the mask of what is new."""

    name = "ImagePadForOutpaint"
    title = "Pad Image for Outpainting"
    category = "image"
    inputs = {
        "image": link("IMAGE"),
        **{side: integer(0, 0, _LARGEST, 8) for side in ("left", "top", "right", "bottom")},
        "feathering": integer(40, 0, _LARGEST),
    }
    outputs = {"IMAGE": "IMAGE", "MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return both; what was there keeps its pixels, without feathering."""
        found = []
        left, top = inputs["left"], inputs["top"]
        for picture in inputs["image"]:
            image = picture.image.convert("RGB")
            size = (
                image.width + left + inputs["right"],
                image.height + top + inputs["bottom"],
            )
            check_size(size)
            padded = Image.new("RGB", size, (127, 127, 127))
            padded.paste(image, (left, top))
            mask = Image.new("L", size, 255)
            mask.paste(0, (left, top, left + image.width, top + image.height))
            found.append(Picture(pixels=padded))
        return tuple(found), Mask(mask)


NODES = (ImageScale, ImageScaleBy, ImageScaleToTotalPixels, GetImageSize, ImagePadForOutpaint)
