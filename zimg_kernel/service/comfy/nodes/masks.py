"""Nodes of masks."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageChops, ImageOps

from ..graph.inputs import choice, decimal, integer, link, switch
from ..graph.node import Call, Node
from .resizing import check_size
from .values import Mask, Picture

_MOST_GROWTH = 256  # px


class InvertMask(Node):
    """Exchanges what is drawn anew and what stays."""

    name = "InvertMask"
    category = "mask"
    inputs = {"mask": link("MASK")}
    outputs = {"MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the other part."""
        return (Mask(ImageOps.invert(inputs["mask"].image)),)


class GrowMask(Node):
    """Makes a mask larger or smaller at its rim."""

    name = "GrowMask"
    category = "mask"
    inputs = {
        "mask": link("MASK"),
        "expand": integer(0, -_MOST_GROWTH, _MOST_GROWTH),
        "tapered_corners": switch(True),
    }
    outputs = {"MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return it."""
        import numpy as np

        grow, tapered = inputs["expand"], inputs["tapered_corners"]
        join = np.maximum if grow > 0 else np.minimum
        values = np.asarray(inputs["mask"].image)
        for _ in range(abs(grow)):
            edged = np.pad(values, 1, mode="edge")
            sides = join(edged[:-2], edged[2:])  # above and below, with the margin beside
            across = join(edged[1:-1, :-2], edged[1:-1, 2:])
            corners = sides[:, 1:-1] if tapered else join(sides[:, :-2], sides[:, 2:])
            values = join(join(values, sides[:, 1:-1]), join(across, corners))
        return (Mask(Image.fromarray(values)),)


class SolidMask(Node):
    """A mask of one value."""

    name = "SolidMask"
    category = "mask"
    inputs = {
        "value": decimal(1.0, 0.0, 1.0),
        "width": integer(512, 1, 16_384),
        "height": integer(512, 1, 16_384),
    }
    outputs = {"MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return it."""
        size = inputs["width"], inputs["height"]
        check_size(size)
        return (Mask(Image.new("L", size, round(255 * inputs["value"]))),)


class MaskComposite(Node):
    """Puts two masks together."""

    name = "MaskComposite"
    category = "mask"
    inputs = {
        "destination": link("MASK"),
        "source": link("MASK"),
        "x": integer(0, 0, 16_384),
        "y": integer(0, 0, 16_384),
        "operation": choice(("multiply", "add", "subtract", "and", "or", "xor")),
    }
    outputs = {"MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the first with the second laid on it at a place."""
        below, source = inputs["destination"].image, inputs["source"].image
        place = inputs["x"], inputs["y"]
        box = (*place, min(below.width, place[0] + source.width),
               min(below.height, place[1] + source.height))  # fmt: skip
        if box[2] <= box[0] or box[3] <= box[1]:
            return (Mask(below),)
        part = below.crop(box)
        over = source.crop((0, 0, *part.size))
        match inputs["operation"]:
            case "multiply" | "and":
                part = ImageChops.multiply(part, over)
            case "add" | "or":
                part = ImageChops.lighter(part, over)
            case "subtract":
                part = ImageChops.subtract(part, over)
            case _:
                part = ImageChops.difference(part, over)
        result = below.copy()
        result.paste(part, box[:2])
        return (Mask(result),)


class ImageToMask(Node):
    """Takes a channel of a picture as a mask."""

    name = "ImageToMask"
    title = "Convert Image to Mask"
    category = "mask"
    inputs = {"image": link("IMAGE"), "channel": choice(("red", "green", "blue", "alpha"))}
    outputs = {"MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the channel of the first picture; an opaque picture's transparency is white."""
        image = inputs["image"][0].image
        channel = inputs["channel"][0].upper()
        if channel == "A" and image.mode != "RGBA":
            return (Mask(Image.new("L", image.size, 255)),)
        return (Mask(image.convert("RGBA").getchannel(channel)),)


class MaskToImage(Node):
    """Shows a mask as a picture."""

    name = "MaskToImage"
    title = "Convert Mask to Image"
    category = "mask"
    inputs = {"mask": link("MASK")}
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return it, grey."""
        return ((Picture(pixels=inputs["mask"].image.convert("RGB")),),)


NODES = (InvertMask, GrowMask, SolidMask, MaskComposite, ImageToMask, MaskToImage)
